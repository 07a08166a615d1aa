"""Scenes of an emergency, told as they happen: who is rung, who answers, who is left in peace."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from alerts.domain import claiming
from alerts.states import AlertState
from tests.emergency import STEP, Emergency, emergency
from tests.people import AWA, LINE, LUCIE, NADIA, RELATIVES, THOMAS, YANN

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rescue(settings: Settings, tmp_path: Path) -> Iterator[Emergency]:
    """Marie clicked twice."""
    with emergency(settings, tmp_path) as began:
        yield began


def test_the_first_phone_is_off_the_second_presses_one_at_the_second_round_nobody_else_is_rung_again(
    rescue: Emergency,
) -> None:
    rescue.device(NADIA).switch_off()
    rescue.click()
    rescue.passes(STEP)
    rescue.passes(STEP)

    rescue.device(THOMAS).expect_call(saying="Personne n'est en charge").press("1").expect("vous prenez en charge")
    for _ in range(6):
        rescue.passes(STEP)

    for person in RELATIVES:
        assert rescue.device(person).calls_after(THOMAS) == []
        assert len(rescue.device(person).calls) == 3
    assert rescue.device(LINE).calls == []
    assert len(rescue.ladder_lines()) == 2
    assert "Thomas prend en charge (par téléphone)" in rescue.timeline()
    assert len(rescue.device(AWA).texts) == 1, "who has a text gets no other"
    assert "Thomas est en charge" in rescue.device(NADIA).texts[-1], "a telephone that was off finds one when it is on"


def test_everybodys_voicemail_answers_three_rounds_then_the_on_call_line(rescue: Emergency) -> None:
    for person in RELATIVES:
        rescue.device(person).voicemail()
    rescue.click()
    for _ in range(4):
        rescue.passes(STEP)

    assert [len(rescue.device(person).calls) for person in RELATIVES] == [4] * 5
    assert [len(rescue.device(person).texts) for person in RELATIVES] == [1] * 5
    assert "ASTREINTE SECOURS Marie" in rescue.device(LINE).expect_text().body
    assert len(rescue.mail.to(LINE.email)) == 1
    call = rescue.device(LINE).expect_call(saying="Marie est suivie par Contre Vents")
    call.expect("Aucun de ses proches n'est en charge").press("1").expect("vous prenez en charge")
    assert rescue.page(NADIA).snapshot()["in_charge"] == "Astreinte"
    everybody = "Nadia, Thomas, Awa, Lucie et Yann"
    assert rescue.ladder_lines() == [
        *[f"Personne n'a pris en charge : nouvel appel à {everybody}"] * 3,
        "Personne n'a pris en charge : appel à la ligne d'astreinte (Astreinte)",
    ]
    rescue.passes(STEP)
    rescue.passes(STEP)
    assert len(rescue.ladder_lines()) == 4


def test_nadia_takes_charge_and_releases_thomas_and_awa_are_rung_again_lucie_who_pressed_nine_is_not(
    rescue: Emergency,
) -> None:
    rescue.device(YANN).switch_off()
    rescue.click()
    rescue.device(LUCIE).expect_call(saying="Marie").press("9").expect("noté")
    nadia = rescue.page(NADIA)
    assert nadia.act("take_charge") == 200
    rescue.passes(5 * STEP)
    assert rescue.ladder_lines() == []

    assert nadia.act("release") == 200
    rescue.passes(5)
    assert rescue.ladder_lines() == [], "a moment for somebody else"
    rescue.passes(5)

    assert rescue.ladder_lines() == ["Personne n'a pris en charge : nouvel appel à Thomas, Awa et Yann"]
    for person in (THOMAS, AWA):
        assert len(rescue.device(person).calls) == 2
    assert len(rescue.device(LUCIE).calls) == len(rescue.device(NADIA).calls) == 1
    rescue.device(AWA).expect_call(saying="Personne n'est en charge").press("1")
    assert nadia.snapshot()["in_charge"] == "Awa"


def test_all_opened_the_link_and_nobody_moves_the_on_call_line_hears_of_it(rescue: Emergency) -> None:
    rescue.click()
    for person in RELATIVES:
        rescue.page(person)
    rescue.passes(STEP)

    assert [len(rescue.device(person).calls) for person in RELATIVES] == [1] * 5
    assert len(rescue.device(LINE).calls) == 1
    line = rescue.page(LINE)
    assert line.act("take_charge") == 200
    assert {one["name"] for one in line.snapshot()["responders"]} >= {"Nadia", "Astreinte"}


def _another_worker_finds_what_it_held(rescue: Emergency) -> None:
    rescue.passes(claiming.LEASE.total_seconds())
    for _ in range(3):  # it asks the network, which knows nothing of it
        rescue.passes(4)


def test_the_worker_is_frozen_during_a_round_each_telephone_rings_once_for_it(rescue: Emergency) -> None:
    rescue.click()
    for person in RELATIVES:
        rescue.device(person).does_not_answer()
    rescue.age(STEP)
    frozen = rescue.claim_and_freeze()
    assert len(frozen) == 5
    _another_worker_finds_what_it_held(rescue)

    assert [len(rescue.device(person).calls) for person in RELATIVES] == [2] * 5
    rescue.thaw(frozen)
    rescue.passes(1)
    assert [len(rescue.device(person).calls) for person in RELATIVES] == [2] * 5
    assert len(rescue.ladder_lines()) == 1


def test_the_worker_is_frozen_during_a_round_meanwhile_nadia_takes_charge_nobody_is_rung(rescue: Emergency) -> None:
    rescue.click()
    rescue.age(STEP)
    frozen = rescue.claim_and_freeze()
    assert rescue.page(NADIA).act("take_charge") == 200
    _another_worker_finds_what_it_held(rescue)
    rescue.thaw(frozen)
    rescue.passes(1)

    assert [len(rescue.device(person).calls) for person in RELATIVES] == [1] * 5
    assert "Appel à Thomas : inutile, quelqu'un a pris en charge" in rescue.timeline()


def test_closed_nobody_is_rung_any_more(rescue: Emergency) -> None:
    rescue.click()
    rescue.passes(STEP)
    rescue.close()
    for _ in range(5):
        rescue.passes(STEP)

    assert [len(rescue.device(person).calls) for person in RELATIVES] == [2] * 5
    assert rescue.device(LINE).calls == []


def test_closed_under_duress_it_goes_on(rescue: Emergency) -> None:
    rescue.click()
    rescue.close(AlertState.CLOSED_UNDER_DURESS)
    for _ in range(4):
        rescue.passes(STEP)

    assert [len(rescue.device(person).calls) for person in RELATIVES] == [4] * 5
    assert len(rescue.device(LINE).calls) == 1
    rescue.device(LINE).expect_call().press("1")
    assert rescue.alert.in_charge is not None


def test_a_phone_that_comes_back_after_a_minute_finds_the_text_of_the_next_round(rescue: Emergency) -> None:
    rescue.device(AWA).switch_off()
    rescue.click()
    rescue.passes(STEP / 2)
    rescue.device(AWA).switch_on()
    rescue.passes(STEP / 2)

    assert "RAPPEL SECOURS Marie" in rescue.device(AWA).texts[-1]
    assert "SMS à Awa : échec, téléphone éteint ou hors réseau" in rescue.timeline()
    assert rescue.page(AWA).act("take_charge") == 200


def test_who_answered_stop_is_called_and_gets_no_text(rescue: Emergency) -> None:
    rescue.device(THOMAS).fails(21610)
    rescue.click()
    rescue.passes(STEP)

    assert len(rescue.device(THOMAS).texts) == 1
    assert len(rescue.device(THOMAS).calls) == 2


def test_the_network_is_dead_for_ten_minutes_and_nobody_rings_twice_at_once_when_it_is_back(
    rescue: Emergency,
) -> None:
    rescue.network.die()
    rescue.click()
    for _ in range(20):
        rescue.passes(STEP / 2)
    assert rescue.network.taken == []
    rescue.network.revive()
    for _ in range(5):
        rescue.passes(4)

    assert [len(rescue.device(person).calls) for person in RELATIVES] == [1] * 5
    assert [len(rescue.device(person).texts) for person in RELATIVES] == [1] * 5
    rescue.passes(STEP / 2)
    assert [len(rescue.device(person).calls) for person in RELATIVES] == [2] * 5
