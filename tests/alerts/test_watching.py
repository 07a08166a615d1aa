"""The auditor's round: one auditor at a time, and a heartbeat that falls silent when nobody would be told."""

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from alerts.domain import alerting, beats, watching
from alerts.domain.heartbeat import Heart
from alerts.domain.operators import Teller
from alerts.domain.watching import TAKES_OVER_AFTER, Auditor
from alerts.models import Alert, Beat, Contact, Finding
from alerts.providers.base import ProviderError
from alerts.states import Channel, FindingKind, Gesture
from tests.outside import Listener, listener, wait_until
from tests.people import NOON, make_marie, make_phone

pytestmark = pytest.mark.django_db(transaction=True)

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def outside() -> Iterator[Listener]:
    with listener() as heard:
        yield heard


def auditor(url: str = "", *, teller: Teller | None = None) -> Auditor:
    return Auditor(teller or Teller((), {}), Heart(url), since=NOON)


def round_of(one: Auditor, *, now: datetime) -> bool:
    """One round while the workers are alive."""
    beats.beat(beats.SWEEP, now=now)
    return one.round(now=now)


def click(*, drill: bool = False) -> Alert:
    """Marie clicks at noon; what was sent was taken, and no more is known."""
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.SINGLE, clicked_at=NOON, sent_at=NOON)
    alert = alerting.receive_click(make_phone(make_marie()), report, now=NOON, drill=drill).alert
    alert.deliveries.update(state="accepted", moved_at=NOON)
    return alert


def test_of_two_auditors_one_watches_and_the_other_takes_over_when_it_falls_silent() -> None:
    first, second = auditor(), auditor()
    assert round_of(first, now=NOON)
    assert not round_of(second, now=NOON + SECOND)
    assert round_of(first, now=NOON + 5 * SECOND)
    assert not round_of(second, now=NOON + 6 * SECOND)

    later = NOON + 5 * SECOND + TAKES_OVER_AFTER
    assert round_of(second, now=later)
    assert not round_of(first, now=later + SECOND)
    assert round_of(second, now=later + 5 * SECOND)


def test_a_turn_from_the_future_is_void() -> None:
    Beat.objects.create(name="turn", at=NOON + timedelta(hours=1))
    assert round_of(auditor(), now=NOON)


def test_the_heartbeat_is_heard_every_half_minute(outside: Listener) -> None:
    one = auditor(outside.url)
    for seconds in range(0, 91, 5):
        round_of(one, now=NOON + seconds * SECOND)
        assert wait_until(lambda: one._heart._aside._free.acquire(blocking=False))
        one._heart._aside._free.release()
    assert outside.asked == ["/secret-of-the-heartbeat"] * 4


@pytest.mark.parametrize("kind", sorted(set(FindingKind) - {FindingKind.NOBODY_REACHED}))
def test_what_concerns_every_click_is_grave_and_what_concerns_one_message_is_not(kind: FindingKind) -> None:
    finding = Finding.objects.create(kind=kind, found_at=NOON)
    assert watching.is_grave() is (kind not in {FindingKind.IN_DOUBT, FindingKind.RECEIPTS_MISSING})
    Finding.objects.filter(pk=finding.pk).update(cleared_at=NOON)
    assert not watching.is_grave()


def test_the_heartbeat_is_silent_while_an_alert_reached_nobody_and_comes_back(outside: Listener) -> None:
    one = auditor(outside.url)
    alert = click()
    assert round_of(one, now=NOON)
    assert wait_until(lambda: len(outside.beats) == 1)

    for seconds in range(60, 120, 5):
        round_of(one, now=NOON + seconds * SECOND)
    time.sleep(0.2)
    assert len(outside.beats) == 1

    alert.deliveries.update(state="delivered")
    round_of(one, now=NOON + 2 * MINUTE)
    assert wait_until(lambda: len(outside.beats) == 2)


@pytest.mark.parametrize("reason", ["drill", "nobody to tell"])
def test_what_says_nothing_of_the_service_leaves_the_heartbeat_alone(reason: str, outside: Listener) -> None:
    alert = click(drill=reason == "drill")
    if reason != "drill":
        Contact.objects.filter(victim=alert.victim).delete()
    round_of(auditor(outside.url), now=NOON + MINUTE)
    assert Finding.objects.get().kind == FindingKind.NOBODY_REACHED
    assert wait_until(lambda: len(outside.beats) == 1)


def test_the_heartbeat_is_silent_while_no_operator_can_be_told(outside: Listener) -> None:
    class Dead:
        name = "dead"

        def send(self, _: object) -> None:
            raise ProviderError("unreachable", permanent=False)

    teller = Teller(("ops@sos.exmpl.fr",), {Channel.EMAIL: Dead()})  # type: ignore[dict-item]
    one = auditor(outside.url, teller=teller)
    alert = click(drill=True)
    round_of(one, now=NOON + MINUTE)
    assert wait_until(lambda: teller._under_way is not None and teller._under_way.reached.done())
    assert wait_until(lambda: len(outside.beats) == 1)  # nobody knew yet

    alert.deliveries.update(state="delivered")
    round_of(one, now=NOON + 2 * MINUTE)
    time.sleep(0.2)
    assert len(outside.beats) == 1


def test_a_heartbeat_that_is_not_taken_is_logged_without_its_address(
    outside: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    outside.status = 302
    with caplog.at_level(logging.DEBUG, logger="alerts"):
        for url in (outside.url, "http://127.0.0.1:1/secret-of-the-heartbeat"):
            begun = Heart(url).beat(now=NOON)
            assert begun is not None
            begun.result(5)
    assert len(caplog.records) == 2
    assert "secret" not in caplog.text
    assert outside.asked == ["/secret-of-the-heartbeat"]  # no redirect was followed


def test_a_listener_that_hangs_holds_no_round(outside: Listener) -> None:
    outside.hangs = 1.5
    heart = Heart(outside.url)
    started = time.monotonic()
    begun = heart.beat(now=NOON)
    assert heart.beat(now=NOON + MINUTE) is None
    assert time.monotonic() - started < 1
    assert begun is not None
    begun.result(5)
    assert heart.beat(now=NOON + MINUTE) is not None
