"""Nobody takes charge: those not reached are rung again, then the on-call line; whoever takes charge stops it."""

from datetime import timedelta

import pytest

from alerts.domain import her_alert, ladder
from alerts.models import Contact, Delivery, Ladder
from alerts.states import Channel, ContactState, DeliveryState, Occasion
from tests.night import STEP, Night
from tests.people import AWA, LINE, LUCIE, NADIA, NOON, RELATIVES, THOMAS

pytestmark = pytest.mark.django_db
EVERYBODY = [person.name for person in RELATIVES]


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
