"""Nobody takes charge: those not reached are rung again, then the on-call line; whoever takes charge stops it."""

from datetime import timedelta

import pytest

from alerts.domain import composing, her_alert, ladder
from alerts.models import Contact, Delivery, Ladder, Victim
from alerts.states import AlertState, Channel, ContactState, DeliveryState, Gesture, Occasion
from tests.night import STEP, Night
from tests.people import AWA, LINE, LUCIE, NADIA, NOON, RELATIVES, THOMAS

pytestmark = pytest.mark.django_db
EVERYBODY = [person.name for person in RELATIVES]


@pytest.fixture
def night() -> Night:
    return Night.falls()


def test_three_rounds_then_the_on_call_line_then_the_truth(night: Night) -> None:
    night.click()
    for _ in range(6):
        night.after(STEP)

    assert night.rung(Occasion.ROUND_1) == night.rung(Occasion.ROUND_2) == night.rung(Occasion.ROUND_3) == EVERYBODY
    assert night.rung(Occasion.ON_CALL) == ["Astreinte"]
    assert night.steps() == ["round_1", "round_2", "round_3", "on_call", "exhausted"]
    at = [
        one.at - NOON for one in night.sent if (one.channel, one.name) in {("voice", "Nadia"), ("voice", "Astreinte")}
    ]
    assert at == [timedelta(seconds=STEP * n) for n in range(5)]
    assert Ladder.objects.get().due_at is None


def test_nobody_is_rung_again_before_the_minute_is_over(night: Night) -> None:
    night.click()
    night.after(STEP - 1)

    assert night.steps() == []


def test_every_step_is_a_line_that_names_who_is_rung(night: Night) -> None:
    night.click()
    night.presses(LUCIE, "9")
    night.opens_the_link(NADIA)
    night.after(STEP)
    for person in (THOMAS, AWA):
        night.opens_the_link(person)
    for _ in range(4):
        night.after(STEP)

    said = night.said()
    assert "Personne n'a pris en charge : nouvel appel à Thomas, Awa et Yann" in said
    assert "Personne n'a pris en charge : nouvel appel à Yann" in said
    assert "Lucie a répondu non (par téléphone)" in said
    assert "Personne n'a pris en charge : appel à la ligne d'astreinte (Astreinte)" in said
    assert said[-1] == "Personne n'a pris en charge, et il ne reste personne à appeler"


def test_the_on_call_line_hears_nothing_of_the_click(night: Night) -> None:
    night.click()

    assert {one.name for one in night.sent} == set(EVERYBODY)
    assert not night.alert.links.filter(contact__rank=6).exists()


def test_the_on_call_line_is_called_by_all_its_ways_opens_its_link_and_takes_charge(night: Night) -> None:
    night.click()
    for _ in range(4):
        night.after(STEP)
    assert {one.channel for one in night.sent if one.occasion == "on_call"} == {"sms", "voice", "email"}

    night.opens_the_link(LINE)
    night.presses(LINE, "1")
    assert night.alert.in_charge == night.contact(LINE)
    assert "Astreinte" in {told.name for told in her_alert.view(night.alert, now=night.now).contacts}
    night.after(STEP * 3)
    assert night.steps()[-1] == "on_call"


@pytest.mark.parametrize("rounds", [0, 1, 2, 3, 4])
def test_any_take_charge_stops_it(night: Night, rounds: int) -> None:
    night.click()
    for _ in range(rounds):
        night.after(STEP)
    night.presses(THOMAS, "1")
    before = night.sent.copy()
    for _ in range(9):
        night.after(STEP)

    assert [one for one in night.sent[len(before) :] if one.channel == Channel.VOICE] == []
    assert len(night.steps()) == rounds


def test_a_round_that_waits_is_needless_once_somebody_is_in_charge_and_no_failure(night: Night) -> None:
    night.click()
    night.is_network_up = False
    night.now += timedelta(seconds=STEP)
    ladder.climb_due(now=night.now)
    night.takes_charge(NADIA)
    night.is_network_up = True
    night.work()

    assert night.rung(Occasion.ROUND_1) == []
    assert set(Delivery.objects.filter(occasion="round_1").values_list("error_code", flat=True)) == {"in_charge"}
    assert "Appel à Thomas : inutile, quelqu'un a pris en charge" in night.said()
    told = her_alert.view(night.alert, now=night.now).contacts
    assert all(state == DeliveryState.ACCEPTED for contact in told for _, state in contact.deliveries)


