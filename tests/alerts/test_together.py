"""Where the parts meet: the ladder and texts of her people, calls and upgrades, ends and networks that were dead."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import alerting, auditing, claiming, her_alert, tracking
from alerts.models import Contact, Link, Victim
from alerts.states import AlertState, Gesture
from tests.emergency import STEP, Emergency, emergency
from tests.people import AWA, DURESS_PIN, LINE, LUCIE, MARIES_NUMBER, NADIA, PIN, RELATIVES, THOMAS, YANN, Person
from tests.phones import Companion
from tests.twilio import Plan

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rescue(settings: Settings, tmp_path: Path) -> Iterator[Emergency]:
    """Marie, her people and a worker; nobody has clicked yet."""
    with emergency(settings, tmp_path) as began:
        settings.SHERIF = replace(settings.SHERIF, inbound_number=began.network.inbound_number)
        yield began


def nobody_answers(rescue: Emergency) -> None:
    """Every relative's telephone rings in an empty room."""
    for person in RELATIVES:
        rescue.device(person).does_not_answer()


# ---- Worse and worse ----


def test_an_on_call_line_that_took_charge_hears_that_it_is_worse(rescue: Emergency) -> None:
    nobody_answers(rescue)
    rescue.click()
    for _ in range(4):
        rescue.passes(STEP)
    rescue.device(LINE).expect_call().press("1")
    rescue.click(Gesture.LONG)

    assert "PLUS GRAVE ALARME Marie" in rescue.device(LINE).expect_text().body
    rescue.device(LINE).expect_call(saying="C'est plus grave qu'avant")
    assert rescue.alert.in_charge_id


def test_an_on_call_line_that_was_not_called_yet_is_not_called_by_a_stronger_click(rescue: Emergency) -> None:
    rescue.click()
    rescue.click(Gesture.LONG)

    assert rescue.device(LINE).calls == []
    assert rescue.device(LINE).texts == []


def test_a_text_to_a_landline_that_fails_after_a_stronger_click_adds_neither_a_call_nor_a_mail(
    rescue: Emergency,
) -> None:
    lucie = rescue.device(LUCIE).receipts(Plan.LATE).fails(30006).does_not_answer()
    rescue.click(Gesture.SINGLE)
    rescue.click()
    for _ in range(3):
        rescue.passes(4)

    assert "SMS à Lucie : échec, ligne fixe, sans SMS" in rescue.timeline()
    assert (len(lucie.calls), len(rescue.mail.to(LUCIE.email))) == (1, 1)


def test_a_landline_that_was_called_for_a_prevention_hears_of_the_rescue_by_all_its_ways(rescue: Emergency) -> None:
    lucie = rescue.device(LUCIE).fails(30006)
    rescue.click(Gesture.SINGLE)
    rescue.passes(5)
    lucie.expect_call(saying="Marie vous prévient")
    rescue.passes(600)
    rescue.click()

    lucie.expect_call(saying="C'est plus grave qu'avant")
    assert rescue.mail.to(LUCIE.email)[-1].subject.startswith("PLUS GRAVE SECOURS Marie")
    rescue.passes(STEP)
    assert len(lucie.texts) == 2, "no round texts a landline"


# ---- Texts of her people while the ladder climbs ----


def test_who_takes_stop_back_is_texted_again_by_the_next_round(rescue: Emergency) -> None:
    thomas = rescue.device(THOMAS).stopped()
    rescue.click()
    rescue.passes(STEP)
    assert (thomas.texts, len(thomas.calls)) == ([], 2), "other ways take over"
    assert "Thomas a répondu STOP : plus de SMS à ce numéro" in rescue.timeline()

    thomas.stopped(0).answers("START")
    rescue.passes(STEP)
    assert "RAPPEL SECOURS Marie" in thomas.expect_text().body


def test_who_answers_stop_during_a_round_is_called_in_the_next_one_and_not_texted(rescue: Emergency) -> None:
    thomas = rescue.device(THOMAS).fails(30003)
    rescue.click()
    rescue.passes(STEP)
    assert len(thomas.texts) == 2
    thomas.answers("STOP")
    rescue.passes(STEP)

    assert (len(thomas.texts), len(thomas.calls)) == (2, 3)


def test_a_text_that_was_answered_is_not_sent_again(rescue: Emergency) -> None:
    rescue.click()
    nadia, awa = rescue.page(NADIA), rescue.device(AWA)
    rescue.device(THOMAS).answers("ok")
    awa.answers("j'y vais")
    assert "Thomas a déjà pris en charge" in awa.texts[-1]
    nadia.act("take_charge", over=True)
    nadia.act("release")
    rescue.passes(STEP)

    assert len(awa.calls) == 2
    assert len(awa.texts) == 2, "the alert, and the answer to hers"


