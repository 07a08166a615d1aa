"""A thousand copies of one click, the same queue twice at once, a hundred guesses of a PIN: each counts once."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from alerts.domain import enrolment
from alerts.domain.alerting import ClickReport, receive_click
from alerts.models import Alert, Click, Delivery, Link, Phone, Position, Victim
from alerts.states import AlertKind, Gesture
from tests.people import PIN, make_marie, make_phone
from tests.phones import Companion, InProcess, position

pytestmark = pytest.mark.django_db(transaction=True)

Answer = TypeVar("Answer")
CLICK = UUID("7b0c6e1e-52b5-4a83-9a42-0d6f4f0a1c55")


def at_once(calls: Sequence[Callable[[], Answer]], *, threads: int) -> list[Answer]:
    """Run the calls in so many threads that begin together; each thread closes its own connection."""
    start = Barrier(threads)

    def work(mine: Sequence[Callable[[], Answer]]) -> list[Answer]:
        start.wait()
        try:
            return [call() for call in mine]
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        answers: Iterator[list[Answer]] = pool.map(work, [calls[number::threads] for number in range(threads)])
        return [answer for some in answers for answer in some]


def test_a_thousand_copies_of_one_click_make_one_alert(phone: Phone) -> None:
    now = timezone.now()
    report = ClickReport(uid=CLICK, gesture=Gesture.DOUBLE, clicked_at=now, sent_at=now)

    receipts = at_once([lambda: receive_click(phone, report, now=now)] * 1000, threads=40)

    assert sum(receipt.fresh for receipt in receipts) == 1
    assert len({receipt.alert.pk for receipt in receipts}) == 1
    assert (Alert.objects.count(), Click.objects.count()) == (1, 1)
    assert (Delivery.objects.count(), Link.objects.count()) == (15, 5)


def test_three_hundred_copies_over_http_are_one_201_and_the_same_alert(phone: Phone) -> None:
    def send() -> tuple[int, str]:
        reply = Companion(wire=InProcess()).click(uid=CLICK)
        return reply.status, reply.json["alert"]["id"]

    answers = at_once([send] * 300, threads=30)

    assert Counter(status for status, _ in answers) == {201: 1, 200: 299}
    assert {alert for _, alert in answers} == {str(Alert.objects.get().pk)}


def test_different_clicks_at_once_make_one_alert_of_the_gravest_kind(phone: Phone) -> None:
    gestures = [Gesture.SINGLE, Gesture.DOUBLE, Gesture.LONG] * 20
    calls = [lambda gesture=gesture: Companion(wire=InProcess()).click(gesture).status for gesture in gestures]

    statuses = Counter(at_once(calls, threads=20))
    assert set(statuses) == {201, 429}, "what changes nothing is told to wait"
    assert Alert.objects.get().kind == AlertKind.ALARM
    assert Click.objects.count() == statuses[201]
    sequence = Alert.objects.get().sequence
    assert sorted(Alert.objects.get().events.values_list("sequence", flat=True)) == list(range(1, sequence + 1))


def test_the_same_queue_sent_many_times_at_once_is_counted_once(phone: Phone) -> None:
    Companion().click()
    queue = [position(at=timezone.now() + timedelta(seconds=number)) for number in range(20)]

    tallies = at_once([lambda: Companion(wire=InProcess()).send(queue).json] * 24, threads=12)

    assert sum(tally["stored"] for tally in tallies) == 20
    assert all(tally["stored"] + tally["known"] == 20 for tally in tallies)
    assert Position.objects.count() == 20


def test_a_hundred_guesses_of_a_pin_at_once_are_still_five(phone: Phone) -> None:
    alert = Companion().click().json["alert"]["id"]

    replies = at_once([lambda: Companion(wire=InProcess()).close(alert, "0000").status] * 100, threads=20)

    assert Counter(replies) == {403: 5, 429: 95}


def test_copies_of_an_end_end_it_once(phone: Phone) -> None:
    alert = Companion().click().json["alert"]["id"]

    bodies = at_once([lambda: Companion(wire=InProcess()).close(alert, PIN).body] * 4, threads=4)

    assert set(bodies) == {b'{"state": "closed"}'}
    assert Delivery.objects.filter(occasion="end").count() == 5


def test_two_phones_that_type_the_same_code_at_once_are_one(marie: Victim) -> None:
    code = enrolment.draw_pairing_code(marie, now=timezone.now())

    replies = at_once([lambda: Companion(wire=InProcess(), token="").pair(code).status] * 8, threads=8)

    assert sorted(replies) == [201] + [403] * 7
    assert Phone.objects.count() == 1


def test_other_women_are_served_while_one_phone_floods(phone: Phone) -> None:
    other = [make_phone(make_marie(f"marie{number}"), f"token{number}", f"osmand{number}") for number in range(10)]
    Companion().click()
    queue = [position(at=timezone.now() + timedelta(milliseconds=number)) for number in range(200)]
    began = timezone.now()
    flood = [lambda: Companion(wire=InProcess()).send([{**one, "id": str(uuid4())} for one in queue]).status] * 10
    clicks = [lambda number=number: Companion(InProcess(), f"token{number}").click().status for number in range(10)]

    statuses = at_once([*flood, *clicks], threads=20)

    assert Counter(statuses) == {202: 10, 201: 10}
    assert Click.objects.filter(phone__in=other, received_at__gte=began).count() == 10


def test_a_locked_database_is_503_and_the_repeat_is_stored(phone: Phone) -> None:
    if connection.vendor == "postgresql":
        holder: Sequence[str] = ("BEGIN", "LOCK TABLE alerts_click IN ACCESS EXCLUSIVE MODE")
        patience = ["SET lock_timeout = 200"]
    else:
        holder, patience = ("BEGIN IMMEDIATE",), ["PRAGMA busy_timeout = 200"]
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_execute, holder).result()
        _execute(patience)
        refused = Companion().click(uid=CLICK)
        pool.submit(_execute, ["ROLLBACK"]).result()
        pool.submit(_close).result()
    _close()  # its patience with it

    assert (refused.status, refused.error, refused.headers["Retry-After"]) == (503, "busy", "1")
    assert not Alert.objects.exists()
    assert Companion().click(uid=CLICK).status == 201


def _execute(statements: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _close() -> None:
    connection.close()
