"""Where a position lies: the right commune, so that the right police is sent."""

import csv
import math
import random
import subprocess
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from pathlib import Path

import pytest

from alerts import places
from alerts.places import layout
from alerts.places.atlas import Atlas
from alerts.places.plane import Ring

# Found right on the ground, or on the map of the IGN.
KNOWN = {
    (49.4179, 2.8261): ("Compiègne", "60159", "60", "Oise"),
    (47.9960, -4.1025): ("Quimper", "29232", "29", "Finistère"),
    (47.8670, -4.2220): ("Pont-l'Abbé", "29220", "29", "Finistère"),
    (49.5810, 3.0020): ("Noyon", "60471", "60", "Oise"),
    (43.9493, 4.8055): ("Avignon", "84007", "84", "Vaucluse"),
    (43.8080, 4.6440): ("Beaucaire", "30032", "30", "Gard"),
    (43.8058, 4.6600): ("Tarascon", "13108", "13", "Bouches-du-Rhône"),
    (47.6510, -2.0840): ("Redon", "35236", "35", "Ille-et-Vilaine"),
    (47.6460, -2.0720): ("Saint-Nicolas-de-Redon", "44185", "44", "Loire-Atlantique"),
    (48.8474, 2.4390): ("Vincennes", "94080", "94", "Val-de-Marne"),
    (48.8412, 2.3876): ("Paris 12e arrondissement", "75112", "75", "Paris"),
    (43.2965, 5.3698): ("Marseille 2e arrondissement", "13202", "13", "Bouches-du-Rhône"),
    (49.4944, 0.1079): ("Le Havre", "76351", "76", "Seine-Maritime"),
    (48.9629, 2.3635): ("Saint-Denis", "93066", "93", "Seine-Saint-Denis"),  # Pierrefitte until 2025
    (41.9192, 8.7386): ("Ajaccio", "2A004", "2A", "Corse-du-Sud"),
    (-20.8823, 55.4504): ("Saint-Denis", "97411", "974", "La Réunion"),
    (16.2411, -61.5331): ("Pointe-à-Pitre", "97120", "971", "Guadeloupe"),
    (14.6037, -61.0731): ("Fort-de-France", "97209", "972", "Martinique"),
    (4.9372, -52.3260): ("Cayenne", "97302", "973", "Guyane"),
    (-12.7806, 45.2278): ("Mamoudzou", "97611", "976", "Mayotte"),
}
ROOT = Path(__file__).resolve().parents[2]
POINTS = Path(__file__).with_name("communes_points.csv")


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return places.read(places.FILE)


@pytest.mark.parametrize("where", KNOWN, ids=[known[0] for known in KNOWN.values()])
def test_a_known_place_has_its_commune_and_departement(where: tuple[float, float]) -> None:
    place = places.find(*where)

    assert place is not None
    assert (place.commune, place.insee, place.departement.code, place.departement.name) == KNOWN[where]
    assert (place.near, place.metres) == (False, 0)


def test_a_thousand_random_points_lie_where_the_published_outlines_say() -> None:
    with POINTS.open(encoding="utf-8") as file:
        truth = [(float(latitude), float(longitude), insee) for latitude, longitude, insee in csv.reader(file)]

    differing = [
        (latitude, longitude, insee, place)
        for latitude, longitude, insee in truth
        if (place := places.find(latitude, longitude)) is None
        or (place.insee, place.near) != (insee or place.insee, not insee)
    ]

    assert len(truth) == 1_000
    assert differing == []


def test_a_thousand_random_points_lie_where_the_angles_around_them_say(atlas: Atlas) -> None:
    draw = random.Random(5)
    points = []
    for _ in range(1_000):
        west, south, east, north = atlas.box(draw.randrange(len(atlas.codes)))
        points.append((round(draw.uniform(west, east)), round(draw.uniform(south, north))))
    points.sort()
    around: dict[tuple[int, int], set[str]] = {point: set() for point in points}
    for commune in range(len(atlas.codes)):  # every commune is asked, no grid is believed
        west, south, east, north = atlas.box(commune)
        for x, y in points[bisect_left(points, (west, south)) : bisect_right(points, (east, north))]:
            if south <= y <= north and winds_around(atlas.rings(commune), x, y):
                around[x, y].add(atlas.codes[commune])

    for (x, y), truth in around.items():
        place = places.find(y / layout.DEGREE, x / layout.DEGREE)
        assert len(truth) < 2
        assert place is not None
        assert place.near is not bool(truth)
        assert place.insee in (truth or {place.insee})


def winds_around(rings: Sequence[Ring], x: float, y: float) -> bool:
    """Whether the rings turn around a point: the sum of the angles under which each edge is seen from it."""
    turns = 0
    for xs, ys in rings:
        angles = [math.atan2(edge_y - y, edge_x - x) for edge_x, edge_y in zip(xs, ys, strict=True)]
        steps = (after - before for before, after in zip(angles, [*angles[1:], angles[0]], strict=True))
        turns += round(sum(math.remainder(step, math.tau) for step in steps) / math.tau)
    return turns % 2 == 1


def test_who_stands_at_the_rhone_hears_of_the_other_bank() -> None:
    place = places.find(43.8075, 4.6530)

    assert place is not None
    assert place.neighbour is not None
    assert {place.departement.name, place.neighbour.name} == {"Gard", "Bouches-du-Rhône"}


def test_who_stands_far_from_the_border_hears_of_no_other_departement() -> None:
    place = places.find(49.4179, 2.8261)

    assert place is not None
    assert place.neighbour is None


def test_a_boat_is_near_the_nearest_commune() -> None:
    place = places.find(48.4000, -5.2000)

    assert place is not None
    assert (place.commune, place.near) == ("Ouessant", True)
    assert 6_000 < place.metres < 8_000


@pytest.mark.parametrize(
    "where",
    [
        (50.8467, 4.3525),  # Brussels
        (51.5074, -0.1278),  # London
        (45.5, -6.0),  # the Atlantic
        (0.0, 0.0),
        (90.0, 0.0),
        (-90.0, 180.0),
        (1e300, -1e300),
        (math.nan, 2.0),
        (math.inf, 2.0),
    ],
)
def test_far_from_france_no_commune_is_named(where: tuple[float, float]) -> None:
    assert places.find(*where) is None
    assert not places.outlines(*where)


def test_the_outlines_around_her_begin_with_her_own_commune() -> None:
    around = places.outlines(49.4179, 2.8261)

    assert (around[0].name, around[0].insee) == ("Compiègne", "60159")
    assert 100 < len(around) < 300
    assert len({outline.insee for outline in around}) == len(around)
    for outline in around:
        label = places.find(*outline.label)
        assert label is not None
        assert all(len(ring) > 2 for ring in outline.rings)
        assert all(
            48.9 < latitude < 50.0 and 2.2 < longitude < 3.5 for ring in outline.rings for latitude, longitude in ring
        )


def test_a_name_is_written_inside_its_commune(atlas: Atlas) -> None:
    draw = random.Random(8)
    for commune in draw.sample(range(len(atlas.codes)), 300):
        label = places.find(*atlas.label(commune))
        assert label is not None
        assert label.insee == atlas.codes[commune]


def test_a_position_is_named_in_no_time_and_little_memory() -> None:
    measuring = "from benchmarks import places; found = places.figures(400); print(found.half, found.megabytes)"
    process = [sys.executable, "-c", measuring]  # a new one: nothing is in memory yet
    printed = subprocess.run(process, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    microseconds, megabytes = map(float, printed.split())

    assert megabytes <= 46
    assert microseconds <= 300  # 100 on a machine that does nothing else: the benchmark says
