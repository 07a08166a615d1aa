"""Where her account is open, and how she closes what Paul opened."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import sittings
from alerts.models import Change, ChangeKind, Sitting, Victim
from tests.desks import signed_in, with_password
from tests.people import PASSWORD, make_karim, make_phone

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 15_8 like Mac OS X) AppleWebKit/605.1.15 Version/15.6 Safari/604.1"


def paul_with_her_password() -> Client:
    """Another browser, in which her password was typed."""
    paul = Client(headers={"user-agent": SAFARI})
    answer = paul.post(reverse("account_login"), {"login": "marie", "password": PASSWORD})
    assert answer["Location"] == reverse("alerts:profile")
    paul.get(reverse("alerts:profile"))
    return paul


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox, Android"),
        (SAFARI, "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/128.0 Safari/537.36 Edg/128.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/128.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Linux; Android 13) SamsungBrowser/23 Chrome/115 Mobile Safari/537", "Samsung Internet, Android"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_one_knows_it(agent: str, words: str) -> None:
    assert sittings.device(agent) == words


def test_she_sees_the_browser_in_which_paul_sits_and_no_address(marie: Victim) -> None:
    desk = with_password(marie.account)
    paul_with_her_password()

    page = desk.get(reverse("alerts:sessions")).content.decode()

    assert "Safari, iPhone" in page
    assert "Cet appareil" in page
    assert "127.0.0.1" not in page
    assert "127.0.0.1" not in str(Sitting.objects.values())


def test_she_ends_pauls_session_and_stays_herself(marie: Victim) -> None:
    desk = with_password(marie.account)
    paul = paul_with_her_password()
    other = Sitting.objects.get(device="Safari, iPhone")

    desk.post(reverse("alerts:session_end"), {"which": other.pk})

    assert paul.get(reverse("alerts:profile")).status_code == 302
    assert desk.get(reverse("alerts:profile")).status_code == 200


def test_she_ends_all_sessions_but_her_own(marie: Victim) -> None:
    desk = with_password(marie.account)
    others = [paul_with_her_password(), paul_with_her_password()]

    desk.post(reverse("alerts:session_end"), {"which": "others"})

    assert [one.get(reverse("alerts:profile")).status_code for one in others] == [302, 302]
    assert desk.get(reverse("alerts:profile")).status_code == 200


@pytest.mark.parametrize("which", ["", "x", "-1", "9" * 30, "²"])
def test_nonsense_ends_nothing(marie: Victim, which: str) -> None:
    desk = with_password(marie.account)
    paul = paul_with_her_password()

    desk.post(reverse("alerts:session_end"), {"which": which})

    assert paul.get(reverse("alerts:profile")).status_code == 200


def test_nobody_ends_the_session_of_another_account(marie: Victim) -> None:
    karim = signed_in(make_karim().account)
    karim.get(reverse("alerts:profile"))
    his = Sitting.objects.get()
    desk = with_password(marie.account)

    desk.post(reverse("alerts:session_end"), {"which": his.pk})

    assert karim.get(reverse("alerts:profile")).status_code == 200


def test_a_session_that_is_over_is_not_listed(marie: Victim) -> None:
    paul = paul_with_her_password()
    paul.get(reverse("alerts:exit"))
    desk = with_password(marie.account)

    assert "Safari, iPhone" not in desk.get(reverse("alerts:sessions")).content.decode().split("Ce qui a changé")[0]
    assert Sitting.objects.count() == 1


def test_a_sign_in_is_written_down_once(marie: Victim) -> None:
    paul = paul_with_her_password()
    paul.get(reverse("alerts:contacts"))

    change = Change.objects.get()
    assert (change.kind, change.detail) == (ChangeKind.SIGNED_IN, "Safari, iPhone")


def test_a_session_in_use_is_written_every_five_minutes_only(marie: Victim) -> None:
    now = timezone.now()
    sittings.note(marie.account, session_key="k", agent=FIREFOX, now=now)
    sittings.note(marie.account, session_key="k", agent=FIREFOX, now=now + timedelta(minutes=4))
    assert Sitting.objects.get().seen_at == now

    sittings.note(marie.account, session_key="k", agent=FIREFOX, now=now + timedelta(minutes=6))
    assert Sitting.objects.get().seen_at == now + timedelta(minutes=6)


def test_who_holds_no_session_leaves_no_row(marie: Victim) -> None:
    make_phone(marie)
    for path in ("/", "/phone/", "/legal/", "/account/login/", "/api/v1/alert"):
        Client().get(path)

    assert not Sitting.objects.exists()


def test_a_thousand_wrong_passwords_never_stop_the_button(marie: Victim, client: Client) -> None:
    token = "phone-token-of-marie"
    make_phone(marie, token=token)
    for _ in range(30):
        client.post(reverse("account_login"), {"login": "marie", "password": "devine"})

    answer = client.get("/api/v1/alert", headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == 200
