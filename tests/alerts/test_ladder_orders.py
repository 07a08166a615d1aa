"""Hands, keys, clicks, silences, deaths and frozen clocks in any order: what a ladder must never do."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from itertools import count, pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from alerts.domain import alerting, ladder
from alerts.domain.responding import OverError, TakenError
from alerts.models import Alert, Ladder
from alerts.states import LAST_ROUNDS, ON_CALLS, ROUNDS, AlertState, Channel, DeliveryState, Gesture
from tests.night import STEP, Night, Sent
from tests.people import AWA, LINE, LUCIE, NADIA, Person

PEOPLE = (NADIA, AWA, LUCIE)
EVERYBODY = (*PEOPLE, LINE)
SOMEBODY = st.sampled_from(EVERYBODY)
A_WHILE = st.sampled_from([1, 5, 10, 30, 59, 60, 61, 120, 600])
OF_THE_LADDER = frozenset({*ROUNDS, *ON_CALLS})
_nights = count()


class KilledError(Exception):
    """A worker dies in the middle of a step."""


def _climb_and_die(night: Night) -> None:
    with transaction.atomic():
        ladder.climb_due(now=night.now)
        raise KilledError


class Orders(RuleBasedStateMachine):
    """One night in which anything happens. What is right is told here from the outside: by whom, when, to whom."""

    def __init__(self) -> None:
        super().__init__()
        self.night = Night.falls(f"marie {next(_nights)}", relatives=PEOPLE)
        self.night.click()
        self.holder: str | None = None
        self.said_no: set[str] = set()
        self.cut_off: set[str] = set()
        self.hung_up: set[object] = set()
        self.over = False
        self.released = ""
        self.judged = len(self.night.sent)
        self.steps = 0

    # ---- What people do ----

    @rule(who=SOMEBODY)
    def takes_charge(self, who: Person) -> None:
        if not self._was_told(who):
            return
        try:
            self.night.takes_charge(who)
        except OverError:
            assert self.over or who.name in self.cut_off
        except TakenError:
            assert self.holder not in {None, who.name}
        else:
            self.holder = who.name

    @rule(who=SOMEBODY)
    def releases(self, who: Person) -> None:
        if not self._was_told(who) or self.over or who.name in self.cut_off:
            return
        self.night.releases(who)
        if self.holder == who.name:
            self.holder, self.released = None, who.name

    @rule(who=SOMEBODY, key=st.sampled_from(["1", "2", "9", ""]))
    def presses(self, who: Person, key: str) -> None:
        if not self._was_told(who) or (call := self.night.newest(who, Channel.VOICE).pk) in self.hung_up:
            return
        self.night.presses(who, key)
        self.hung_up |= {call} if key != "2" else set()
        if self.over or who.name in self.cut_off:
            return
        if key == "9":
            self.said_no.add(who.name)
            self.holder = None if self.holder == who.name else self.holder
        if key == "1" and self.holder is None and self.night.alert.in_charge is not None:
            self.holder = who.name

    @rule(who=SOMEBODY)
    def opens_the_link(self, who: Person) -> None:
        if self._was_told(who):
            self.night.opens_the_link(who)

    @rule(who=st.sampled_from(PEOPLE), to=st.sampled_from([DeliveryState.DELIVERED, DeliveryState.FAILED]))
    def hears_from_the_network(self, who: Person, to: DeliveryState) -> None:
        for channel in (Channel.SMS, Channel.VOICE):
            self.night.receipt(who, channel, to, code="30003" if to is DeliveryState.FAILED else "")

    @rule(who=st.sampled_from(PEOPLE))
    @precondition(lambda self: len(self.cut_off) < 1)
    def is_cut_off(self, who: Person) -> None:
        if who.name != self.holder:
            self.night.cut_off(who)
            self.cut_off.add(who.name)

    @rule()
    def presses_harder(self) -> None:
        if self.night.alert.state == AlertState.OPEN:
            self.night.click(Gesture.LONG)

    @rule(to=st.sampled_from([AlertState.CLOSED, AlertState.CLOSED_UNDER_DURESS]))
    @precondition(lambda self: self.steps > 10)
    def she_closes(self, to: AlertState) -> None:
        if self.night.alert.state == AlertState.OPEN:
            self.night.closes(to)
            self.over = to is AlertState.CLOSED

    # ---- What machines do ----

    @rule(seconds=A_WHILE)
    def time_passes(self, seconds: int) -> None:
        self.night.after(seconds)

    @rule(seconds=A_WHILE)
    def every_worker_stands_still(self, seconds: int) -> None:
        self.night.now += timedelta(seconds=seconds)

    @rule(seconds=A_WHILE)
    def a_frozen_worker_wakes_up(self, seconds: int) -> None:
        ladder.climb_due(now=self.night.now - timedelta(seconds=seconds))

    @rule()
    def a_worker_dies_in_a_step(self) -> None:
        with suppress(KilledError):
            _climb_and_die(self.night)

    @rule(seconds=A_WHILE)
    def two_workers_sweep_and_send_later(self, seconds: int) -> None:
        self.night.now += timedelta(seconds=seconds)
        first = ladder.climb_due(now=self.night.now)
        assert ladder.climb_due(now=self.night.now) == 0, f"climbed {first} and once more"

    @rule()
    def the_network_falls_silent_or_comes_back(self) -> None:
        self.night.is_network_up = not self.night.is_network_up

    # ---- What must hold ----

    @invariant()
    def nobody_is_rung_who_must_not_be(self) -> None:
        self.steps += 1
        fresh, self.judged = self.night.sent[self.judged :], len(self.night.sent)
        for sent in fresh:
            if sent.occasion not in OF_THE_LADDER:
                continue
            assert not self.over, "after the end"
            assert sent.name not in self.said_no or sent.channel != Channel.VOICE, "a call to who pressed 9"
            assert sent.name not in self.cut_off
            assert self.holder is None or _is_last_text(sent), "somebody is in charge"

    @invariant()
    def nothing_is_sent_twice_for_one_occasion(self) -> None:
        told = Counter((sent.name, sent.channel, sent.occasion) for sent in self.night.sent)
        assert not told or max(told.values()) == 1

    @invariant()
    def rounds_of_one_telephone_are_half_a_step_apart(self) -> None:
        for person in PEOPLE:
            calls = [sent for sent in self.night.sent if (sent.name, sent.channel) == (person.name, Channel.VOICE)]
            for before, after in pairwise(calls):
                if after.occasion in OF_THE_LADDER:
                    assert after.at - before.at >= timedelta(seconds=STEP / 2)

    @invariant()
    def while_nobody_is_in_charge_something_is_to_come_or_was_said(self) -> None:
        row = Ladder.objects.get(alert=self.night.alert)
        if self.over or self.holder is not None or row.due_at is not None:
            return
        assert self.night.steps()[-1] == "exhausted", "nobody is in charge and the ladder rests"

    def teardown(self) -> None:
        """Left alone, with a network, every ladder comes to its honest end."""
        if not self.over and self.holder is None:
            self.night.is_network_up = True
            for _ in range(40):
                self.night.after(STEP / 2)
            assert self.night.steps()[-1] == "exhausted"
            assert "Astreinte" in {one.name for one in self.night.sent} | self.said_no | {self.released}
            assert Ladder.objects.get(alert=self.night.alert).due_at is None
        alerting.expire(self.night.alert, now=self.night.now)

    def _was_told(self, who: Person) -> bool:
        alert: Alert = self.night.alert
        return alert.deliveries.filter(contact=self.night.contact(who), channel=Channel.VOICE).exists()


def _is_last_text(sent: Sent) -> bool:
    return sent.channel == Channel.SMS and sent.occasion in LAST_ROUNDS


@pytest.mark.django_db
@pytest.mark.slow
def test_a_ladder_keeps_its_word_whatever_the_order() -> None:
    run_state_machine_as_test(
        Orders,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
            phases=[Phase.reuse, Phase.generate],  # shrinking thirty steps takes minutes; they read well as they are
        ),
    )