def test_who_pressed_nine_may_still_take_charge_by_a_text_and_is_not_rung_again_afterwards(rescue: Emergency) -> None:
    rescue.click()
    rescue.device(NADIA).expect_call().press("9")
    rescue.device(NADIA).answers("1")
    assert rescue.alert.in_charge_id
    assert not any(one.declined for one in her_alert.view(rescue.alert, now=timezone.now()).contacts)
    rescue.device(NADIA).answers("9")
    rescue.passes(STEP)

    assert rescue.alert.in_charge is None
    assert len(rescue.device(NADIA).calls) == 1
    assert len(rescue.device(THOMAS).calls) == 2


def test_who_was_cut_off_takes_no_charge_by_a_text_and_hears_nothing(rescue: Emergency) -> None:
    rescue.click()
    Link.objects.filter(alert=rescue.alert, contact__rank=1).update(cut_off_at=timezone.now())

    assert b"<Message" not in rescue.device(NADIA).answers("ok").body
    assert rescue.alert.in_charge is None
    assert "Nadia prend en charge (par SMS)" not in rescue.timeline()


# ---- Closed under duress, and a click afterwards ----


def told_on_her_phone(rescue: Emergency, pin: str) -> list[tuple[int, bytes]]:
    """Every answer to her phone after she typed this PIN, while the ladder climbs if it does; without ids and hours."""
    phone, uid = Companion(), uuid4()
    alert = phone.click(uid=uid).json["alert"]
    rescue.passes(0)
    answers = [phone.close(alert["id"], pin)]
    for _ in range(4):
        rescue.passes(STEP)
        answers += [phone.call("GET", "/alert"), phone.close(alert["id"], pin), phone.click(uid=uid)]
    if rescue.device(LINE).calls:
        rescue.device(LINE).expect_call().press("1")
    answers += [phone.call("GET", "/alert"), phone.click(uid=uid)]
    moving = re.compile(rb'"(id|opened_at)": ?"[^"]*"')
    return [(answer.status, moving.sub(b"", answer.body)) for answer in answers]


def test_her_phone_cannot_tell_under_duress_from_closed_while_her_people_are_rung(rescue: Emergency) -> None:
    closed = told_on_her_phone(rescue, PIN)
    assert rescue.device(LINE).calls == []
    under_duress = told_on_her_phone(rescue, DURESS_PIN)

    assert len(rescue.device(LINE).calls) == 1
    assert rescue.alert.in_charge is not None
    assert under_duress == closed


def test_two_alerts_of_hers_never_ring_the_same_telephone_at_once(rescue: Emergency) -> None:
    nobody_answers(rescue)
    rescue.click()
    rescue.close(AlertState.CLOSED_UNDER_DURESS)
    rescue.passes(5)
    rescue.click()
    for _ in range(60):
        rescue.passes(5)

    for person in RELATIVES:
        rung = sorted(one.at for one in rescue.device(person).calls)
        gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(rung[1:])]
        assert len(rung) == 8, "the click and three rounds of each"
        assert min(gaps) > 20, gaps
    assert len(rescue.device(LINE).calls) == 2


# ---- What she sees ----


def seen(rescue: Emergency, person: Person) -> dict[str, str]:
    """By each way, how far it got to this person, as her page shows it."""
    shown = her_alert.view(rescue.alert, now=timezone.now())
    return next(
        {str(way): str(state) for way, state in one.deliveries} for one in shown.contacts if one.name == person.name
    )


def test_a_round_that_fails_takes_nothing_back_from_what_arrived_before(rescue: Emergency) -> None:
    rescue.device(NADIA).voicemail()
    rescue.click()
    before = seen(rescue, NADIA)
    rescue.device(NADIA).switch_off()
    rescue.passes(STEP)

    assert before == seen(rescue, NADIA) == {"sms": "delivered", "voice": "delivered", "email": "accepted"}
    rescue.click(Gesture.LONG)
    assert seen(rescue, NADIA) == {"sms": "failed", "voice": "failed", "email": "accepted"}, (
        "of the alarm she knows nothing"
    )


# ---- What the timeline says ----


def test_a_line_about_a_stronger_click_says_what_it_became_then(rescue: Emergency) -> None:
    rescue.click(Gesture.SINGLE)
    rescue.click()
    rescue.click(Gesture.LONG)

    said = [line for line in rescue.timeline() if "plus fort" in line]
    assert said == ["Marie a cliqué plus fort : secours", "Marie a cliqué plus fort : alarme"]


def test_a_voicemail_that_picks_up_is_not_said_to_have_received_anything(rescue: Emergency) -> None:
    rescue.device(THOMAS).voicemail()
    rescue.click()

    said = rescue.timeline()
    assert "Appel à Thomas : décroché, peut-être par une messagerie" in said
    assert "Appel à Thomas : reçu" not in said
    assert "SMS à Thomas : reçu" in said


def test_who_is_no_longer_in_charge_by_a_text_is_said_in_words_that_read_well(rescue: Emergency) -> None:
    rescue.click()
    rescue.device(NADIA).answers("ok")
    rescue.device(NADIA).answers("9")

    assert rescue.timeline()[-3:] == [
        "Nadia prend en charge (par SMS)",
        "Nadia ne prend plus en charge (par SMS)",
        "Nadia a répondu non (par SMS)",
    ]


