"""A receipt does not come: the network is asked, by one worker, more and more rarely, and no sweep waits for it."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone

from alerts.domain import alerting, asking, inquiries, sweeping
from alerts.domain.sending import Sender, own_connections
from alerts.models import Alert, Delivery
from alerts.providers.base import Message, ProviderError, Receipt, Sought, Standing
from alerts.states import Channel, DeliveryState, Gesture, Occasion
from tests import twilio
from tests.outgoing import telephone_of
from tests.people import NADIA, make_marie, make_phone

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


class Oracle:
    """A network in the hands of the test: knows where its messages stand, or does not say."""

    name = "twilio"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.stands: Standing | None = Standing(state=DeliveryState.ACCEPTED)
        self.error: Exception | None = None
        self.answers = threading.Event()
        self.answers.set()

    def send(self, message: Message) -> Receipt:
        del message
        raise ProviderError("no", permanent=False)

    def find(self, sought: Sought) -> Receipt | None:
        del sought
        return None

    def ask(self, channel: Channel, provider_id: str) -> Standing | None:
        del channel
        self.asked.append(provider_id)
        self.answers.wait(10)
        if self.error:
            raise self.error
        return self.stands


@pytest.fixture
def oracle() -> Oracle:
    return Oracle()


@pytest.fixture
def sender(oracle: Oracle) -> Iterator[Sender]:
    running = Sender(dict.fromkeys(Channel, oracle), worker="w", threads=2)
    yield running
    oracle.answers.set()
    running.close()


def accepted(at: datetime, *, gesture: Gesture = Gesture.SINGLE) -> Alert:
    """Everything was taken at this moment, and no receipt came."""
    report = alerting.ClickReport(uid=uuid4(), gesture=gesture, clicked_at=at, sent_at=at)
    alert = alerting.receive_click(make_phone(make_marie()), report, now=at).alert
    Delivery.objects.update(state=DeliveryState.ACCEPTED, provider="twilio", moved_at=at)
    for row in Delivery.objects.all():
        Delivery.objects.filter(pk=row.pk).update(provider_id=f"SM{row.pk.hex}")
    return alert


def answered(sender: Sender, *, now: datetime) -> None:
    """One round, and the next one after every answer came."""
    asking.ask_missing(sender, now=now)
    end = time.monotonic() + 10
    while sender.inquiries.room() < inquiries.AT_ONCE and time.monotonic() < end:
        time.sleep(0.01)
        _read(sender, now=now)


def _read(sender: Sender, *, now: datetime) -> None:
    """The answers alone: rows asked about at `now` are not due at `now`."""
    Delivery.objects.filter(asked_at=None).update(asked_at=now)
    asking.ask_missing(sender, now=now)


def states() -> set[str]:
    return set(Delivery.objects.values_list("state", flat=True))


def test_after_half_a_minute_without_a_receipt_the_network_is_asked(oracle: Oracle, sender: Sender) -> None:
    start = timezone.now()
    accepted(start)
    oracle.stands = Standing(state=DeliveryState.DELIVERED, provider="twilio")
    answered(sender, now=start + timedelta(seconds=29))
    assert oracle.asked == []

    Delivery.objects.update(asked_at=None)
    answered(sender, now=start + timedelta(seconds=30))
    assert len(oracle.asked) == 5
    assert states() == {DeliveryState.DELIVERED}


def test_a_failure_that_nobody_reported_lets_a_call_take_over(oracle: Oracle, sender: Sender) -> None:
    start = timezone.now()
    alert = accepted(start)
    Delivery.objects.exclude(contact__rank=1).delete()
    oracle.stands = Standing(state=DeliveryState.FAILED, code="30006", provider="twilio")
    answered(sender, now=start + MINUTE)
    assert dict(alert.deliveries.values_list("channel", "state")) == {"sms": "failed", "voice": "due"}


def test_it_is_asked_more_and_more_rarely_and_after_a_day_no_more(oracle: Oracle, sender: Sender) -> None:
    start = timezone.now()
    accepted(start)
    Delivery.objects.exclude(contact__rank=1).delete()
    asked_after = []
    for seconds in range(0, 26 * 3600, 10):
        now = start + timedelta(seconds=seconds)
        [row] = Delivery.objects.all()
        if asking.overdue(now).exists():
            asked_after.append(seconds)
            Delivery.objects.filter(pk=row.pk).update(asked_at=now)
    assert asked_after[:9] == [30, 60, 120, 240, 480, 960, 1920, 3840, 7440]
    assert {later - sooner for sooner, later in pairwise(asked_after[8:])} == {3600}
    assert asked_after[-1] < 24 * 3600


def test_mail_is_never_asked_about(oracle: Oracle, sender: Sender) -> None:
    start = timezone.now()
    accepted(start, gesture=Gesture.DOUBLE)
    kinds = {Channel(row.channel) for row in asking.overdue(start + MINUTE)}
    assert kinds == {Channel.SMS, Channel.VOICE}


@pytest.mark.parametrize(
    "other",
    [
        {"state": DeliveryState.DELIVERED},
        {"state": DeliveryState.FAILED},
        {"state": DeliveryState.UNKNOWN},
        {"provider_id": ""},
    ],
)
def test_what_is_known_or_never_left_is_not_asked_about(other: dict[str, str], oracle: Oracle) -> None:
    start = timezone.now()
    accepted(start)
    Delivery.objects.update(**other)
    assert not asking.overdue(start + MINUTE).exists()


def test_what_was_asked_about_while_in_doubt_is_asked_about_again(oracle: Oracle) -> None:
    start = timezone.now()
    accepted(start)
    Delivery.objects.update(asked_at=start - MINUTE)
    assert asking.overdue(start + timedelta(seconds=30)).count() == 5


def test_two_workers_ask_about_each_message_once(oracle: Oracle, sender: Sender) -> None:
    other = Sender(dict.fromkeys(Channel, oracle), worker="x", threads=2)
    start = timezone.now()
    accepted(start)

    def sweep(one: Sender) -> None:
        with own_connections():
            asking.ask_missing(one, now=start + MINUTE)

    threads = [threading.Thread(target=sweep, args=(one,)) for one in (sender, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answered(sender, now=start + MINUTE)
    answered(other, now=start + MINUTE)
    other.close()
    assert len(oracle.asked) == len(set(oracle.asked)) == 5


def test_a_network_that_hangs_delays_no_sweep_and_is_asked_little(
    oracle: Oracle, sender: Sender, tmp_path: Path
) -> None:
    start = timezone.now()
    accepted(start, gesture=Gesture.DOUBLE)
    oracle.answers.clear()
    began = time.monotonic()
    for _ in range(3):
        sweeping.sweep(sender, tmp_path, now=start + MINUTE)
    assert time.monotonic() - began < 5
    assert sender.inquiries.room() == 0
    assert len(oracle.asked) == inquiries.AT_ONCE
    not_asked = Delivery.objects.filter(occasion=Occasion.CLICK, asked_at=None, channel__in=["sms", "voice"])
    assert not_asked.count() == 10 - inquiries.AT_ONCE


@pytest.mark.parametrize("error", [ProviderError("cannot_ask", permanent=False), RuntimeError("what is this?")])
def test_whatever_the_network_answers_the_row_stays_as_it_is(
    error: Exception, oracle: Oracle, sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    start = timezone.now()
    accepted(start)
    oracle.error = error
    answered(sender, now=start + MINUTE)
    assert states() == {DeliveryState.ACCEPTED}
    assert sender.inquiries.room() == inquiries.AT_ONCE
    assert NADIA.phone_number not in caplog.text

    oracle.error, oracle.stands = None, None  # nothing more will ever be known
    answered(sender, now=start + 10 * MINUTE)
    assert states() == {DeliveryState.ACCEPTED}


def test_a_receipt_that_came_meanwhile_is_not_undone(oracle: Oracle, sender: Sender) -> None:
    start = timezone.now()
    accepted(start)
    oracle.stands = Standing(state=DeliveryState.FAILED, code="30003", provider="twilio")
    oracle.answers.clear()
    asking.ask_missing(sender, now=start + MINUTE)
    Delivery.objects.update(state=DeliveryState.DELIVERED)
    oracle.answers.set()
    answered(sender, now=start + MINUTE)
    assert states() == {DeliveryState.DELIVERED}


def test_the_stand_in_tells_what_it_told_nobody(tmp_path: Path) -> None:
    start = timezone.now()
    with twilio.network() as network:
        telephone = telephone_of(network)
        sender = Sender(dict.fromkeys(Channel, telephone), worker="w", threads=2)
        report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.SINGLE, clicked_at=start, sent_at=start)
        alert = alerting.receive_click(make_phone(make_marie()), report, now=start).alert
        sender.deliver(alert.pk, now=start)
        end = time.monotonic() + 10
        while states() != {DeliveryState.ACCEPTED} and time.monotonic() < end:
            time.sleep(0.02)
        for taken in network.taken:
            network.progress(taken.sid).status = "delivered"
        answered(sender, now=timezone.now() + MINUTE)
        sender.close()
    assert states() == {DeliveryState.DELIVERED}
