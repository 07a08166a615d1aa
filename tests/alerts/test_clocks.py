"""A clock that is set back by an hour, forward by an hour, or that stands still for a frozen worker."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone

from alerts.domain import alerting, attempting, claiming, clocks, limits, sweeping
from alerts.domain.sending import Sender
from alerts.models import Alert, Delivery
from alerts.states import Channel, DeliveryState, Gesture
from tests.people import NADIA, make_marie, make_phone
from tests.telephones import Telephones, fall_silent, refuse

pytestmark = pytest.mark.django_db(transaction=True)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


class Clock:
    """What the service takes for the time of day."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def telephones() -> Telephones:
    return Telephones()


@pytest.fixture
def sender(telephones: Telephones, clock: Clock) -> Iterator[Sender]:
    started = Sender(dict.fromkeys(Channel, telephones), worker="w", threads=1, clock=clock)
    yield started
    started.close()


@pytest.fixture
def alert(clock: Clock) -> Alert:
    """Marie clicked once; Nadia is her only relative."""
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.SINGLE, clicked_at=clock.now, sent_at=clock.now)
    return alerting.receive_click(make_phone(make_marie(relatives=(NADIA,))), report, now=clock.now).alert


def text() -> Delivery:
    return Delivery.objects.get()


def live(sender: Sender, folder: Path, clock: Clock, *, seconds: int) -> None:
    """A sweep each second of that clock."""
    for _ in range(seconds):
        sweeping.sweep(sender, folder, now=clock.now)
        while Delivery.objects.filter(state=DeliveryState.SENDING, leased_by="w").exists():
            continue
        clock.now += SECOND


def test_a_retry_does_not_wait_for_the_hour_by_which_the_clock_was_set_back(
    alert: Alert, telephones: Telephones, sender: Sender, clock: Clock, tmp_path: Path
) -> None:
    telephones.moods = [refuse(permanent=False)]
    live(sender, tmp_path, clock, seconds=1)
    assert text().state == DeliveryState.DUE
    clock.now -= HOUR
    live(sender, tmp_path, clock, seconds=2)
    assert text().state == DeliveryState.ACCEPTED


def test_a_doubt_does_not_wait_for_that_hour_either(
    alert: Alert, telephones: Telephones, sender: Sender, clock: Clock, tmp_path: Path
) -> None:
    telephones.moods, telephones.reachable = [fall_silent], False
    live(sender, tmp_path, clock, seconds=2)
    assert text().state == DeliveryState.UNKNOWN
    clock.now -= HOUR
    telephones.reachable = True
    live(sender, tmp_path, clock, seconds=4)
    assert text().state == DeliveryState.ACCEPTED
    assert len(telephones.taken) == 1


def test_the_lease_of_a_dead_machine_ends_though_the_clock_was_set_back(
    alert: Alert, telephones: Telephones, sender: Sender, clock: Clock, tmp_path: Path
) -> None:
    claiming.claim(alert.pk, worker="elsewhere", now=clock.now)
    clock.now -= HOUR
    live(sender, tmp_path, clock, seconds=int(claiming.LEASE / SECOND) + 4)
    assert text().state == DeliveryState.ACCEPTED
    assert len(telephones.taken) == 1


def test_a_clock_that_is_set_forward_costs_a_second_copy_at_most(
    alert: Alert, telephones: Telephones, sender: Sender, clock: Clock, tmp_path: Path
) -> None:
    claiming.claim(alert.pk, worker="elsewhere", now=clock.now)
    clock.now += HOUR
    live(sender, tmp_path, clock, seconds=4)
    assert text().state == DeliveryState.ACCEPTED
    assert len(telephones.taken) == 1


def test_what_a_limit_holds_back_stays_held(alert: Alert, clock: Clock) -> None:
    Delivery.objects.update(not_before=clock.now + HOUR, error_code=limits.LIMITED)
    clocks.set_right(now=clock.now)
    assert text().not_before == clock.now + HOUR


def test_ordinary_waits_are_left_alone(alert: Alert, clock: Clock) -> None:
    later = clock.now + timedelta(seconds=60)
    Delivery.objects.update(not_before=later, error_code="503")
    clocks.set_right(now=clock.now)
    assert text().not_before == later


@pytest.mark.parametrize("slept", [6, 20, 4000])
def test_a_worker_that_slept_sends_nothing_though_its_clock_was_set_back(
    slept: int, alert: Alert, telephones: Telephones, clock: Clock
) -> None:
    """Its lease looks valid on the wall clock: the clock that nobody sets says how old it is."""
    (claimed,) = claiming.claim(alert.pk, worker="w", now=clock.now)
    asleep = claiming.Claimed(
        delivery=claimed.delivery,
        token=claimed.token,
        leased_until=claimed.leased_until,
        claimed_at=claiming.since_boot() - slept,
    )
    outcome = attempting.attempt(asleep, None, ways={Channel.SMS: telephones}, worker="w", clock=lambda: clock.now)
    assert outcome.to == DeliveryState.DUE
    assert telephones.taken == []
