"""Her own pages: what is missing, who she is, her codes, what a long press does."""

import html
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import check_password
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import alerting, entering, her_drills, profile
from alerts.models import Account, Alert, Victim
from alerts.states import Gesture
from tests.desks import signed_in, with_password
from tests.people import DURESS_PIN, NADIA, PASSWORD, PIN, make_karim, make_phone

pytestmark = pytest.mark.django_db
FROZEN = "ne peuvent pas changer en ce moment"
CHANGING = (
    "alerts:about",
    "alerts:codes",
    "alerts:gestures",
    "alerts:messages",
    "alerts:contact_add",
    "alerts:face",
    "alerts:safe_address",
    "alerts:recovery",
    "alerts:session_end",
    "responders:her_sheet",
)
FACE = {"disguise": "shopping", "exit_to": "recipes"}
ABOUT = {
    "name": "Marie-Ange",
    "phone_number": "06 39 98 00 77",
    "phone_allowed": "on",
    "language": "fr",
    "time_zone": "Indian/Reunion",
}


@pytest.fixture
def desk(marie: Victim) -> Client:
    return with_password(marie.account)


def twice(code: str, duress_code: str) -> dict[str, str]:
    """Both codes, each typed twice."""
    return {"code": code, "code_again": code, "duress_code": duress_code, "duress_code_again": duress_code}


def open_alert(victim: Victim) -> None:
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.LONG, clicked_at=now, sent_at=now)
    alerting.receive_click(make_phone(victim), report, now=now)


def test_a_new_account_reads_what_is_still_missing() -> None:
    account = Account.objects.create_user("lilas-48", PASSWORD)
    Victim.objects.create(account=account, name="Marie")

    page = signed_in(account).get(reverse("alerts:profile")).content.decode()

    missing = ("contact_add", "codes", "phones", "about", "messages", "recovery", "safe_address")
    assert "Il reste à faire" in page
    assert all(f'<li><a href="{reverse(f"alerts:{name}")}">' in page for name in missing)
    assert f'<li><a href="{reverse("responders:her_sheet")}">' in page


def test_a_complete_profile_says_so(marie: Victim) -> None:
    now = timezone.now()
    make_phone(marie)
    Victim.objects.update(
        home="12 rue des Lombards", text_prevention="Gardez votre téléphone.", safe_email="soeur@example.org", **FACE
    )
    entering.draw_paper(marie, now=now)
    her_drills.end(her_drills.start(marie, gesture=Gesture.DOUBLE, now=now), now=now)

    page = signed_in(marie.account).get(reverse("alerts:profile")).content.decode()

    assert "Tout est prêt" in page
    assert "Il reste à faire" not in page


@pytest.mark.parametrize("page", CHANGING)
def test_every_change_asks_the_password_again(marie: Victim, page: str) -> None:
    session = signed_in(marie.account)

    for answer in (session.get(reverse(page)), session.post(reverse(page), ABOUT)):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_reauthenticate"))


def test_the_password_given_again_lasts_five_minutes(marie: Victim, desk: Client) -> None:
    assert desk.get(reverse("alerts:codes")).status_code == 200

    session = desk.session
    for record in session["account_authentication_methods"]:
        record["at"] -= timedelta(minutes=5, seconds=1).total_seconds()
    session.save()

    assert desk.get(reverse("alerts:codes")).status_code == 302


@pytest.mark.parametrize("page", ["alerts:profile", "alerts:contacts", "alerts:phones", *CHANGING])
def test_a_stranger_is_sent_to_the_sign_in(page: str) -> None:
    answer = Client().get(reverse(page))

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("page", ["alerts:contacts", "alerts:phones", *CHANGING])
def test_an_advocate_has_no_such_page(marie: Victim, page: str) -> None:
    karim = with_password(make_karim().account)

    assert karim.get(reverse(page)).status_code == 404
    assert karim.post(reverse(page), ABOUT).status_code in {404, 405}
    marie.refresh_from_db()
    assert marie.name == "Marie"


def test_an_advocate_who_signs_in_reads_nothing_of_any_victim(marie: Victim) -> None:
    page = signed_in(make_karim().account).get(reverse("alerts:profile"))

    assert page.status_code == 200
    assert "Marie" not in page.content.decode()
    assert "Nadia" not in page.content.decode()


def test_she_says_who_she_is_and_times_follow_her_zone(marie: Victim, desk: Client) -> None:
    desk.post(reverse("alerts:about"), ABOUT)

    marie.refresh_from_db()
    assert (marie.name, marie.phone_number, marie.phone_allowed) == ("Marie-Ange", "+33639980077", True)
    assert marie.time_zone == "Indian/Reunion"


def test_her_pages_and_the_account_pages_speak_her_language(marie: Victim, desk: Client) -> None:
    desk.post(reverse("alerts:about"), ABOUT | {"language": "en"})

    assert 'lang="en"' in desk.get(reverse("alerts:profile")).content.decode()
    assert 'lang="en"' in desk.get(reverse("account_change_password")).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"phone_number": "17"},
        {"phone_number": NADIA.phone_number},
        {"time_zone": "Mars/Olympus"},
        {"language": "xx"},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(marie: Victim, desk: Client, wrong: dict[str, str]) -> None:
    page = desk.post(reverse("alerts:about"), ABOUT | wrong)

    marie.refresh_from_db()
    assert page.status_code == 200
    assert 'class="error"' in page.content.decode()
    assert marie.name == "Marie"


