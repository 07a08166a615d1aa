"""Sign-up, sign-in, and what a stranger or Paul learns from them: nothing."""

import re
from datetime import UTC, datetime

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import get_user
from django.core.cache import cache
from django.http import HttpRequest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from alerts.models import Account, Victim
from tests.desks import signed_in, with_password
from tests.people import PASSWORD, make_marie

pytestmark = pytest.mark.django_db
SIGN_UP = {
    "username": "lilas",
    "first_name": "Marie",
    "password1": "une phrase longue et calme",
    "password2": "une phrase longue et calme",
}


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def is_signed_in(client: Client) -> bool:
    request = HttpRequest()
    request.session = client.session
    return bool(get_user(request).is_authenticated)


def anonymous(page: str) -> str:
    """The page without its form token and without what was typed."""
    return re.sub(r'(name="csrfmiddlewaretoken" value|name="login" value)="[^"]*"', "", page)


def test_signing_up_needs_no_mail_address_and_creates_her_record() -> None:
    client = Client()

    answer = client.post(reverse("account_signup"), SIGN_UP)

    victim = Victim.objects.get()
    assert re.fullmatch(r"lilas-\d{4}", victim.account.username)
    assert answer["Location"] == reverse("alerts:profile")
    assert victim.name == "Marie"
    assert victim.account.email == ""
    assert is_signed_in(client)
    assert f"Votre pseudonyme est {victim.account.username}." in client.get(reverse("alerts:profile")).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"first_name": ""}, {"password1": "court", "password2": "court"}, {"first_name": "Ma\u202erie"}]
)
def test_half_a_sign_up_creates_nothing(wrong: dict[str, str]) -> None:
    Client().post(reverse("account_signup"), SIGN_UP | wrong)

    assert not Account.objects.exists()
    assert not Victim.objects.exists()


def test_nobody_learns_from_a_sign_up_that_a_pseudonym_is_in_use() -> None:
    """Paul tries the words that Marie likes: each of them is accepted, taken or not, and becomes another account."""
    make_marie("lilas", relatives=())

    for word in ("lilas", "lilas", "muguet"):
        answer = Client().post(reverse("account_signup"), SIGN_UP | {"username": word})
        assert answer["Location"] == reverse("alerts:profile")

    names = sorted(Account.objects.values_list("username", flat=True))
    assert len(set(names)) == 4
    assert [name.rstrip("0123456789") for name in names] == ["lilas", "lilas-", "lilas-", "muguet-"]


def test_a_forbidden_pseudonym_is_refused_in_plain_words() -> None:
    page = Client().post(reverse("account_signup"), SIGN_UP | {"username": "lilas 48 !"}).content.decode()

    assert "Ce pseudonyme ne peut pas être choisi" in page
    assert not Account.objects.exists()


def test_a_wrong_password_and_an_unknown_pseudonym_read_the_same() -> None:
    make_marie()

    wrong = Client().post(reverse("account_login"), {"login": "marie", "password": "devine"})
    unknown = Client().post(reverse("account_login"), {"login": "jeanne", "password": "devine"})

    assert wrong.status_code == unknown.status_code == 200
    assert anonymous(wrong.content.decode()) == anonymous(unknown.content.decode())
    assert "Pseudonyme" in wrong.content.decode()


def test_she_signs_in_by_pseudonym_and_the_session_ends_with_the_browser() -> None:
    make_marie()
    client = Client()

    answer = client.post(reverse("account_login"), {"login": "marie", "password": PASSWORD})

    assert answer["Location"] == reverse("alerts:profile")
    assert answer.cookies["session"]["max-age"] == ""
    assert answer.cookies["session"]["httponly"]


def test_guessing_passwords_is_slowed_down() -> None:
    make_marie()
    client = Client()
    for _ in range(12):
        client.post(reverse("account_login"), {"login": "marie", "password": "devine"})

    client.post(reverse("account_login"), {"login": "marie", "password": PASSWORD})

    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "path",
    ["email/", "confirm-email/", "confirm-email/x/", "password/reset/key/1-x/", "password/reset/done/", "login/code/"],
)
def test_a_page_of_the_library_that_nobody_needs_does_not_exist(path: str) -> None:
    assert signed_in(make_marie().account).get(f"/account/{path}").status_code == 404


def test_there_is_no_address_page_to_link_to() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("account_email")


@pytest.mark.parametrize(
    "name",
    [
        "account_change_password",
        "account_logout",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_generate_recovery_codes",
    ],
)
def test_every_account_page_wears_our_clothes(name: str) -> None:
    answer = with_password(make_marie().account).get(reverse(name), follow=True)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<title>Carnet</title>" in page
    assert "quick-exit" in page
    assert "placeholder=" not in page
    assert "Menu:" not in page


def test_a_forgotten_password_sends_no_link_and_says_why() -> None:
    page = Client().post(reverse("account_reset_password"), {"email": "marie@example.org"})

    assert page.status_code == 200
    assert "n'envoie pas de lien" in page.content.decode()


def test_changing_the_password_asks_the_old_one() -> None:
    marie = make_marie()
    desk = signed_in(marie.account)
    new = {"password1": "une autre phrase bien longue", "password2": "une autre phrase bien longue"}

    desk.post(reverse("account_change_password"), new | {"oldpassword": "devine"})
    marie.account.refresh_from_db()
    assert marie.account.check_password(PASSWORD)

    desk.post(reverse("account_change_password"), new | {"oldpassword": PASSWORD})
    marie.account.refresh_from_db()
    assert marie.account.check_password(new["password1"])


def test_paul_at_an_open_session_adds_no_second_factor_of_his() -> None:
    session = signed_in(make_marie().account)

    for name in ("mfa_activate_totp", "mfa_add_webauthn"):
        answer = session.get(reverse(name))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_reauthenticate"))


def test_with_an_application_of_codes_the_password_alone_does_not_enter() -> None:
    marie = make_marie()
    desk = with_password(marie.account)
    page = desk.get(reverse("mfa_activate_totp")).content.decode()
    found = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert found is not None
    secret = found[1]
    desk.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})

    client = Client()
    answer = client.post(reverse("account_login"), {"login": "marie", "password": PASSWORD})

    assert answer["Location"].startswith(reverse("mfa_authenticate"))
    assert not is_signed_in(client)
    assert "Deuxième vérification" in client.get(reverse("mfa_authenticate")).content.decode()
    cache.clear()  # a code is taken once: forget that this one was
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert is_signed_in(client)


def code_of(secret: str) -> str:
    """The code that an application shows (RFC 6238)."""
    counter = int(datetime.now(tz=UTC).timestamp()) // 30
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def test_leaving_by_the_door_says_that_the_button_goes_on() -> None:
    desk = signed_in(make_marie().account)
    assert "continuent de fonctionner" in desk.get(reverse("account_logout")).content.decode()

    desk.post(reverse("account_logout"))

    assert not is_signed_in(desk)
