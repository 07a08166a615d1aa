"""Pages that anybody may read, and the way out."""

import html
import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from alerts.domain import demonstration
from sherif_web import env
from tests.desks import signed_in
from tests.people import make_marie

pytestmark = pytest.mark.django_db
TEXTS = ("alerts:limits", "alerts:legal", "alerts:accessibility", "alerts:privacy")
PUBLIC = ("alerts:home", "account_login", "account_signup", "account_reset_password", *TEXTS)


def real() -> env.Environment:
    """A public installation beside a real telephone network."""
    return env.read(
        {
            "SHERIF_PUBLIC_URL": "https://sos.example",
            "SHERIF_TELEPHONY": "twilio",
            "SHERIF_SECRET_KEY": "k" * 50,
            "SHERIF_FIELD_KEYS": settings.SHERIF.field_keys[0],
        }
    )


def read(name: str, client: Client | None = None) -> str:
    return (client or Client()).get(reverse(name)).content.decode()


def title(page: str) -> str:
    found = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page_has_a_dull_title_and_the_quick_exit(name: str) -> None:
    page = read(name)

    assert title(page) == "Carnet"
    assert f'href="{reverse("alerts:exit")}"' in page
    assert "quick-exit" in page
    assert "js/parts/exit" in page


def test_who_arrives_at_a_real_installation_reads_nothing_of_alerts(settings: Settings) -> None:
    settings.SHERIF = real()

    page = read("alerts:home").lower()

    for word in ("alerte", "sherif", "shérif", "danger", "police", "proche", "démonstration", "marie"):
        assert word not in page
    assert reverse("account_login") in page


def test_a_demonstration_explains_itself_and_where_to_click() -> None:
    drawn = demonstration.create()

    page = read("alerts:home")

    assert "Le système ne prévient pas la police." in page
    assert all(f'href="{path}"' in page for path in ("/outbox/", "/phone/"))
    assert drawn.victim.password in page


def test_the_passwords_of_a_demonstration_never_leave_it(settings: Settings) -> None:
    drawn = demonstration.create()
    settings.SHERIF = real()

    assert drawn.victim.password not in read("alerts:home")


def test_the_quick_exit_ends_the_session_and_goes_to_the_weather() -> None:
    desk = signed_in(make_marie().account)

    answer = desk.get(reverse("alerts:exit"))

    assert answer.status_code == 302
    assert answer["Location"] == "https://meteofrance.com/"
    assert answer["Cache-Control"] == "no-store"
    request = HttpRequest()
    request.session = desk.session
    assert not get_user(request).is_authenticated


def test_the_quick_exit_leads_where_she_wanted() -> None:
    browser = Client()
    browser.cookies["face"] = "shopping.recipes"

    assert browser.get(reverse("alerts:exit"))["Location"] == "https://www.marmiton.org/"
    browser.cookies["face"] = "x.https://paul.example/"
    assert browser.get(reverse("alerts:exit"))["Location"] == "https://meteofrance.com/"


def test_the_quick_exit_leads_away_though_the_record_does_not_answer() -> None:
    desk = signed_in(make_marie().account)

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("DELETE"):
            raise DatabaseError
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        answer = desk.get(reverse("alerts:exit"))

    assert answer["Location"] == "https://meteofrance.com/"
    assert answer.cookies["session"].value == ""


def test_the_quick_exit_of_a_relative_closes_the_alert_in_that_browser() -> None:
    browser = Client()
    browser.cookies["visit"] = "k" * 43

    assert browser.get(reverse("alerts:exit")).cookies["visit"].value == ""


def test_what_is_not_erased_is_said_before_on_every_page_with_the_exit() -> None:
    for name in PUBLIC:
        page = read(name)
        assert 'aria-describedby="exit-note"' in page
        assert "L'historique du navigateur reste." in html.unescape(page)


def test_the_limits_are_read_before_the_sign_up() -> None:
    page = html.unescape(read("alerts:limits"))

    assert f'href="{reverse("alerts:limits")}"' in read("alerts:home")
    assert f'href="{reverse("alerts:limits")}"' in read("account_signup")
    assert f'href="{reverse("account_signup")}"' in page
    assert "Il ne prévient pas la police" in page
    assert 'href="tel:17"' in page


def test_a_stranger_may_leave_too() -> None:
    assert Client().get(reverse("alerts:exit")).status_code == 302


def test_the_legal_notice_says_who_warns_the_police() -> None:
    page = read("alerts:legal")

    assert "Il ne prévient ni la police" in page
    assert 'href="tel:17"' in page


def test_the_privacy_notice_gives_the_durations_of_the_settings(settings: Settings) -> None:
    settings.KEEPING = {
        "positions_days": 12,
        "deliveries_days": 1,
        "drills_days": 3,
        "alerts_days": 400,
        "removed_days": 5,
    }

    page = read("alerts:privacy")

    assert "12 jours après sa fin" in page
    assert "1 jour<" in page
    assert "3 jours" in page
    assert "400 jours" in page
    assert "5 jours" in page
    assert "L'historique du navigateur n'est pas effacé." in page


def test_the_accessibility_statement_does_not_claim_an_audit() -> None:
    page = read("alerts:accessibility")

    assert "non conforme" in page
    assert "lecteur d'écran" in page


def test_an_absent_page_is_plain_and_has_the_exit_too() -> None:
    answer = Client().get("/nothing/here/")

    assert answer.status_code == 404
    assert "quick-exit" in answer.content.decode()
    assert "17" in answer.content.decode()