def test_a_round_that_waits_does_not_ring_who_pressed_nine_meanwhile(night: Night) -> None:
    night.click()
    night.now += timedelta(seconds=STEP)
    ladder.climb_due(now=night.now)
    night.presses(LUCIE, "9", during=Occasion.CLICK)
    night.work()

    assert night.rung(Occasion.ROUND_1) == ["Nadia", "Thomas", "Awa", "Yann"]
    assert "Appel à Lucie : inutile, a répondu non" in night.said()


# ---- Who counts as reached ----


def test_a_delivered_text_and_a_voicemail_reach_nobody(night: Night) -> None:
    night.click()
    for person in RELATIVES:
        night.receipt(person, Channel.SMS, DeliveryState.DELIVERED)
        night.receipt(person, Channel.VOICE, DeliveryState.DELIVERED)
        night.receipt(person, Channel.EMAIL, DeliveryState.DELIVERED)
    night.after(STEP)

    assert night.rung(Occasion.ROUND_1) == EVERYBODY


def test_a_link_opened_by_hand_and_a_key_reach(night: Night) -> None:
    night.click()
    night.opens_the_link(NADIA)
    night.presses(LUCIE, "9")
    night.after(STEP)

    assert night.rung(Occasion.ROUND_1) == ["Thomas", "Awa", "Yann"]


def test_when_all_were_reached_and_nobody_takes_charge_the_on_call_line_is_called_at_once(night: Night) -> None:
    night.click()
    for person in RELATIVES:
        night.opens_the_link(person)
    night.after(STEP)

    assert night.steps() == ["on_call"]
    assert night.rung(Occasion.ON_CALL) == ["Astreinte"]


@pytest.mark.parametrize("state", [ContactState.DECLINED, ContactState.WITHDRAWN, ContactState.DECOY])
def test_a_click_that_can_tell_nobody_calls_the_on_call_line_at_once(state: ContactState) -> None:
    night = Night.falls()
    night.marie.contacts.exclude(rank=6).update(state=state)
    night.click()

    assert [(one.name, one.at - NOON) for one in night.sent] == [("Astreinte", timedelta(0))] * 3
    assert night.steps() == ["on_call"]


def test_relatives_without_any_number_or_address_count_as_nobody() -> None:
    night = Night.falls(relatives=(NADIA,))
    night.marie.contacts.filter(rank=1).update(phone_number="", email="")
    night.click()

    assert night.rung(Occasion.ON_CALL) == ["Astreinte"]


def test_without_an_on_call_line_the_end_is_said_after_the_third_round() -> None:
    night = Night.falls(line=None)
    night.click()
    for _ in range(4):
        night.after(STEP)

    assert night.steps() == ["round_1", "round_2", "round_3", "exhausted"]


def test_alone_without_anybody_the_truth_is_said_at_once() -> None:
    night = Night.falls(relatives=(), line=None)
    night.click()

    assert night.steps() == ["exhausted"]


@pytest.mark.parametrize("state", [ContactState.DECLINED, ContactState.WITHDRAWN, ContactState.REMOVED])
def test_an_on_call_line_that_she_does_not_agree_to_is_not_called(night: Night, state: ContactState) -> None:
    night.marie.contacts.filter(rank=6).update(state=state)
    night.click()
    for _ in range(5):
        night.after(STEP)

    assert night.steps()[-1] == "exhausted"
    assert "Astreinte" not in {one.name for one in night.sent}


def test_who_was_cut_off_or_left_is_not_rung_again(night: Night) -> None:
    night.click()
    night.cut_off(NADIA)
    Contact.objects.filter(pk=night.contact(AWA).pk).update(state=ContactState.WITHDRAWN)
    night.after(STEP)

    assert night.rung(Occasion.ROUND_1) == ["Thomas", "Lucie", "Yann"]


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
