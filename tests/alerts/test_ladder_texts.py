"""Who is texted again, how long a text waits for its telephone, and why one did not arrive."""

from datetime import timedelta

import pytest

from alerts.domain import calls, claiming, composing, failures, ladder
from alerts.models import Delivery
from alerts.states import Channel, DeliveryState, Gesture, Occasion
from tests.night import STEP, Night
from tests.people import AWA, LUCIE, NADIA, NOON, RELATIVES, THOMAS, YANN

pytestmark = pytest.mark.django_db
EVERYBODY = [person.name for person in RELATIVES]


def test_who_has_a_text_on_its_way_is_called_and_not_texted_again(night: Night) -> None:
    night.click()
    night.receipt(NADIA, Channel.SMS, DeliveryState.DELIVERED)
    night.receipt(THOMAS, Channel.SMS, DeliveryState.FAILED, code="30003")
    night.receipt(AWA, Channel.SMS, DeliveryState.FAILED, code="30006")
    night.receipt(LUCIE, Channel.SMS, DeliveryState.FAILED, code="30007")
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


def test_what_repeats_a_rescue_does_not_bear_the_hour_of_the_prevention_before_it(night: Night) -> None:
    night.click(Gesture.SINGLE)
    night.now += timedelta(hours=1)
    night.click()
    night.now += timedelta(seconds=STEP)
    ladder.climb_due(now=night.now)
    for one in claiming.claim(night.alert.pk, worker="w", now=night.now):
        alert = one.delivery.alert
        assert alert is not None
        assert "13:00" in composing.message_of(one.delivery, alert, None, token="").text

    call = night.newest(NADIA, Channel.VOICE)
    assert "Alerte donnée à 13:00" in calls.press(call, calls.REPEAT, now=night.now).text


# ---- Why a message did not arrive ----


@pytest.mark.parametrize("code", failures.REASONS)
def test_every_code_with_a_reason_says_it_in_words(code: str) -> None:
    assert failures.words(code)


@pytest.mark.parametrize("code", ["", "30008", "20429", "resent", "smtp_451", "failed"])
def test_a_code_without_a_reason_says_nothing(code: str) -> None:
    assert failures.words(code) == ""


@pytest.mark.parametrize(
    ("code", "hopeless"),
    [
        *((code, True) for code in ("21211", "21614", "30006", "30007", "forbidden_number")),
        *(
            (code, False)
            for code in ("", "21610", "stopped", "30003", "30036", "30008", "busy", "no-answer", "20429", "in_charge")
        ),
    ],
)
def test_a_way_is_given_up_only_where_it_would_fail_again(code: str, *, hopeless: bool) -> None:
    assert failures.is_hopeless(code) is hopeless
