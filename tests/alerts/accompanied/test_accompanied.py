"""An association comes, hears of what is silent as far as she ticked, and goes."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import accompanying, entering, her_drills
from alerts.models import (
    Account,
    Advocate,
    Change,
    ChangeKind,
    Delivery,
    Phone,
    RecoveryCode,
    Victim,
)
from alerts.states import AlertState, DeliveryState, Gesture
from tests.alerts.accompanied.scenes import ALL, address, ticks
from tests.desks import signed_in, with_password
from tests.people import PASSWORD, make_karim, make_marie
from tests.responders.intruder import click

pytestmark = pytest.mark.django_db
# ---- What is silent ----


@pytest.fixture
def silent(marie: Victim, phone: Phone) -> Victim:
    """Her telephone was not seen for nine days, and nothing reaches Nadia."""
    long_ago = timezone.now() - timedelta(days=9)
    drill = her_drills.start(marie, gesture=Gesture.DOUBLE, now=timezone.now())
    Delivery.objects.filter(contact__rank=1).update(state=DeliveryState.FAILED, error_code="30005")
    her_drills.end(drill, now=timezone.now())
    Phone.objects.filter(pk=phone.pk).update(seen_at=long_ago, paired_at=long_ago)
    return marie


def listed(desk: Client) -> str:
    return desk.get(reverse("alerts:accompanied")).content.decode()


def test_nothing_is_said_of_somebody_who_did_not_agree(silent: Victim, desk: Client) -> None:
    assert "marie" in listed(desk)
    assert "ne marche plus" not in listed(desk)
    assert "Rien à signaler" not in listed(desk)


def test_karim_reads_what_is_silent_without_the_names_of_relatives(silent: Victim, desk: Client) -> None:
    ticks(silent, advocate_silences=True)

    page = listed(desk)

    assert "Quelque chose ne marche plus" in page
    assert "Pixel : pas vu depuis 9 jours" in page
    assert "1 proche : rien ne lui parvient." in page
    assert "Nadia" not in page


def test_with_the_names_he_reads_whom_to_ask_after(silent: Victim, desk: Client) -> None:
    ticks(silent, advocate_silences=True, advocate_names=True)

    assert "Nadia : rien ne lui parvient." in listed(desk)


def test_who_needs_a_look_stands_first(silent: Victim, karim: Advocate, desk: Client) -> None:
    ticks(silent, advocate_silences=True)
    Victim.objects.create(
        account=Account.objects.create_user("amina", PASSWORD), name="A", association=karim.association
    )

    page = listed(desk)

    assert page.index("marie") < page.index("amina")


# ---- Coming and going ----


def test_a_tick_of_hers_is_asked_with_the_password_and_announced(marie: Victim) -> None:
    form = {"advocate_drills": "on", "advocate_names": "on"}
    refused = signed_in(marie.account).post(reverse("alerts:sharing"), form)
    assert "/reauthenticate/" in refused["Location"]

    with_password(marie.account).post(reverse("alerts:sharing"), form)

    marie.refresh_from_db()
    assert (marie.advocate_drills, marie.advocate_silences, marie.advocate_names) == (True, False, True)
    assert Change.objects.filter(kind=ChangeKind.ASSOCIATION).count() == 1


def test_she_leaves_and_nothing_of_hers_is_open_to_them_any_more(marie: Victim, karim: Advocate, desk: Client) -> None:
    ticks(marie, **ALL)
    code = entering.draw_with_advocate(karim, marie, now=timezone.now())

    with_password(marie.account).post(reverse("alerts:sharing_leave"))

    marie.refresh_from_db()
    assert marie.association is None
    assert not any(getattr(marie, name) for name in accompanying.NOTHING)
    assert "marie" not in listed(desk)
    assert not RecoveryCode.objects.exists()
    with pytest.raises(entering.UnknownCodeError):
        entering.recovery_of(code, now=timezone.now())


def test_she_joins_by_a_code_and_ticks_anew(marie: Victim, karim: Advocate) -> None:
    ticks(marie, **ALL)
    hers = with_password(marie.account)
    hers.post(reverse("alerts:sharing_leave"))
    for _ in range(2):  # and once more later: an invitation of before stands in nobody's way
        code = entering.invite(karim, now=timezone.now())
        answer = hers.post(reverse("alerts:sharing_join"), {"invitation": code.lower()})
        assert answer["Location"] == reverse("alerts:sharing")
        marie.refresh_from_db()
        assert marie.association == karim.association
        assert not any(getattr(marie, name) for name in accompanying.NOTHING)
        hers.post(reverse("alerts:sharing_leave"))


def test_a_wrong_code_joins_nobody_and_guesses_are_few() -> None:
    leila = make_marie("leila", relatives=())
    hers = with_password(leila.account)
    karim = make_karim()
    for _ in range(20):
        page = hers.post(reverse("alerts:sharing_join"), {"invitation": "ABCD-EFGH-JKMN"}).content.decode()
        assert "pas reconnu" in page

    right = entering.invite(karim, now=timezone.now())
    page = hers.post(reverse("alerts:sharing_join"), {"invitation": right}).content.decode()

    assert "pas reconnu" in page
    leila.refresh_from_db()
    assert leila.association is None


def test_she_takes_it_back_in_the_middle_of_a_drill_that_karim_began(
    marie: Victim, karim: Advocate, desk: Client
) -> None:
    ticks(marie, **ALL)
    drill = her_drills.start(marie, gesture=Gesture.DOUBLE, now=timezone.now(), advocate=karim)

    with_password(marie.account).post(reverse("alerts:sharing"), {})

    assert desk.get(address("accompanied_drill", marie, drill)).status_code == 404
    drill.refresh_from_db()
    assert drill.state == AlertState.OPEN, "her relatives are not told twice; she ends it herself"


def test_during_an_alert_nothing_of_this_changes(marie: Victim, phone: Phone) -> None:
    click(phone)
    hers = with_password(marie.account)

    hers.post(reverse("alerts:sharing"), {"advocate_drills": "on"})
    hers.post(reverse("alerts:sharing_leave"))

    marie.refresh_from_db()
    assert marie.association is not None
    assert not marie.advocate_drills
