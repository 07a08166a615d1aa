"""How somebody comes into an account and back into it, and what Paul can do with her phone in his hand: nothing."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import entering
from alerts.models import Account, Advocate, Association, Change, ChangeKind, Invitation, RecoveryCode, Victim
from tests.desks import signed_in, with_password
from tests.people import PASSWORD, make_karim, make_marie

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NEW = "une autre phrase bien longue"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def karim() -> Advocate:
    """Karim with an application of codes."""
    advocate = make_karim()
    TOTP.activate(advocate.account, SECRET)
    return advocate


def written(page: str) -> str:
    """The code that a page shows."""
    found = re.search(r'paper"><code>([^<]+)<', page)
    assert found, page
    return found[1]


def sign_up(**typed: str) -> Client:
    client = Client()
    form = {"username": "lilas", "first_name": "Marie", "password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse("account_signup"), form | typed)
    return client


def come_back(code: str, password: str = NEW) -> str:
    form = {"code": code, "password1": password, "password2": password}
    return Client().post(reverse("account_reset_password"), form, follow=True).content.decode()


# ---- By invitation, or alone ----


def test_who_signs_up_alone_is_accompanied_by_nobody() -> None:
    sign_up()

    assert Victim.objects.get().association is None


def test_an_invitation_of_an_association_is_typed_once(karim: Advocate) -> None:
    desk = with_password(karim.account)
    code = written(desk.post(reverse("alerts:invite")).content.decode())

    sign_up(invitation=code.lower().replace("-", " "))
    sign_up(username="muguet", invitation=code)

    victim = Victim.objects.get()
    assert victim.association == karim.association
    assert Invitation.objects.get().victim == victim
    assert code.replace("-", "") not in str(Invitation.objects.values())


@pytest.mark.parametrize("code", ["ABCD-EFGH-JKMN", "x" * 60, "17"])
def test_an_invitation_that_nobody_drew_creates_nothing(code: str) -> None:
    sign_up(invitation=code)

    assert not Account.objects.exists()


def test_an_invitation_ends_after_two_weeks(karim: Advocate) -> None:
    code = entering.invite(karim, now=timezone.now() - timedelta(days=14, seconds=1))

    sign_up(invitation=code)

    assert not Victim.objects.exists()


def test_an_invitation_in_the_address_is_already_typed(karim: Advocate) -> None:
    page = Client().get(reverse("account_signup"), {"invitation": "ABCD-EFGH-JKMN"}).content.decode()

    assert 'value="ABCD-EFGH-JKMN"' in page


def test_an_advocate_without_a_second_factor_is_asked_for_one_first() -> None:
    desk = signed_in(make_karim().account)

    for name in ("alerts:accompanied", "alerts:invite"):
        assert desk.get(reverse(name))["Location"] == reverse("mfa_index")


def test_an_advocate_sees_pseudonyms_and_nothing_else_of_those_who_agreed(karim: Advocate) -> None:
    marie = make_marie()
    make_marie("muguet", relatives=())
    Victim.objects.filter(pk=marie.pk).update(association=karim.association)

    page = signed_in(karim.account).get(reverse("alerts:accompanied")).content.decode()

    assert "marie" in page
    assert "muguet" not in page
    assert "Marie" not in page
    assert "Nadia" not in page


# ---- Back in ----


def test_a_code_on_paper_lets_her_back_in_without_any_telephone() -> None:
    marie = make_marie()
    code = written(with_password(marie.account).post(reverse("alerts:recovery")).content.decode())

    page = come_back(code.lower().replace("-", " "))

    marie.account.refresh_from_db()
    assert marie.account.check_password(NEW)
    assert "Votre pseudonyme est marie." in page
    assert code.replace("-", "") not in str(RecoveryCode.objects.values())


def test_a_code_works_once_and_another_one_replaces_it() -> None:
    marie = make_marie()
    first = entering.draw_paper(marie, now=timezone.now())
    second = entering.draw_paper(marie, now=timezone.now())

    assert "pas reconnu" in come_back(first)
    assert "Votre pseudonyme" in come_back(second)
    assert "pas reconnu" in come_back(second, "encore une phrase bien longue")
    marie.account.refresh_from_db()
    assert marie.account.check_password(NEW)


def test_coming_back_ends_the_session_of_whoever_sat_there() -> None:
    marie = make_marie()
    paul = signed_in(marie.account)
    assert paul.get(reverse("alerts:profile")).status_code == 200

    come_back(entering.draw_paper(marie, now=timezone.now()))

    assert paul.get(reverse("alerts:profile")).status_code == 302


def test_who_finds_the_paper_still_meets_the_second_factor() -> None:
    marie = make_marie()
    TOTP.activate(marie.account, SECRET)

    come_back(entering.draw_paper(marie, now=timezone.now()))

    answer = Client().post(reverse("account_login"), {"login": "marie", "password": NEW})
    assert answer["Location"].startswith(reverse("mfa_authenticate"))


def test_face_to_face_her_advocate_lets_her_in_though_all_is_lost(karim: Advocate) -> None:
    marie = make_marie()
    Victim.objects.filter(pk=marie.pk).update(association=karim.association)
    TOTP.activate(marie.account, SECRET)
    desk = with_password(karim.account)
    code = written(desk.post(reverse("alerts:help_in", args=[marie.pk])).content.decode())

    page = come_back(code)

    assert "La deuxième vérification est retirée" in page
    assert not Authenticator.objects.filter(user=marie.account).exists()
    kinds = list(Change.objects.filter(victim=marie).order_by("pk").values_list("kind", flat=True))
    assert kinds == [ChangeKind.RECOVERY, ChangeKind.RECOVERED]


def test_the_code_of_an_advocate_lives_half_an_hour(karim: Advocate) -> None:
    marie = make_marie()
    Victim.objects.filter(pk=marie.pk).update(association=karim.association)
    marie.refresh_from_db()
    code = entering.draw_with_advocate(karim, marie, now=timezone.now() - timedelta(minutes=30, seconds=1))

    assert "pas reconnu" in come_back(code)


def test_an_advocate_of_another_association_lets_nobody_in(karim: Advocate) -> None:
    marie = make_marie()
    Victim.objects.filter(pk=marie.pk).update(association=Association.objects.create(name="Autre"))
    marie.refresh_from_db()

    assert with_password(karim.account).post(reverse("alerts:help_in", args=[marie.pk])).status_code == 404
    with pytest.raises(entering.NotAccompaniedError):
        entering.draw_with_advocate(karim, marie, now=timezone.now())


def test_a_forged_code_an_old_one_and_one_of_nobody_read_the_same() -> None:
    marie = make_marie()
    used = entering.draw_paper(marie, now=timezone.now())
    come_back(used)

    pages = {re.sub(r'value="[^"]*"', "", come_back(code)) for code in (used, "ABCDE-FGHJK-MNPQR-STUVW-XYZ23")}

    assert len(pages) == 1


def test_guessing_codes_is_slowed_down() -> None:
    marie = make_marie()
    code = entering.draw_paper(marie, now=timezone.now())
    for _ in range(20):
        come_back("ABCDE-FGHJK-MNPQR-STUVW-XYZ23")

    come_back(code)

    marie.account.refresh_from_db()
    assert marie.account.check_password(PASSWORD)


@pytest.mark.parametrize("password", ["court", "password1234", "marie"])
def test_a_weak_password_is_refused_and_the_code_stays_good(password: str) -> None:
    marie = make_marie()
    code = entering.draw_paper(marie, now=timezone.now())

    come_back(code, password)

    assert "Votre pseudonyme" in come_back(code)
