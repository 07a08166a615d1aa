"""The communes around her travel small, to those who may look, and say in no address where that is."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain import alerting
from alerts.models import Position
from alerts.states import AlertState
from responders.domain import outlining
from tests.people import NADIA
from tests.responders.scenes import open_place, rescue

MOST_BYTES = 28 * 1024
RING = st.lists(st.tuples(st.floats(-60, 60), st.floats(-170, 170)), max_size=40)


@dataclass(frozen=True)
class Village:
    """A commune of four corners."""

    name: str = "Venette</script>"
    insee: str = "60665"
    rings: Sequence[Sequence[tuple[float, float]]] = (((49.4, 2.8), (49.4, 2.85), (49.43, 2.85), (49.43, 2.8)),)
    label: tuple[float, float] = (49.415, 2.825)


def test_an_outline_is_one_place_and_steps() -> None:
    assert outlining.told([Village()]) == {
        "source": "© IGN Admin Express, INSEE",
        "per_degree": 10_000,
        "communes": [
            {
                "name": "Venette</script>",
                "insee": "60665",
                "label": (494150, 28250),
                "rings": [[494000, 28000, 0, 500, 300, 0, 0, -500]],
            }
        ],
    }


@given(RING)
def test_what_travelled_is_where_it_was_to_ten_metres(ring: list[tuple[float, float]]) -> None:
    packed = outlining.packed(ring)
    counted = list(zip(accumulate(packed[::2]), accumulate(packed[1::2]), strict=True))
    unpacked = [(latitude / outlining.PER_DEGREE, longitude / outlining.PER_DEGREE) for latitude, longitude in counted]

    assert len(unpacked) <= len(ring)
    rest = iter(unpacked)
    shown = next(rest, None)
    for place in ring:
        if shown and max(abs(place[0] - shown[0]), abs(place[1] - shown[1])) > 0.0001:
            shown = next(rest)
        assert shown
        assert max(abs(place[0] - shown[0]), abs(place[1] - shown[1])) <= 0.0001


@pytest.mark.django_db
def test_a_contact_gets_the_communes_around_her_in_less_than_28_kb() -> None:
    place, nadia = open_place(rescue(), NADIA)
    answer = nadia.get(f"{place}outlines", headers={"accept-encoding": "gzip"})

    assert answer.status_code == 200
    assert answer["Content-Encoding"] == "gzip"
    assert answer["Cache-Control"] == "no-store"
    assert len(answer.content) < MOST_BYTES
    names = {commune["name"] for commune in json.loads(gzip.decompress(answer.content))["communes"]}
    assert {"Compiègne", "Venette", "Margny-lès-Compiègne"} <= names


@pytest.mark.django_db
def test_nobody_else_learns_where_she_is(client: Client) -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    assert client.get(f"{place}outlines").status_code == 404

    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    assert nadia.get(f"{place}outlines").json()["communes"] == []


@pytest.mark.django_db
def test_while_her_place_is_not_known_there_are_no_outlines() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    Position.objects.filter(alert=alert).delete()
    assert nadia.get(f"{place}outlines").json()["communes"] == []


@pytest.mark.django_db
def test_a_place_far_out_at_sea_has_none() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    Position.objects.filter(alert=alert).update(
        latitude=45.0, longitude=-20.0, recorded_at=timezone.now() + timedelta(1)
    )
    assert nadia.get(f"{place}outlines").json()["communes"] == []
