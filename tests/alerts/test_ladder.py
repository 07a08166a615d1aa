"""Nobody takes charge: those not reached are rung again, then the on-call line; whoever takes charge stops it."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from alerts.domain import composing, her_alert, ladder
from alerts.domain.sending import own_connections
from alerts.models import Contact, Delivery, Ladder, Victim
from alerts.states import AlertState, Channel, ContactState, DeliveryState, Gesture, Occasion
from tests.night import ON_CALL_LINE, STEP, Night
from tests.people import AWA, LUCIE, NADIA, NOON, RELATIVES, THOMAS, YANN

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
    assert "Lucie a répondu non par téléphone" in said
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

    night.opens_the_link(ON_CALL_LINE)
    night.presses(ON_CALL_LINE, "1")
    assert night.alert.in_charge == night.contact(ON_CALL_LINE)
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


# ---- Texts ----


def test_who_has_a_text_on_its_way_is_called_and_not_texted_again(night: Night) -> None:
    night.click()
    night.receipt(NADIA, Channel.SMS, DeliveryState.DELIVERED)
    night.receipt(THOMAS, Channel.SMS, DeliveryState.FAILED, code="30003")
    night.receipt(AWA, Channel.SMS, DeliveryState.FAILED, code="30006")
    night.receipt(LUCIE, Channel.SMS, DeliveryState.FAILED, code="21610")
    night.after(STEP)

    assert night.texted(Occasion.ROUND_1) == ["Thomas", "Yann"], "Yann's text is over: its validity was a minute"
    assert night.rung(Occasion.ROUND_1) == EVERYBODY
    assert "SMS à Thomas : échec, téléphone éteint ou hors réseau" in night.said()
    assert "SMS à Awa : échec, ligne fixe, sans SMS" in night.said()


def test_a_text_that_may_still_arrive_is_not_doubled(night: Night) -> None:
    night.click()
    night.receipt(NADIA, Channel.VOICE, DeliveryState.FAILED, code="busy")
    Delivery.objects.filter(channel=Channel.SMS).update(moved_at=night.now + timedelta(seconds=30))
    night.after(STEP)

    assert night.texted(Occasion.ROUND_1) == []
    assert night.rung(Occasion.ROUND_1) == EVERYBODY


def test_the_last_text_of_a_lap_waits_for_its_telephone_until_the_end(night: Night) -> None:
    night.click()
    lives = {}
    for step in range(5):
        for row in night.alert.deliveries.filter(channel=Channel.SMS, contact__rank__in=(1, 6)):
            lives[row.occasion] = composing.valid_for(row, night.alert)
        night.after(STEP if step < 4 else 0)

    assert lives == {"click": 60, "round_1": 60, "round_2": 60, "round_3": 14_400, "on_call": 14_400}


def test_a_prevention_and_an_end_wait_long(night: Night) -> None:
    night.click(Gesture.SINGLE)
    night.now = night.alert.expires_at - timedelta(seconds=900)
    night.closes()

    lives = {row.occasion: composing.valid_for(row, night.alert) for row in night.alert.deliveries.all()}
    assert lives == {"click": 14_400, "end": 14_400}


def test_a_text_never_outlives_its_alert(night: Night) -> None:
    night.click()
    row = night.newest(NADIA, Channel.SMS)
    row.occasion, row.created_at = Occasion.ROUND_3, night.alert.expires_at - timedelta(seconds=900)

    assert composing.valid_for(row, night.alert) == 900


def test_a_telephone_that_was_off_gets_a_last_text_though_somebody_is_in_charge(night: Night) -> None:
    night.click()
    for person in (NADIA, AWA, LUCIE, YANN):
        night.receipt(person, Channel.SMS, DeliveryState.DELIVERED)
    night.takes_charge(NADIA)
    night.receipt(THOMAS, Channel.SMS, DeliveryState.FAILED, code="30003")
    for _ in range(5):
        night.after(STEP)

    assert [(one.name, one.channel) for one in night.sent if one.at > NOON] == [("Thomas", "sms")]
    text = night.newest(THOMAS, Channel.SMS)
    said = composing.message_of(text, night.alert, None, token="")
    assert "Nadia est en charge" in said.text
    assert said.valid_for == 14_400
    night.releases(NADIA)
    night.after(10)
    assert night.rung(Occasion.ROUND_4) == ["Thomas", "Awa", "Lucie", "Yann"]


# ---- A network that is silent ----


def test_after_a_silence_of_the_network_nobody_rings_twice_at_once(night: Night) -> None:
    night.is_network_up = False
    night.click()
    for _ in range(120):
        night.after(5)
    assert night.steps() == ["on_call"], "the mail of the on-call line may go another way"

    night.is_network_up = True
    night.now += timedelta(seconds=60)
    night.work()
    calls = [one.name for one in night.sent if one.channel == Channel.VOICE]
    assert calls == [*EVERYBODY, "Astreinte"]
    for _ in range(5):
        night.after(5)
    assert night.steps() == ["on_call"]
    for _ in range(2):
        night.after(5)
    assert night.rung(Occasion.ROUND_1) == EVERYBODY
    for _ in range(40):
        night.after(5)
    assert night.steps() == ["on_call", "round_1", "round_2", "round_3", "exhausted"]


def test_a_step_that_is_late_is_climbed_once_and_the_next_is_a_whole_step_away(night: Night) -> None:
    night.click()
    night.after(STEP * 5)
    night.after(STEP - 1)
    assert night.steps() == ["round_1"]
    night.after(1)

    assert night.steps() == ["round_1", "round_2"]


# ---- Workers ----


def test_a_worker_whose_clock_stood_still_climbs_nothing_again(night: Night) -> None:
    night.click()
    frozen = night.now + timedelta(seconds=STEP)
    night.after(STEP)

    assert ladder.climb_due(now=frozen) == 0
    assert night.steps() == ["round_1"]


class KilledError(Exception):
    """The process ends here."""


def _climb_and_die(night: Night) -> None:
    with transaction.atomic():
        assert ladder.climb_due(now=night.now) == 1
        raise KilledError


def test_a_worker_that_dies_in_a_step_leaves_the_step_to_another(night: Night) -> None:
    night.click()
    night.now += timedelta(seconds=STEP)
    with pytest.raises(KilledError):
        _climb_and_die(night)
    assert night.steps() == []

    assert ladder.climb_due(now=night.now) == 1
    assert night.steps() == ["round_1"]


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_climb_one_step(night: Night) -> None:
    night.click()
    night.now += timedelta(seconds=STEP)
    climbed: list[int] = []
    gate = threading.Barrier(4)

    def sweep() -> None:
        with own_connections():
            gate.wait()
            climbed.append(ladder.climb_due(now=night.now))

    _together(sweep, 4)
    assert sum(climbed) == 1
    assert night.steps() == ["round_1"]
    assert Delivery.objects.filter(occasion="round_1", channel=Channel.VOICE).count() == 5


@pytest.mark.django_db(transaction=True)
def test_a_hand_and_a_worker_at_the_same_moment_agree(night: Night) -> None:
    night.click()
    night.now += timedelta(seconds=STEP)
    gate = threading.Barrier(2)

    def take() -> None:
        with own_connections():
            gate.wait()
            night.takes_charge(NADIA)

    def sweep() -> None:
        with own_connections():
            gate.wait()
            ladder.climb_due(now=night.now)

    threads = [threading.Thread(target=work) for work in (take, sweep)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    night.work()
    assert night.rung(Occasion.ROUND_1) == []
    kinds = list(night.alert.events.filter(kind__in=("take_charge", "round_1")).values_list("kind", flat=True))
    assert kinds in (["take_charge"], ["round_1", "take_charge"]), "never a round after a take-charge"


def _together(work: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_ladder_that_cannot_be_climbed_does_not_hold_up_the_others(caplog: pytest.LogCaptureFixture) -> None:
    broken, whole = Night.falls(), Night.falls("sofia")
    for night in (broken, whole):
        night.click()
    stale = broken.newest(NADIA, Channel.VOICE)
    Delivery.objects.filter(pk=stale.pk).update(occasion=Occasion.ROUND_1)  # this round exists already
    broken.after(STEP)
    whole.now = broken.now
    whole.work()

    assert broken.steps() == []
    assert whole.rung(Occasion.ROUND_1) == EVERYBODY
    assert "could not be climbed" in caplog.text
