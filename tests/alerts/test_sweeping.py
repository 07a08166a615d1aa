"""One round per second: a step that fails stops no other, and is heard of without filling the log."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import dj_database_url
import pytest
from django.db import OperationalError, close_old_connections, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler
from django.utils import timezone

from alerts.domain import alerting, beats, sweeping
from alerts.domain.sending import Sender
from alerts.domain.sweeping import Complaints, StepError, Sweeper, SweepError
from alerts.models import Alert, Beat, Contact, Delivery, Event, Ladder
from alerts.providers.console import ConsoleProvider
from alerts.states import AlertState, Channel, DeliveryState, EventKind, Gesture
from tests.outside import wait_until
from tests.people import NOON, make_marie, make_phone
from tests.services import Server, empty_database

pytestmark = pytest.mark.django_db(transaction=True)

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SETTLING = "settling.settle_unknown"


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[ConsoleProvider]:
    box = ConsoleProvider(tmp_path)
    yield box
    box.close()


@pytest.fixture
def sender(outbox: ConsoleProvider) -> Iterator[Sender]:
    running = Sender(dict.fromkeys(Channel, outbox), worker="worker", threads=2)
    yield running
    running.close()


def click(username: str, *, now: datetime) -> Alert:
    """A double click of somebody."""
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=now, sent_at=now)
    phone = make_phone(make_marie(username), f"token of {username}", f"osmand of {username}")
    return alerting.receive_click(phone, report, now=now).alert


def in_doubt_and_unreadable(now: datetime) -> Contact:
    """A message whose fate is unknown, to somebody whose number no key of ours decrypts any more."""
    alert = click("unreadable", now=now)
    Delivery.objects.filter(alert=alert).update(state=DeliveryState.DELIVERED)
    Ladder.objects.filter(alert=alert).delete()
    delivery = alert.deliveries.select_related("contact").filter(channel=Channel.SMS)[0]
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.UNKNOWN, not_before=now, moved_at=now)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE alerts_contact SET phone_number = 'lost' WHERE id = %s", [delivery.contact.pk])
    return delivery.contact


@contextmanager
def default_is(wrapper: BaseDatabaseWrapper) -> Iterator[None]:
    """The process speaks to this database for a while."""
    usual = connections["default"]
    connections["default"] = wrapper
    try:
        yield
    finally:
        wrapper.close()
        connections["default"] = usual


def another(url: str, **options: float) -> BaseDatabaseWrapper:
    """A connection of Django's to another database."""
    wanted = {**dj_database_url.parse(url), "CONN_MAX_AGE": None, "OPTIONS": options}
    return ConnectionHandler({"default": wanted})["default"]


def failed(error: SweepError) -> list[str]:
    """The names of the steps, in their order."""
    return [step.step for step in error.exceptions if isinstance(step, StepError)]


def test_a_row_that_nobody_can_read_stops_neither_messages_nor_questions_nor_rounds_nor_ends(
    sender: Sender, outbox: ConsoleProvider, tmp_path: Path
) -> None:
    now = timezone.now()
    in_doubt_and_unreadable(now)
    waits, climbs, ends, doubtful = (click(name, now=now) for name in ("waits", "climbs", "ends", "doubtful"))
    long_ago = now - timedelta(seconds=30)
    doubtful.deliveries.update(state=DeliveryState.UNKNOWN, doubts=1, not_before=now, moved_at=long_ago)
    Delivery.objects.filter(alert__in=[climbs, ends]).update(state=DeliveryState.DELIVERED)
    Ladder.objects.filter(alert=climbs).update(due_at=now)
    Alert.objects.filter(pk=ends.pk).update(expires_at=now)

    with pytest.raises(SweepError) as round_:
        sweeping.sweep(sender, tmp_path, now=now)

    assert failed(round_.value) == [SETTLING]
    assert Event.objects.filter(alert=climbs, kind=EventKind.ROUND_1).exists()
    assert Alert.objects.get(pk=ends.pk).state == AlertState.EXPIRED
    assert wait_until(lambda: not waits.deliveries.exclude(state=DeliveryState.ACCEPTED).exists())
    assert len(outbox.entries()) >= waits.deliveries.count()
    assert not doubtful.deliveries.filter(state=DeliveryState.UNKNOWN).exists()
    assert not Beat.objects.filter(name=beats.SWEEP).exists(), "the auditor is not told that all was looked at"


def test_a_step_that_goes_on_failing_is_said_once_and_so_is_its_return(
    sender: Sender, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    contact = in_doubt_and_unreadable(timezone.now())
    sweeper = Sweeper(sender, tmp_path)
    with caplog.at_level(logging.INFO, logger="alerts.domain.sweeping"):
        sweeper.start()
        try:
            assert wait_until(lambda: len(caplog.messages) >= 1)
            assert not wait_until(lambda: len(caplog.messages) > 1, seconds=2.5)
            Contact.objects.filter(pk=contact.pk).update(phone_number="+33639980001")
            assert wait_until(lambda: len(caplog.messages) > 1)
        finally:
            sweeper.stop()

    assert caplog.messages == [
        f"The sweep's step {SETTLING} failed; again in a second.",
        f"The sweep's step {SETTLING} is well again.",
    ]
    assert caplog.records[0].exc_info is not None
    assert beats.last(beats.SWEEP) is not None


def test_a_failing_step_is_said_again_every_minute_however_it_comes_and_goes(caplog: pytest.LogCaptureFixture) -> None:
    complaints = Complaints()
    for second in range(150):
        steps = [StepError("steady"), *([StepError("flickering")] if second % 2 == 0 else [])]
        complaints.hear(steps, now=NOON + second * SECOND)

    said = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert [sum(step in one for one in said) for step in ("steady", "flickering")] == [3, 3]


def test_a_database_that_is_gone_ends_the_round_and_its_connection_is_renewed(
    sender: Sender, tmp_path: Path, postgresql_server: Server
) -> None:
    with default_is(another(empty_database(postgresql_server, "swept"))):
        with pytest.raises(SweepError) as empty:  # it holds no table of ours: every step fails by itself
            sweeping.sweep(sender, tmp_path, now=timezone.now())
        assert {"ladder.climb_due", "alerting.expire_overdue", "sweeping.reclaim"} <= set(failed(empty.value))

        postgresql_server.kill()
        postgresql_server.start()
        with pytest.raises(OperationalError):
            sweeping.sweep(sender, tmp_path, now=timezone.now())
        close_old_connections()
        with pytest.raises(SweepError):
            sweeping.sweep(sender, tmp_path, now=timezone.now())


def test_a_lock_that_was_held_too_long_is_no_reason_to_give_a_round_up(tmp_path: Path) -> None:
    path = tmp_path / "rows.sqlite3"
    wrapper = another(f"sqlite:///{path}", timeout=0.1)
    with closing(sqlite3.connect(path)) as other, default_is(wrapper):
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OperationalError, match="locked") as locked, wrapper.cursor() as cursor:
            cursor.execute("CREATE TABLE ours (n int)")
        assert not sweeping.is_gone(wrapper, locked.value)