# ---- Whatever the database says ----


@pytest.mark.parametrize("number", ["17", "3646", "+33899123456", "+8816123456789", "0612345678", ""])
def test_no_answer_to_a_text_goes_to_a_number_that_must_not_be_dialled(rescue: Emergency, number: str) -> None:
    rescue.click()
    Contact.objects.filter(rank=1).update(phone_number=number)
    Victim.objects.update(phone_number=number)

    assert b"<Message" not in rescue.device(NADIA).answers("1").body
    assert b"<Message" not in rescue.network.device(MARIES_NUMBER).answers("3").body
    assert "Nadia prend en charge (par SMS)" in rescue.timeline()
    assert rescue.alert.kind == "alarm"


# ---- The end ----


def test_who_can_only_be_called_hears_the_end_once_and_is_asked_for_no_key(rescue: Emergency) -> None:
    Contact.objects.filter(rank=1).update(by_sms=False, by_email=False)
    rescue.click()
    rescue.device(NADIA).expect_call(saying="Marie")
    rescue.close()

    call = rescue.device(NADIA).expect_call(saying="son code")
    assert call.over
    assert "tapez" not in call.said
    assert len(rescue.device(NADIA).calls) == 2
    assert rescue.device(THOMAS).texts[-1].startswith("FIN Marie")
    assert len(rescue.device(THOMAS).calls) == 1


def test_an_alert_that_never_left_has_no_end_either(rescue: Emergency) -> None:
    rescue.network.die()
    Contact.objects.update(by_email=False)
    rescue.click()
    rescue.passes(20)
    rescue.close()
    rescue.network.revive()
    for _ in range(5):
        rescue.passes(10)

    assert rescue.network.taken == []
    assert "SMS à Nadia : inutile, l'alerte ne lui était pas parvenue" in rescue.timeline()


def test_calls_that_a_frozen_worker_holds_when_she_closes_never_ring(rescue: Emergency) -> None:
    rescue.click()
    rescue.age(STEP)
    frozen = rescue.claim_and_freeze()
    rescue.age(1)
    alerting.close(rescue.alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    rescue.age(claiming.LEASE.total_seconds())
    for _ in range(3):
        rescue.passes(5)
    rescue.thaw(frozen)
    rescue.passes(5)

    assert [len(rescue.device(person).calls) for person in RELATIVES] == [1] * 5
    assert all(rescue.device(person).texts[-1].startswith(("FIN", "END")) for person in RELATIVES)
    assert "Appel à Thomas : inutile, l'alerte est terminée" in rescue.timeline()


def test_the_end_reaches_who_was_told_by_another_way_and_the_on_call_line(rescue: Emergency) -> None:
    rescue.device(AWA).fails(30006)
    rescue.device(YANN).fails(30003)
    nobody_answers(rescue)
    rescue.click()
    for _ in range(4):
        rescue.passes(STEP)
    rescue.close()
    rescue.passes(2)

    assert rescue.device(LINE).texts[-1].startswith("FIN Marie")
    assert rescue.mail.to(AWA.email)[-1].subject.startswith("FIN Marie"), "a landline"
    assert rescue.device(YANN).texts[-1].startswith("END Marie"), "a telephone that was off shows a missed call"
    assert len(rescue.device(LINE).calls) == 1


# ---- What the operators may read ----


def test_a_whole_emergency_leaves_nobody_and_no_place_in_the_log(
    rescue: Emergency, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)  # as in production
    rescue.network.moods = [500, "drop", 429, "reset"]
    rescue.network.block(YANN.phone_number, 21211)
    rescue.device(LUCIE).fails(30006)
    rescue.device(AWA).stopped()
    fix = tracking.Fix(uid=uuid4(), latitude=49.4179, longitude=2.8261, recorded_at=timezone.now())
    rescue.click(fix=fix)
    for _ in range(3):
        rescue.passes(4)
    rescue.device(THOMAS).answers("ok 49.4179,2.8261")
    rescue.device(THOMAS).answers("STOP")
    rescue.network.device("+33639980077").answers("Marie ?")
    rescue.page(NADIA).act("take_charge", over=True)
    auditing.audit(now=timezone.now() + timedelta(minutes=2), since=timezone.now())
    for _ in range(3):
        rescue.passes(STEP)
    rescue.close()

    people = [word for one in (*RELATIVES, LINE) for word in (one.name, one.phone_number, one.email)]
    links = {text.rsplit("/r/", 1)[1].split()[0] for text in rescue.device(NADIA).texts if "/r/" in text}
    said = caplog.text
    assert "was refused (21211)" in said
    assert links
    for word in (*people, *links, "Marie", MARIES_NUMBER, "+33639980077", "639980", "49.41", "2.826", "example.org"):
        assert word not in said, word
