"""Which alerts climb, what a release begins anew, and what ends a ladder."""

import pytest

from alerts.domain import composing, ladder
from alerts.models import Ladder, Victim
from alerts.states import AlertState, Gesture, Occasion
from tests.night import STEP, Night
from tests.people import AWA, LUCIE, NADIA, RELATIVES, THOMAS

pytestmark = pytest.mark.django_db
EVERYBODY = [person.name for person in RELATIVES]


# ---- Which alerts ----


def test_a_prevention_rings_nobody_until_it_becomes_a_rescue(night: Night) -> None:
    night.click(Gesture.SINGLE)
    for _ in range(6):
        night.after(STEP)
    assert night.steps() == []

    night.click(Gesture.DOUBLE)
    night.after(STEP)
    assert night.rung(Occasion.ROUND_1) == EVERYBODY


def test_a_prevention_that_can_tell_nobody_does_not_call_the_on_call_line(night: Night) -> None:
    night.marie.contacts.update(on_single=False)
    night.click(Gesture.SINGLE)

    assert night.sent == []


def test_a_rescue_in_charge_that_becomes_an_alarm_rings_nobody_twice(night: Night) -> None:
    night.click()
    night.takes_charge(NADIA)
    night.click(Gesture.LONG)
    told = night.rung(Occasion.UPGRADE)
    for _ in range(6):
        night.after(STEP)

    assert told == EVERYBODY
    assert night.steps() == []


def test_an_alarm_after_the_end_of_the_ladder_begins_another_lap(night: Night) -> None:
    night.click()
    for _ in range(5):
        night.after(STEP)
    night.click(Gesture.LONG)
    for _ in range(4):
        night.after(STEP)

    assert night.rung(Occasion.ROUND_4) == night.rung(Occasion.ROUND_6) == EVERYBODY
    assert night.rung(Occasion.ON_CALL_2) == ["Astreinte"]


def test_a_drill_climbs_too_and_says_so(night: Night) -> None:
    night.click(drill=True)
    for _ in range(4):
        night.after(STEP)
    rows = night.alert.deliveries.filter(occasion__in=("round_1", "on_call")).select_related("contact", "alert__victim")
    texts = [composing.message_of(row, row.alert, None, token="").text for row in rows if row.alert]

    assert len(texts) == 13
    assert all("EXERCICE" in text or "DRILL" in text or "exercice" in text or "drill" in text for text in texts)
    assert not any("17" in text for text in texts)


def test_an_exercise_of_the_operator_rings_nobody_twice(night: Night) -> None:
    Victim.objects.update(canary=True)
    night.click(drill=True)
    night.after(STEP)

    assert not Ladder.objects.exists()


# ---- A release ----


def test_a_release_rings_again_but_neither_who_pressed_nine_nor_who_released(night: Night) -> None:
    night.click()
    night.presses(LUCIE, "9")
    night.opens_the_link(THOMAS)
    night.takes_charge(NADIA)
    night.after(600)
    night.releases(NADIA)
    night.after(ladder.HAND_OVER.total_seconds() - 1)
    assert night.steps() == []
    night.after(1)

    assert night.steps() == ["round_1"]
    assert night.rung(Occasion.ROUND_4) == ["Thomas", "Awa", "Yann"]


def test_a_release_followed_by_another_hand_rings_nobody(night: Night) -> None:
    night.click()
    night.takes_charge(NADIA)
    night.releases(NADIA)
    night.after(5)
    night.takes_charge(THOMAS)
    night.after(STEP * 3)

    assert night.steps() == []


def test_taking_over_from_somebody_is_no_release(night: Night) -> None:
    night.click()
    night.takes_charge(NADIA)
    night.takes_charge(THOMAS, over=True)
    night.releases(NADIA)
    night.after(STEP * 3)

    assert night.steps() == []


def test_three_laps_have_rounds_of_their_own_then_the_last_one_goes_on_where_it_stood(night: Night) -> None:
    night.click()
    for lap in range(3):
        night.after(STEP)
        assert night.steps()[-1] == ("round_2" if lap else "round_1")
        night.takes_charge(NADIA)
        night.after(300)
        night.releases(NADIA)
        night.after(10)
    assert night.steps() == ["round_1", "round_1", "round_2", "round_1", "round_2", "round_3"]
    for _ in range(3):
        night.after(STEP)
    assert night.steps()[-2:] == ["on_call", "exhausted"]
    assert night.rung(Occasion.ROUND_9) == ["Thomas", "Awa", "Lucie", "Yann"]

    night.takes_charge(AWA)
    night.after(300)
    night.releases(AWA)
    night.after(10)
    assert night.steps()[-2:] == ["exhausted", "exhausted"], "nobody is left, and everybody reads it"


def test_a_release_before_anybody_was_rung_again_uses_up_no_lap(night: Night) -> None:
    night.click()
    for _ in range(5):
        night.takes_charge(NADIA)
        night.releases(NADIA)
    for _ in range(STEP // 2 + 5):
        night.after(1)

    assert night.rung(Occasion.ROUND_1) == ["Thomas", "Awa", "Lucie", "Yann"]


# ---- The end ----


def test_after_the_close_nobody_is_rung(night: Night) -> None:
    night.click()
    night.after(STEP)
    night.closes()
    for _ in range(6):
        night.after(STEP)

    assert night.steps() == ["round_1"]
    assert Ladder.objects.get().due_at is None


def test_a_close_under_duress_changes_nothing_for_the_contacts(night: Night) -> None:
    night.click()
    night.after(STEP)
    night.closes(AlertState.CLOSED_UNDER_DURESS)
    for _ in range(3):
        night.after(STEP)

    assert night.steps() == ["round_1", "round_2", "round_3", "on_call"]


def test_the_cap_ends_it(night: Night) -> None:
    night.click()
    night.takes_charge(NADIA)
    night.releases(NADIA)
    night.now = night.alert.expires_at
    night.after(0)

    assert night.steps() == []
