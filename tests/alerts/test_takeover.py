"""One network takes over from another, gives back, and every worker knows within a second."""

from uuid import uuid4

import pytest

from alerts.domain import alerting, takeover
from alerts.models import Alert, Delivery, Rest
from alerts.providers.health import FIRST_REST, LATE_RECEIPTS
from alerts.states import Channel, DeliveryState, Gesture
from tests.lines import REFUSES, Line, Lines
from tests.people import NOON, make_marie, make_phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines() -> Lines:
    return Lines()


# ---- Many processes, one table ----


@pytest.fixture
def two_workers() -> tuple[Lines, Lines]:
    return Lines(), Lines()


def sweep(lines: Lines) -> None:
    takeover.refresh({Channel.SMS: lines.pair}, now=lines.clock())


def test_what_one_worker_found_out_all_know_at_their_next_sweep(two_workers: tuple[Lines, Lines]) -> None:
    here, there = two_workers
    here.rest()
    sweep(here)
    rest = Rest.objects.get()
    assert (rest.provider, rest.channel, rest.reason, rest.until - rest.at) == ("first", "sms", "errors", FIRST_REST)

    sweep(there)
    assert there.text() == "second"
    assert there.first.tried == 0


def test_one_worker_brings_a_network_back_for_all(two_workers: tuple[Lines, Lines]) -> None:
    here, there = two_workers
    here.rest()
    for worker in (here, there):
        sweep(worker)
        worker.clock.hour = NOON + FIRST_REST
    assert here.pair.health.to_greet(here.clock()) == ["first"]
    takeover.greet(here.pair, "first")
    assert here.text() == "first"
    sweep(here)
    assert not Rest.objects.exists()
    sweep(there)
    assert there.text() == "first"


def test_a_worker_that_starts_anew_reads_the_rests_first(two_workers: tuple[Lines, Lines]) -> None:
    _, there = two_workers
    Rest.objects.create(provider="first", channel="sms", at=NOON, until=NOON + FIRST_REST, reason="errors")
    Rest.objects.create(provider="another", channel="sms", at=NOON, until=NOON + FIRST_REST, reason="errors")
    Rest.objects.create(provider="second", channel="voice", at=NOON, until=NOON + FIRST_REST, reason="errors")
    sweep(there)
    assert there.text() == "second"


def test_a_newer_rest_is_not_ended_by_an_older_trial(two_workers: tuple[Lines, Lines]) -> None:
    here, there = two_workers
    here.rest()
    for worker in (here, there):
        sweep(worker)
        worker.clock.hour = NOON + FIRST_REST
        worker.pair.health.to_greet(worker.clock())
        takeover.greet(worker.pair, "first")
    there.first.moods = [REFUSES]
    there.text()
    sweep(there)
    assert here.text() == "first"
    sweep(here)
    assert Rest.objects.get().at == NOON + FIRST_REST
    assert here.text() == "second"


def test_one_network_alone_is_never_sent_to_rest() -> None:
    takeover.refresh({Channel.SMS: Line("alone")}, now=NOON)
    assert not Rest.objects.exists()


# ---- Receipts ----


@pytest.fixture
def told() -> Alert:
    """Marie clicked; all five texts were taken by the first network 40 seconds ago."""
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.SINGLE, clicked_at=NOON, sent_at=NOON)
    alert = alerting.receive_click(make_phone(make_marie()), report, now=NOON).alert
    Delivery.objects.update(state=DeliveryState.ACCEPTED, provider="first", moved_at=NOON)
    return alert


@pytest.mark.parametrize(("heard", "rests"), [(0, True), (1, True), (2, True), (3, False), (5, False)])
def test_a_network_of_which_most_telephones_hear_nothing_rests(
    *, heard: int, rests: bool, told: Alert, lines: Lines
) -> None:
    reached = Delivery.objects.filter(contact__rank__lte=heard)
    reached.update(state=DeliveryState.DELIVERED)
    lines.clock.tick(40)
    sweep(lines)
    assert [(rest.provider, rest.reason) for rest in Rest.objects.all()] == [("first", LATE_RECEIPTS)] * rests
    assert lines.text() == ("second" if rests else "first")


@pytest.mark.parametrize(
    ("seconds", "changes"),
    [
        (20, {}),  # too early to say
        (301, {}),  # too long ago
        (40, {"provider": "second"}),  # the first never had them
        (40, {"state": DeliveryState.DUE}),
        (40, {"channel": Channel.VOICE}),
    ],
)
def test_receipts_that_cannot_be_there_yet_accuse_nobody(
    seconds: int, changes: dict[str, str], told: Alert, lines: Lines
) -> None:
    Delivery.objects.update(**changes)
    lines.clock.tick(seconds)
    sweep(lines)
    assert not Rest.objects.filter(provider="first").exists()


def test_three_telephones_may_simply_be_switched_off(told: Alert, lines: Lines) -> None:
    Delivery.objects.filter(contact__rank__gt=3).delete()
    lines.clock.tick(40)
    sweep(lines)
    assert not Rest.objects.exists()


def test_late_receipts_are_no_reason_where_no_other_network_is_well(told: Alert, lines: Lines) -> None:
    lines.pair.health.bad("second", seconds=9.0, reason="silence", now=NOON)
    lines.clock.tick(40)
    sweep(lines)
    assert [rest.provider for rest in Rest.objects.all()] == ["second"]


def test_receipts_are_counted_every_ten_seconds_and_never_on_the_way_of_a_message(
    told: Alert, lines: Lines, django_assert_num_queries: object
) -> None:
    assert callable(django_assert_num_queries)
    with django_assert_num_queries(3):
        sweep(lines)
    lines.clock.tick(1)
    with django_assert_num_queries(1):
        sweep(lines)
    with django_assert_num_queries(0):
        lines.text()
