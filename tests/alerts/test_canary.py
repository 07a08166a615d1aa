"""The operator's own drill goes the whole way, every few minutes, and nobody else hears of it."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from alerts.domain import auditing, beats, canary, deliveries, drilling
from alerts.domain.canary import Standing
from alerts.domain.sending import Sender, own_connections
from alerts.models import Account, Alert, Contact, Delivery, Event, Finding, Phone
from alerts.providers.base import Standing as Told
from alerts.providers.console import ConsoleProvider
from alerts.states import AlertState, Channel, DeliveryState, EventKind, FindingKind
from tests.outside import wait_until
from tests.people import NOON

pytestmark = pytest.mark.django_db(transaction=True)

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NUMBER, OTHER = "+33639980042", "+33639980043"


@pytest.fixture(autouse=True)
def _every_ten_minutes() -> Iterator[None]:
    with override_settings(SHERIF=replace(settings.SHERIF, canary_minutes=10, canary_to=NUMBER)):
        yield


def audit(at: datetime, *, since: datetime = NOON) -> bool:
    """One round; whether a canary failed."""
    beats.beat(beats.SWEEP, now=at)
    auditing.audit(now=at, since=since)
    return auditing.open_findings().filter(kind=FindingKind.CANARY_FAILED).exists()


def let_go(at: datetime = NOON) -> Alert:
    drilling.tend(now=at)
    return Alert.objects.order_by("opened_at").get(opened_at=at)


def moved(alert: Alert, to: DeliveryState, *, at: datetime, provider: str = "twilio") -> None:
    alert.deliveries.update(state=to, moved_at=at, provider=provider)


def test_a_canary_is_a_drill_with_one_text_to_the_operators_number() -> None:
    alert = let_go()

    assert (alert.kind, alert.drill, alert.victim.canary) == ("prevention", True, True)
    text = Delivery.objects.get()
    assert (text.channel, text.occasion, text.contact.phone_number) == ("sms", "drill", NUMBER)


def test_one_flies_at_a_time_and_the_next_when_its_minutes_have_passed() -> None:
    alert = let_go()
    for seconds in (1, 60, 119):
        drilling.tend(now=NOON + seconds * SECOND)
    moved(alert, DeliveryState.DELIVERED, at=NOON + 5 * SECOND)
    for seconds in (120, 599):
        drilling.tend(now=NOON + seconds * SECOND)
    assert Alert.objects.count() == 1

    drilling.tend(now=NOON + 600 * SECOND)
    assert Alert.objects.count() == 2
    assert Account.objects.count() == Contact.objects.count() == Phone.objects.count() == 1


def test_many_workers_let_one_go() -> None:
    start = threading.Barrier(4)

    def tend() -> None:
        with own_connections():
            start.wait()
            drilling.tend(now=NOON)

    threads = [threading.Thread(target=tend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Alert.objects.count() == 1
    assert Delivery.objects.count() == 1


def test_its_end_is_quiet() -> None:
    alert = let_go()
    moved(alert, DeliveryState.DELIVERED, at=NOON + SECOND)
    drilling.tend(now=NOON + 2 * SECOND)

    assert Alert.objects.get().state == AlertState.EXPIRED
    assert Delivery.objects.count() == 1


def test_another_number_is_written_to_from_the_next_one_on() -> None:
    moved(let_go(), DeliveryState.DELIVERED, at=NOON)
    drilling.tend(now=NOON + SECOND)
    with override_settings(SHERIF=replace(settings.SHERIF, canary_to=OTHER)):
        later = let_go(NOON + 10 * MINUTE)
    assert later.deliveries.get().contact.phone_number == OTHER
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("number", ["", "17", "+3317", "+33899000000", "ops@sos.exmpl.fr"])
def test_an_emergency_line_is_never_drilled(number: str) -> None:
    with override_settings(SHERIF=replace(settings.SHERIF, canary_to=number)):
        drilling.tend(now=NOON)
        assert not Alert.objects.exists()
        assert audit(NOON + 3 * MINUTE + SECOND)  # and it does not look well either


def test_without_minutes_nothing_flies() -> None:
    with override_settings(SHERIF=replace(settings.SHERIF, canary_minutes=0)):
        drilling.tend(now=NOON)
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("state", "moved_after", "asked_after", "provider", "standing"),
    [
        (DeliveryState.DUE, 0, 30, "", Standing.RUNNING),
        (DeliveryState.DUE, 0, 31, "", Standing.FAILED),
        (DeliveryState.UNKNOWN, 8, 31, "", Standing.FAILED),
        (DeliveryState.FAILED, 1, 1, "", Standing.FAILED),
        (DeliveryState.ACCEPTED, 1, 120, "twilio", Standing.RUNNING),
        (DeliveryState.ACCEPTED, 1, 121, "twilio", Standing.FAILED),
        (DeliveryState.ACCEPTED, 1, 1, "console", Standing.WELL),
        (DeliveryState.ACCEPTED, 31, 31, "console", Standing.FAILED),
        (DeliveryState.DELIVERED, 120, 121, "twilio", Standing.WELL),
        (DeliveryState.DELIVERED, 121, 121, "twilio", Standing.FAILED),
        (DeliveryState.OPENED, 300, 301, "twilio", Standing.WELL),
    ],
)
def test_where_a_canary_stands(
    state: DeliveryState, moved_after: int, asked_after: int, provider: str, standing: Standing
) -> None:
    alert = let_go()
    moved(alert, state, at=NOON + moved_after * SECOND, provider=provider)
    assert canary.standing(alert, now=NOON + asked_after * SECOND) is standing


def test_one_that_arrives_is_a_sign_of_life_and_one_that_does_not_is_found_until_the_next_arrives() -> None:
    moved(let_go(), DeliveryState.DELIVERED, at=NOON + SECOND)
    assert not audit(NOON + 5 * SECOND)
    assert beats.last(beats.CANARY) == NOON + 5 * SECOND
    drilling.tend(now=NOON + 6 * SECOND)

    second = let_go(NOON + 10 * MINUTE)
    assert not audit(NOON + 10 * MINUTE + 30 * SECOND)
    assert audit(NOON + 10 * MINUTE + 31 * SECOND)
    drilling.tend(now=NOON + 11 * MINUTE)
    assert audit(NOON + 19 * MINUTE)

    third = let_go(NOON + 20 * MINUTE)
    assert audit(NOON + 20 * MINUTE + SECOND)  # not known to be better yet
    moved(third, DeliveryState.DELIVERED, at=NOON + 20 * MINUTE + SECOND)
    assert not audit(NOON + 20 * MINUTE + 2 * SECOND)
    assert Finding.objects.filter(kind=FindingKind.CANARY_FAILED).count() == 1
    assert second.deliveries.get().state == DeliveryState.DUE


def test_a_receipt_that_comes_a_day_late_does_not_undo_what_was_proved() -> None:
    alert = let_go()
    moved(alert, DeliveryState.ACCEPTED, at=NOON + SECOND, provider="console")
    assert not audit(NOON + 5 * SECOND)
    text = Delivery.objects.get()
    deliveries.receive_receipt(text.pk, Told(state=DeliveryState.FAILED), now=NOON + 8 * MINUTE)
    assert not audit(NOON + 8 * MINUTE)


def test_canaries_that_nobody_lets_go_are_missed() -> None:
    assert not audit(NOON + 3 * MINUTE)
    assert audit(NOON + 3 * MINUTE + SECOND)

    moved(let_go(NOON + 4 * MINUTE), DeliveryState.DELIVERED, at=NOON + 4 * MINUTE)
    assert not audit(NOON + 4 * MINUTE)
    assert not audit(NOON + 17 * MINUTE)
    assert audit(NOON + 17 * MINUTE + SECOND)


def test_after_a_night_without_any_process_the_workers_have_three_minutes() -> None:
    moved(let_go(), DeliveryState.DELIVERED, at=NOON)
    audit(NOON + SECOND)
    morning = NOON + timedelta(hours=9)
    assert not audit(morning + MINUTE, since=morning)
    assert audit(morning + 3 * MINUTE + SECOND, since=morning)


def test_nobody_signs_in_as_a_canary(client: Client) -> None:
    let_go()
    account = Account.objects.get()
    assert not account.has_usable_password()
    assert not client.login(username=account.username, password="")
    typed = {
        "username": canary.USERNAME,
        "password1": "une phrase longue et calme",
        "password2": "une phrase longue et calme",
    }
    Account.objects.all().delete()
    client.post("/account/signup/", typed)
    assert not Account.objects.filter(username=canary.USERNAME).exists()


def test_a_canary_flies_from_click_to_telephone(tmp_path: Path) -> None:
    outbox = ConsoleProvider(tmp_path)
    sender = Sender(dict.fromkeys(Channel, outbox), worker="worker", threads=2)
    now = timezone.now()
    try:
        drilling.tend(now=now)
        sender.deliver(Alert.objects.get().pk, now=now)
        assert wait_until(lambda: Delivery.objects.get().state == DeliveryState.ACCEPTED)
    finally:
        sender.close()
    text = outbox.entries()[0]
    outbox.close()
    assert text.recipient == NUMBER
    assert text.text.startswith("EXERCICE ")
    assert not audit(timezone.now(), since=now)
    assert not Event.objects.filter(kind=EventKind.NOBODY_REACHED).exists()
    drilling.tend(now=timezone.now())
    assert Alert.objects.get().state == AlertState.EXPIRED