def test_she_chooses_two_codes_that_are_kept_as_hashes(marie: Victim, desk: Client) -> None:
    desk.post(reverse("alerts:codes"), twice("2580", "86420135"))

    marie.refresh_from_db()
    assert check_password("2580", marie.pin_hash)
    assert check_password("86420135", marie.duress_pin_hash)
    assert "2580" not in marie.pin_hash


@pytest.mark.parametrize(
    "codes",
    [
        ("2580", "2580"),
        ("258", "8642"),
        ("258013579", "8642"),
        ("25a0", "8642"),
        ("1234", "8642"),
        ("8642", "9876"),
        ("8642", "0000"),
        ("8642", "1212"),
        ("8642", "7890"),
        ("²³¹⁴", "8642"),
        ("", "8642"),
    ],
)
def test_a_code_that_somebody_would_try_first_is_refused(marie: Victim, desk: Client, codes: tuple[str, str]) -> None:
    page = desk.post(reverse("alerts:codes"), twice(*codes))

    marie.refresh_from_db()
    assert page.status_code == 200
    assert check_password(PIN, marie.pin_hash)
    assert check_password(DURESS_PIN, marie.duress_pin_hash)
    assert 'value="8642"' not in page.content.decode()


@pytest.mark.parametrize("slip", ["code_again", "duress_code_again"])
def test_a_finger_that_slips_on_a_code_is_noticed(marie: Victim, desk: Client, slip: str) -> None:
    page = desk.post(reverse("alerts:codes"), twice("2580", "8642") | {slip: "2581"})

    marie.refresh_from_db()
    assert "tapez-le de nouveau" in html.unescape(page.content.decode())
    assert check_password(PIN, marie.pin_hash)


def test_the_codes_refuse_themselves_whoever_calls(marie: Victim) -> None:
    for code, duress_code in (("1111", "2580"), ("2580", "2580")):
        with pytest.raises(profile.CodeRefusedError):
            profile.set_codes(marie, code=code, duress_code=duress_code, now=timezone.now())


def test_paul_cannot_replace_her_codes_during_an_alert_even_with_her_password(marie: Victim, desk: Client) -> None:
    open_alert(marie)

    page = desk.post(reverse("alerts:codes"), twice("2580", "8642"), follow=True)

    marie.refresh_from_db()
    assert FROZEN in page.content.decode()
    assert check_password(PIN, marie.pin_hash)


def test_codes_never_stand_in_clear_in_a_session_that_waits_for_the_password(marie: Victim) -> None:
    session = signed_in(marie.account)

    session.post(reverse("alerts:codes"), twice("2580", "86420135"))

    stored = [str(row.get_decoded()) for row in Session.objects.all()]
    assert any("held" in text for text in stored)
    assert not any("86420135" in text for text in stored)


def test_a_long_press_does_what_she_chose(marie: Victim, desk: Client) -> None:
    desk.post(reverse("alerts:gestures"), {"siren": "on"})

    marie.refresh_from_db()
    assert (marie.siren, marie.recording) == (True, False)


def test_an_alert_lasts_no_longer_than_she_allows(marie: Victim, desk: Client) -> None:
    desk.post(reverse("alerts:gestures"), {"siren": "on", "alert_hours": "4"})

    marie.refresh_from_db()
    open_alert(marie)
    alert = Alert.objects.get()
    assert marie.alert_hours == 4
    assert alert.expires_at - alert.opened_at == timedelta(hours=4)


@pytest.mark.parametrize("hours", ["0", "13", "-1", "x"])
def test_an_alert_never_lasts_longer_than_the_installation_allows(marie: Victim, desk: Client, hours: str) -> None:
    page = desk.post(reverse("alerts:gestures"), {"alert_hours": hours})

    marie.refresh_from_db()
    assert page.status_code == 200
    assert marie.alert_hours is None


@pytest.mark.parametrize(
    "page", ["alerts:about", "alerts:gestures", "alerts:messages", "alerts:face", "alerts:safe_address"]
)
def test_during_an_alert_her_settings_stand_still(marie: Victim, desk: Client, page: str) -> None:
    open_alert(marie)
    before = Victim.objects.values().get(pk=marie.pk)

    answer = desk.post(reverse(page), ABOUT | FACE | {"siren": "on", "text_alarm": "Tout va bien."}, follow=True)

    assert FROZEN in answer.content.decode()
    assert Victim.objects.values().get(pk=marie.pk) == before


def test_no_page_of_hers_says_that_an_alert_is_open(marie: Victim, desk: Client) -> None:
    """Paul reads over her shoulder: a silent alarm stays silent on the screen of her computer."""
    quiet = [desk.get(reverse(name)).content.decode() for name in ("alerts:profile", "alerts:contacts")]
    make_phone(marie, token="second", osmand_id="second")
    with_phone = desk.get(reverse("alerts:profile")).content.decode()
    open_alert(marie)
    loud = [desk.get(reverse(name)).content.decode() for name in ("alerts:profile", "alerts:contacts")]

    assert loud[0] == with_phone
    assert [line for line in loud[1].splitlines() if "csrf" not in line] == [
        line for line in quiet[1].splitlines() if "csrf" not in line
    ]
