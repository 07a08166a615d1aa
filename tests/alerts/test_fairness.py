"""Whose turn it is: nothing is lost, nobody is served twice, nobody starves, and no one's trouble is everybody's."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from alerts.domain.fairness import ONE_REPETITION_IN, Ticket, Turns, in_turn

MARIE, SONIA, LEILA = 1, 2, 3
WAYS = ("sms", "voice", "email")


class FairQueue(RuleBasedStateMachine):
    """Any order of arrivals, turns and returns, checked against what was promised."""

    @initialize(seats=st.integers(min_value=1, max_value=12))
    def open(self, seats: int) -> None:
        self.seats = seats
        self.turns: Turns[int] = Turns(seats)
        self.added: list[int] = []
        self.served: list[int] = []
        self.waiting: dict[int, Ticket[int]] = {}
        self.seated: list[Ticket[int]] = []

    @rule(of=st.sampled_from((MARIE, SONIA, LEILA)), way=st.sampled_from(WAYS), first=st.booleans())
    def arrive(self, of: int, way: str, first: bool) -> None:
        ticket = Ticket(job=len(self.added), of=of, way=way, first=first)
        self.added.append(ticket.job)
        self.waiting[ticket.job] = ticket
        self.turns.add(ticket)

    @rule()
    def sit(self) -> None:
        before = Counter(ticket.of for ticket in self.seated)
        ticket = self.turns.next()
        if ticket is None:
            self._nobody_could_sit(before)
            return
        assert ticket is self.waiting.pop(ticket.job), "served twice, or never asked for"
        self.served.append(ticket.job)
        self.seated.append(ticket)
        self._is_the_oldest_of_her_own(ticket)

    @precondition(lambda self: self.seated)
    @rule(which=st.integers(min_value=0, max_value=100))
    def leave(self, which: int) -> None:
        self.turns.leave(self.seated.pop(which % len(self.seated)))

    def _nobody_could_sit(self, before: Counter[int]) -> None:
        """Only for want of a seat, or because each who waits has a seat already, or her way takes too many."""
        free = self.seats - len(self.seated)
        ways = Counter(ticket.way for ticket in self.seated)
        for ticket in self.waiting.values():
            taken = before[ticket.of]
            way_is_full = ways[ticket.way] >= 2 * free
            assert not free or (taken and taken >= free) or way_is_full

    def _is_the_oldest_of_her_own(self, ticket: Ticket[int]) -> None:
        older = [
            one
            for one in self.waiting.values()
            if (one.of, one.way, one.first) == (ticket.of, ticket.way, ticket.first) and one.job < ticket.job
        ]
        assert not older

    @invariant()
    def nothing_is_lost(self) -> None:
        if hasattr(self, "turns"):
            assert len(self.added) == len(self.waiting) + len(self.served)
            assert self.turns.waiting == len(self.waiting)
            assert self.turns.held == len(self.seated) <= self.seats

    @invariant()
    def nobody_holds_more_than_half(self) -> None:
        if hasattr(self, "turns") and self.seated and self.seats > 1:
            most = Counter(ticket.of for ticket in self.seated).most_common(1)[0][1]
            assert most <= (self.seats + 1) // 2

    def teardown(self) -> None:
        """Whoever waits is served in the end, if seats come free."""
        if not hasattr(self, "turns"):
            return
        while self.waiting:
            while ticket := self.turns.next():
                assert ticket is self.waiting.pop(ticket.job)
                self.seated.append(ticket)
            assert self.seated, "somebody waits, every seat is free, and nobody sits down"
            self.turns.leave(self.seated.pop(0))


@settings(max_examples=100, deadline=None)
@given(
    seats=st.integers(min_value=1, max_value=6),
    arrivals=st.lists(
        st.tuples(st.sampled_from((MARIE, SONIA, LEILA)), st.sampled_from(WAYS), st.booleans()),
        min_size=20,
        max_size=120,
    ),
)
def test_who_has_nobody_seated_waits_for_few_others(seats: int, arrivals: list[tuple[int, str, bool]]) -> None:
    turns: Turns[int] = Turns(seats)
    waiting: Counter[int] = Counter()
    for job, (of, way, first) in enumerate(arrivals):
        turns.add(Ticket(job=job, of=of, way=way, first=first))
        waiting[of] += 1
    passed_by: Counter[int] = Counter()
    seated: list[Ticket[int]] = []
    while +waiting:
        ticket = turns.next()
        if ticket is None:
            turns.leave(seated.pop(0))
            continue
        seated.append(ticket)
        waiting[ticket.of] -= 1
        holding = {one.of for one in seated}
        for of in +waiting:
            passed_by[of] = 0 if of in holding else passed_by[of] + 1
            assert passed_by[of] <= 2 * ONE_REPETITION_IN


FairQueue.TestCase.settings = settings(max_examples=120, stateful_step_count=60, deadline=None)
TestFairQueue = FairQueue.TestCase


def fill(turns: Turns[str], of: int, count: int, *, way: str = "sms", first: bool = True) -> None:
    """So many jobs of one victim."""
    for number in range(count):
        turns.add(Ticket(job=f"{of}.{number}", of=of, way=way, first=first))


def seat_all(turns: Turns[str]) -> list[Ticket[str]]:
    """Everybody who may sit down now."""
    return list(iter(turns.next, None))


def test_a_flood_leaves_half_of_the_seats_to_the_others() -> None:
    turns: Turns[str] = Turns(24)
    fill(turns, MARIE, 1000)
    assert len(seat_all(turns)) == 12

    fill(turns, SONIA, 15)
    assert [ticket.of for ticket in seat_all(turns)] == [SONIA] * 4  # her way, texts, takes two thirds by now
    fill(turns, LEILA, 5, way="voice")
    assert {ticket.of for ticket in seat_all(turns)} == {LEILA}


def test_ten_women_whose_numbers_hang_leave_a_seat_to_the_eleventh() -> None:
    turns: Turns[str] = Turns(48)
    for of in range(10, 20):
        fill(turns, of, 15)
        seat_all(turns)
    fill(turns, MARIE, 5)

    served = seat_all(turns)
    assert served
    assert {ticket.of for ticket in served} == {MARIE}


def test_a_mail_server_that_hangs_leaves_seats_to_texts_and_calls() -> None:
    turns: Turns[str] = Turns(48)
    for of in range(10, 60):
        fill(turns, of, 5, way="email")
        seat_all(turns)
    fill(turns, MARIE, 5)
    fill(turns, SONIA, 5, way="voice")

    assert {ticket.of for ticket in seat_all(turns)} == {MARIE, SONIA}


def test_first_messages_go_before_repetitions_and_these_do_not_starve() -> None:
    turns: Turns[str] = Turns(1)
    fill(turns, MARIE, 9, first=False)
    fill(turns, SONIA, 12)
    order = []
    while ticket := turns.next():
        order.append(ticket.first)
        turns.leave(ticket)

    assert order[:8] == [True, True, True, False] * 2
    assert order == [True, True, True, False] * 4 + [False] * 5


def test_the_order_of_alerts_is_fair_to_victims() -> None:
    firsts = [(MARIE, "m1"), (MARIE, "m2"), (MARIE, "m3"), (SONIA, "s1"), (LEILA, "l1")]
    repetitions = [(SONIA, "s2"), (SONIA, "s3")]
    assert in_turn(firsts, repetitions) == ["m1", "s1", "l1", "s2", "m2", "m3", "s3"]


@pytest.mark.parametrize("seats", [1, 4, 48])
def test_room_takes_a_whole_alert_and_keeps_place_for_others(seats: int) -> None:
    turns: Turns[str] = Turns(seats)
    room = turns.room()
    hers = sum(room.take(MARIE, way) for way in _alternating(1000))
    assert 18 <= hers <= max(36, seats)
    assert room.full_victims() == [MARIE]
    assert not room.is_full()
    assert sum(room.take(SONIA, way) for way in _alternating(15)) == 15


def test_a_way_that_takes_nothing_leaves_room_for_the_others() -> None:
    room = Turns[str](48).room()
    taken = sum(room.take(of, "sms") for of in range(1000))
    assert room.take(MARIE, "email")
    assert taken == 96
    for of in range(1000):
        room.take(of, "email")
    assert room.is_full()


def _alternating(count: int) -> Iterator[str]:
    return (WAYS[number % 3] for number in range(count))
