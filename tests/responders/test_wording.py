"""The words of the page: the server and the browser read the same cases (tests/js/wording.test.js)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from responders.domain import wording

CASES: dict[str, list[Any]] = json.loads((Path(__file__).parent / "wording_cases.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _in_french() -> Iterator[None]:
    with override("fr"):
        yield


@pytest.mark.parametrize(("seconds", "spoken"), CASES["age"])
def test_an_age_is_as_coarse_as_it_is_long(seconds: float, spoken: str) -> None:
    assert wording.age(wording.phrases(), seconds) == spoken


@pytest.mark.parametrize(("metres", "spoken"), CASES["distance"])
def test_a_distance_is_said_as_people_say_it(metres: float, spoken: str) -> None:
    assert wording.distance(wording.phrases(), metres) == spoken


@pytest.mark.parametrize(("degrees", "spoken"), CASES["direction"])
def test_a_direction_is_one_of_eight(degrees: float, spoken: str) -> None:
    assert wording.direction(wording.phrases(), degrees) == spoken


@pytest.mark.parametrize(("speed", "spoken"), CASES["pace"])
def test_a_speed_is_a_way_of_moving(speed: float, spoken: str) -> None:
    assert wording.pace(wording.phrases(), speed) == spoken


@pytest.mark.parametrize(("position", "state", "spoken"), CASES["fix"])
def test_a_fix_says_how_old_it_is_before_anything_else(
    position: dict[str, Any] | None, state: dict[str, Any], spoken: str
) -> None:
    assert wording.fix(wording.phrases(), position, **state) == spoken


@pytest.mark.parametrize(("call", "seconds", "state", "spoken", "on_key"), CASES["seventeen"])
def test_a_call_to_17_is_said_by_its_outcome_and_not_believed_for_ever(
    call: dict[str, Any] | None, seconds: float, state: str, spoken: str, on_key: str
) -> None:
    words = wording.phrases()

    assert wording.seventeen(words, call, seconds=seconds, time="21:04") == (state, spoken)
    assert wording.on_key(words, state, call["by"] if call else "") == on_key


@pytest.mark.parametrize(("names", "spoken"), CASES["together"])
def test_names_are_said_together(names: list[str], spoken: str) -> None:
    assert wording.together(wording.phrases(), names) == spoken
