"""A ladder between workers that are late, dead, frozen or many, and networks that are silent."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from alerts.domain import ladder
from alerts.domain.sending import own_connections
from alerts.models import Delivery
from alerts.states import Channel, Gesture, Occasion
from tests.night import STEP, Night
from tests.people import NADIA, RELATIVES

pytestmark = pytest.mark.django_db
EVERYBODY = [person.name for person in RELATIVES]


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


def test_an_on_call_line_that_was_not_reached_in_a_silence_is_called_in_the_next_lap(night: Night) -> None:
    night.is_network_up = False
    night.click()
    for _ in range(5):
        night.after(STEP)
    assert night.steps() == ["on_call"]
    night.takes_charge(NADIA)
    night.is_network_up = True
    night.after(STEP)
    night.releases(NADIA)
    for _ in range(6):
        night.after(STEP)

    assert night.rung(Occasion.ON_CALL) == []
    assert night.rung(Occasion.ON_CALL_2) == ["Astreinte"]


def test_a_round_that_waits_gives_way_to_a_stronger_click(night: Night) -> None:
    night.click()
    night.now += timedelta(seconds=STEP)
    ladder.climb_due(now=night.now)
    night.click(Gesture.LONG)

    assert night.rung(Occasion.UPGRADE) == EVERYBODY
    assert night.rung(Occasion.ROUND_1) == []
    assert "Appel à Nadia : inutile, un autre part à sa place" in night.said()


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
