"""Receipts in any order, twice, a day late, of another copy, between anything else: the state never goes back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from alerts.domain import alerting, claiming, deliveries, leases, responding
from alerts.domain.claiming import LEASE
from alerts.domain.deliveries import RESENT, Outcome
from alerts.models import Alert, Delivery, Event, Link
from alerts.providers.base import Receipt, Standing
from alerts.states import DELIVERY_MOVES, Channel, DeliveryState, EventKind, Gesture
from tests.people import NADIA, make_marie, make_phone

pytestmark = pytest.mark.django_db
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
FIRST, OTHER, NAMELESS = "SM" + "1" * 32, "SM" + "2" * 32, ""

# How far a message came. Two that differ and stand on one step are not to follow each other.
REACHED: Mapping[DeliveryState, int] = {
    DeliveryState.DUE: 0,
    DeliveryState.SENDING: 0,
    DeliveryState.UNKNOWN: 0,
    DeliveryState.ACCEPTED: 1,
    DeliveryState.DELIVERED: 2,
    DeliveryState.FAILED: 2,
    DeliveryState.OPENED: 3,
    DeliveryState.ANSWERED: 3,
}


def click(gesture: Gesture = Gesture.DOUBLE) -> Alert:
    """A victim whose only relative is Nadia clicks."""
    now, username = timezone.now(), uuid4().hex
    report = alerting.ClickReport(uid=uuid4(), gesture=gesture, clicked_at=now, sent_at=now)
    phone = make_phone(make_marie(username, relatives=(NADIA,)), username, username)
    return alerting.receive_click(phone, report, now=now).alert


def receipt(state: DeliveryState, name: str = FIRST, *, code: str = "") -> Standing:
    """What the network says of one copy."""
    return Standing(state=state, code=code, provider="twilio", provider_id=name, seconds=12)


class Told:
    """One message of one click, and everything that may happen to it."""

    def __init__(self, channel: Channel) -> None:
        self.alert = click()
        self.now = timezone.now()
        self.row = self.alert.deliveries.get(channel=channel)
        self.alert.deliveries.exclude(pk=self.row.pk).delete()
        self.copies = 0

    @property
    def state(self) -> DeliveryState:
        return DeliveryState(Delivery.objects.get(pk=self.row.pk).state)

    def hear(self, standing: Standing) -> bool:
        return deliveries.receive_receipt(self.row.pk, standing, now=self.now)

    def claim(self) -> None:
        self.copies += bool(claiming.claim(self.alert.pk, worker="w", now=self.now + DAY / 12))

    def record(self, to: DeliveryState, *, leased: bool = True) -> None:
        taken = Receipt(provider="twilio", provider_id=[FIRST, OTHER][self.copies > 1])
        names = taken if to is DeliveryState.ACCEPTED else Receipt(provider="", provider_id="")
        outcome = Outcome(
            delivery=self.row.pk,
            alert=self.alert.pk,
            to=to,
            code=RESENT if to is DeliveryState.DUE else "",
            leased_by="w" if leased and to is not DeliveryState.ACCEPTED else "",
            provider=names.provider,
            provider_id=names.provider_id,
            not_before=self.now if to is DeliveryState.DUE else None,
        )
        deliveries.record([outcome], now=self.now)

    def give_up(self) -> None:
        leases.give_up(Q(leased_until__lte=self.now + DAY), now=self.now)

    def settle(self) -> None:
        if self.state is DeliveryState.UNKNOWN:
            self.record(DeliveryState.DUE, leased=False)

    def act(self) -> None:
        row = Delivery.objects.select_related("contact", "alert__victim").get(pk=self.row.pk)
        if row.channel == Channel.VOICE:
            responding.answer(row, now=self.now)
        else:
            responding.open_link(Link.objects.get(alert=self.alert), row, now=self.now)


@dataclass(frozen=True)
class Step:
    """Something that happens to a message; its name is what a failing example shows."""

    name: str
    happens: Callable[[Told], object]

    def __repr__(self) -> str:
        return self.name


WORKERS = [
    Step("a worker claims it", Told.claim),
    Step("the network takes it", lambda told: told.record(DeliveryState.ACCEPTED)),
    Step("the network refuses it for now", lambda told: told.record(DeliveryState.DUE)),
    Step("the network refuses it for good", lambda told: told.record(DeliveryState.FAILED)),
    Step("the network falls silent", lambda told: told.record(DeliveryState.UNKNOWN)),
    Step("its worker is frozen", Told.give_up),
    Step("nobody has it", Told.settle),
    Step("Nadia acts", Told.act),
]
RECEIPTS = st.builds(
    receipt,
    st.sampled_from([DeliveryState.ACCEPTED, DeliveryState.DELIVERED, DeliveryState.FAILED]),
    st.sampled_from([FIRST, OTHER, NAMELESS]),
    code=st.sampled_from(["", "30003", "busy"]),
)
LATE = st.sampled_from([timedelta(0), SECOND, DAY])


@hypothesis_settings(max_examples=80, deadline=None)
@given(
    channel=st.sampled_from([Channel.SMS, Channel.VOICE]),
    steps=st.lists(st.tuples(RECEIPTS | st.sampled_from(WORKERS), LATE, st.booleans()), max_size=14),
)
def test_whatever_is_heard_and_whenever_the_state_never_goes_back(
    channel: Channel, steps: list[tuple[Standing | Step, timedelta, bool]]
) -> None:
    with transaction.atomic():
        told = Told(channel)
        for step, late, twice in steps:
            before = told.state
            told.now += late
            for _ in range(1 + twice):
                if isinstance(step, Standing):
                    told.hear(step)
                else:
                    step.happens(told)
                after = told.state
                assert after is before or REACHED[after] > REACHED[before] or REACHED[after] == 0, (before, after)
                assert after is before or after in _reachable(before)
                before = after
        lines = Event.objects.filter(delivery=told.row).values_list("kind", flat=True)
        final = [kind for kind in lines if kind in {EventKind.DELIVERED, EventKind.FAILED}]
        assert len(final) <= 1, "two ends of one message in the timeline"
        transaction.set_rollback(True)


def _reachable(start: DeliveryState) -> set[DeliveryState]:
    """All states that a row may come to: one step may make two moves, as when a worker climbs and is refused."""
    found = {start}
    while new := {to for state in found for to in DELIVERY_MOVES[state]} - found:
        found |= new
    return found


FINAL = st.sampled_from([DeliveryState.ACCEPTED, DeliveryState.DELIVERED, DeliveryState.FAILED])


@hypothesis_settings(max_examples=40, deadline=None)
@given(states=st.lists(FINAL, max_size=8), late=LATE)
@example(states=[DeliveryState.FAILED, DeliveryState.DELIVERED, DeliveryState.FAILED], late=DAY)
def test_of_what_the_network_took_the_first_end_counts_and_no_receipt_twice(
    states: list[DeliveryState], late: timedelta
) -> None:
    with transaction.atomic():
        told = Told(Channel.SMS)
        told.claim()
        told.record(DeliveryState.ACCEPTED)
        told.now += late
        moved = [state for state in states + states[::-1] if told.hear(receipt(state))]
        ends = [state for state in states if state is not DeliveryState.ACCEPTED]
        assert moved == ends[:1]
        assert told.state is (ends[0] if ends else DeliveryState.ACCEPTED)
        told.act()
        assert told.state is DeliveryState.OPENED
        assert not any(told.hear(receipt(state)) for state in states)
        transaction.set_rollback(True)


def test_a_receipt_that_outruns_our_record_counts() -> None:
    told = Told(Channel.SMS)
    told.claim()
    assert told.hear(receipt(DeliveryState.FAILED, code="30003"))
    told.record(DeliveryState.ACCEPTED)
    assert told.state is DeliveryState.FAILED


@pytest.mark.parametrize("late", [False, True], ids=["while it leaves", "when it was taken"])
def test_the_first_copy_that_failed_does_not_say_that_the_second_one_will(late: bool) -> None:
    """Nobody knew whether the first was taken, so a second left; only its own fate is the message's."""
    told = Told(Channel.SMS)
    told.claim()
    told.record(DeliveryState.UNKNOWN)
    told.settle()
    told.claim()
    if late:
        told.record(DeliveryState.ACCEPTED)
    assert not told.hear(receipt(DeliveryState.FAILED, FIRST, code="30003"))
    if not late:
        told.record(DeliveryState.ACCEPTED)
    assert told.state is DeliveryState.ACCEPTED
    assert told.hear(receipt(DeliveryState.DELIVERED, OTHER))


def test_a_first_copy_that_arrived_is_enough() -> None:
    told = Told(Channel.SMS)
    told.claim()
    told.record(DeliveryState.UNKNOWN)
    told.settle()
    assert told.hear(receipt(DeliveryState.DELIVERED, FIRST))
    assert claiming.claim(told.alert.pk, worker="w", now=told.now + LEASE) == []


def test_a_failure_told_many_times_calls_once() -> None:
    alert = click(Gesture.SINGLE)
    now = timezone.now()
    text = alert.deliveries.get()
    claiming.claim(alert.pk, worker="w", now=now)
    for second in range(4):
        deliveries.receive_receipt(text.pk, receipt(DeliveryState.FAILED, code="30003"), now=now + second * SECOND)
    assert alert.deliveries.filter(channel=Channel.VOICE).count() == 1
    assert alert.events.filter(kind=EventKind.FAILED).count() == 1
