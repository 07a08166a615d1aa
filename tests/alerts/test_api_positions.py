"""Where she is: any order, any number of times, and only what belongs to an alert."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.domain import receiving, tracking
from alerts.domain.alerting import ClickReport, receive_click
from alerts.models import Alert, Phone, Position
from alerts.states import AlertState, Gesture
from tests.people import NOON, PIN, make_marie, make_phone
from tests.phones import Companion, position

pytestmark = pytest.mark.django_db


@pytest.fixture
def companion() -> Companion:
    make_phone(make_marie())
    return Companion()


@pytest.fixture
def alert(companion: Companion) -> Alert:
    companion.click()
    return Alert.objects.get()


def walk(companion: Companion, *seconds: float) -> list[dict[str, Any]]:
    """Fixes so many seconds after now, on her way north."""
    return [position(49.4 + second / 1e4, at=companion.now() + timedelta(seconds=second)) for second in seconds]


def test_a_batch_is_stored_and_counted(companion: Companion, alert: Alert) -> None:
    reply = companion.send(walk(companion, 1, 2, 3))

    assert (reply.status, reply.json) == (202, {"stored": 3, "known": 0, "refused": 0})
    assert Position.objects.filter(alert=alert).count() == 3
    assert Phone.objects.get().battery == 63


def test_a_batch_sent_twice_is_known(companion: Companion, alert: Alert) -> None:
    batch = walk(companion, 1, 2, 3)
    companion.send(batch)

    assert companion.send([*batch, batch[0]]).json == {"stored": 0, "known": 4, "refused": 0}
    assert Position.objects.filter(alert=alert).count() == 3


def test_a_fix_from_long_before_her_click_is_refused_and_no_error(companion: Companion, alert: Alert) -> None:
    reply = companion.send([*walk(companion, -3600, -60), *walk(companion, 1)])

    assert (reply.status, reply.json) == (202, {"stored": 1, "known": 0, "refused": 2})


def test_a_fix_from_more_than_ten_minutes_ahead_is_refused_and_no_error(companion: Companion, alert: Alert) -> None:
    assert companion.send(walk(companion, 601 + 5)).json == {"stored": 0, "known": 0, "refused": 1}
    assert companion.send(walk(companion, 590)).json == {"stored": 1, "known": 0, "refused": 0}
    assert Position.objects.get().fixed_at <= timezone.now()


def test_the_fixes_between_her_gesture_and_its_late_arrival_belong_to_the_alert(companion: Companion) -> None:
    gesture = companion.now() - timedelta(minutes=8)
    companion.click(clicked_at=gesture)

    reply = companion.send(walk(companion, -470, -240, -1, -500))

    assert reply.json == {"stored": 3, "known": 0, "refused": 1}


def test_out_of_order_fixes_complete_the_track_and_the_newest_by_her_clock_wins(
    companion: Companion, alert: Alert
) -> None:
    companion.send(walk(companion, 30))
    companion.send(walk(companion, 10, 20, 5))

    newest = tracking.newest(alert)
    assert Position.objects.filter(alert=alert).count() == 4
    assert newest is not None
    assert newest.latitude == pytest.approx(49.403)


def test_what_was_recorded_during_the_alert_is_stored_up_to_an_hour_after_its_end(
    companion: Companion, alert: Alert
) -> None:
    companion.close(str(alert.pk), PIN)
    began = timezone.now() - timedelta(hours=3)
    Alert.objects.update(opened_at=began, ended_at=began + timedelta(hours=2, minutes=1))
    alert.events.filter(kind="closed").update(at=began + timedelta(hours=2, minutes=1))
    during, after = walk(companion, -3600, -60)

    assert companion.send([during, after]).json == {"stored": 1, "known": 0, "refused": 1}

    Alert.objects.update(ended_at=began + timedelta(hours=1, minutes=59))
    alert.events.filter(kind="closed").update(at=began + timedelta(hours=1, minutes=59))
    late = companion.send(walk(companion, -7200))
    assert (late.status, late.error) == (409, "no_open_alert")


def test_without_an_alert_nothing_is_stored(companion: Companion) -> None:
    reply = companion.send(walk(companion, 1))

    assert (reply.status, reply.error) == (409, "no_open_alert")
    assert not Position.objects.exists()


def test_an_empty_queue_is_no_error(companion: Companion) -> None:
    assert companion.send([]).json == {"stored": 0, "known": 0, "refused": 0}


def test_five_hundred_fixes_fit_and_one_more_does_not(companion: Companion, alert: Alert) -> None:
    queue = walk(companion, *range(1, 502))

    too_many = companion.send(queue)
    fits = companion.send(queue[:500])

    assert (too_many.status, too_many.error) == (422, "invalid")
    assert fits.json == {"stored": 500, "known": 0, "refused": 0}


def test_a_long_queue_makes_the_pages_read_the_whole_track(companion: Companion, alert: Alert) -> None:
    companion.send(walk(companion, 0))  # the first of an alert is a line of its own
    before = Alert.objects.get().sequence
    companion.send(walk(companion, 1))
    one = Alert.objects.get().sequence
    companion.send(walk(companion, *range(2, 200)))

    assert one == before + 1
    assert Alert.objects.get().sequence == one + 2


def test_without_sent_at_a_wrong_clock_is_known_from_the_click(companion: Companion) -> None:
    companion.clock_error = timedelta(hours=1)
    companion.click()

    reply = companion.call("POST", "/positions", {"positions": walk(companion, 2)})

    assert reply.json == {"stored": 1, "known": 0, "refused": 0}
    assert timezone.now() - Position.objects.get().fixed_at < timedelta(seconds=20)


def test_the_positions_of_another_phone_of_hers_count_too(companion: Companion, alert: Alert) -> None:
    make_phone(alert.victim, token="tablet", osmand_id="tablet")

    assert Companion(token="tablet").send(walk(companion, 1)).json["stored"] == 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(
        st.lists(st.integers(min_value=-20, max_value=20), max_size=12).flatmap(st.permutations), min_size=1, max_size=4
    )
)
def test_any_order_and_any_repetition_store_the_same_and_add_up(batches: list[list[int]]) -> None:
    """Minutes around the opening; before minus ten, plus ten and later is refused."""
    phone = make_phone(make_marie(f"marie{uuid4()}"), token=str(uuid4()), osmand_id=str(uuid4()))
    report = ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=NOON, sent_at=NOON)
    alert = receive_click(phone, report, now=NOON).alert
    belongs = range(11)

    for batch in batches:
        fixes = [
            tracking.Fix(uid=UUID(int=100 + at), latitude=49, longitude=2, recorded_at=NOON + timedelta(minutes=at))
            for at in batch
        ]
        known_before = Position.objects.filter(alert=alert).count()
        tally = receiving.receive(phone, fixes, sent_at=NOON, now=NOON)

        assert tally.stored + tally.known + tally.refused == len(batch)
        assert tally.refused == sum(at not in belongs for at in batch)
        assert tally.stored == Position.objects.filter(alert=alert).count() - known_before

    stored = {uid.int - 100 for uid in Position.objects.filter(alert=alert).values_list("uid", flat=True)}
    assert stored == {at for batch in batches for at in batch if at in belongs}
    assert Alert.objects.get(pk=alert.pk).state == AlertState.OPEN


def test_a_batch_outside_an_alert_takes_no_lock(companion: Companion) -> None:
    with connection.execute_wrapper(_refuse_writes):
        assert companion.send(walk(companion, 1)).status == 409


def _refuse_writes(execute: Any, sql: str, *rest: Any) -> Any:
    assert sql.startswith("SELECT"), sql
    return execute(sql, *rest)
