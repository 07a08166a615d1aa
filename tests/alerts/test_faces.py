"""The dull name and icon of her choice: on the site, on her telephone, in what is written to her."""

import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import disguises, enrolment
from alerts.domain.disguises import Disguise, Exit, Face
from alerts.models import Victim
from tests.desks import with_password
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db
SHOPPING = {"disguise": "shopping", "exit_to": "encyclopedia"}


@pytest.fixture
def desk(marie: Victim) -> Client:
    return with_password(marie.account)


def test_her_choice_is_on_every_page_from_then_on(marie: Victim, desk: Client) -> None:
    desk.post(reverse("alerts:face"), SHOPPING)

    marie.refresh_from_db()
    assert (marie.disguise, marie.exit_to) == ("shopping", "encyclopedia")
    for path in ("/profile/", "/account/password/change/", "/legal/"):
        page = desk.get(path).content.decode()
        assert "<title>Courses</title>" in page, path
        assert "icons/shopping.svg" in page, path
        assert "Carnet</a>" not in page, path


def test_the_sign_in_of_her_browser_remembers_it_after_the_exit(desk: Client) -> None:
    desk.post(reverse("alerts:face"), SHOPPING)

    assert desk.get(reverse("alerts:exit"))["Location"] == "https://fr.wikipedia.org/"
    assert "<title>Courses</title>" in desk.get(reverse("account_login")).content.decode()


def test_another_browser_of_hers_wears_it_from_the_sign_in_on(marie: Victim) -> None:
    Victim.objects.update(**SHOPPING)
    browser = Client()

    browser.post(reverse("account_login"), {"login": "marie", "password": PASSWORD})

    assert "<title>Courses</title>" in browser.get(reverse("alerts:profile")).content.decode()


def test_a_telephone_wears_it_once_it_is_paired(marie: Victim) -> None:
    Victim.objects.update(**SHOPPING)
    telephone = Client()
    code = enrolment.draw_pairing_code(marie, now=timezone.now())

    answer = telephone.post("/api/v1/pair", {"code": code}, content_type="application/json")

    assert answer.status_code == 201
    page = telephone.get("/phone/").content.decode()
    assert "<title>Courses</title>" in page
    link = re.search(r'rel="manifest" href="([^"]+)"', page)
    assert link
    manifest = Client().get(link[1]).json()  # browsers ask for it without cookies
    assert manifest["name"] == "Courses"
    assert all("shopping" in icon["src"] for icon in manifest["icons"])
    assert manifest["id"] == "/phone/"


def test_the_worker_of_her_telephone_keeps_the_page_that_it_shows(marie: Victim) -> None:
    del marie
    plain, dressed = Client(), Client()
    dressed.cookies["face"] = "weather.news"

    kept = [json.loads(one.get("/phone/sw.js").content.split(b" = ")[1].split(b";\n")[0]) for one in (plain, dressed)]

    assert kept[0]["version"] != kept[1]["version"]
    assert any("weather" in name for name in kept[1]["files"])


def test_an_application_of_codes_shows_the_same_name(marie: Victim, desk: Client) -> None:
    Victim.objects.filter(pk=marie.pk).update(**SHOPPING)

    assert "issuer=Courses" in desk.get(reverse("mfa_activate_totp")).context["totp_url"]


@pytest.mark.parametrize("disguise", list(Disguise))
def test_every_face_has_all_its_icons(disguise: Disguise) -> None:
    for ending in (".svg", "-180.png", "-192.png", "-512.png", "-full.png"):
        assert finders.find(f"{Face(disguise=disguise).icon}{ending}"), ending


@pytest.mark.parametrize("cookie", ["", ".", "x.y", "notes", "notes.", "<script>.weather", "a" * 4000])
def test_a_cookie_that_somebody_wrote_is_the_plain_face(cookie: str) -> None:
    assert disguises.read(cookie).exit_to is Exit.WEATHER
    assert disguises.read(cookie).disguise is Disguise.NOTES


@pytest.mark.parametrize("wrong", [{"disguise": "sherif"}, {"exit_to": "https://paul.example/"}])
def test_only_what_is_listed_can_be_chosen(marie: Victim, desk: Client, wrong: dict[str, str]) -> None:
    page = desk.post(reverse("alerts:face"), SHOPPING | wrong)

    marie.refresh_from_db()
    assert page.status_code == 200
    assert marie.disguise == ""
