"""The file of communes: what is written is what is found, and what is damaged is refused with a sentence."""

import logging
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.core.checks import Warning  # noqa: A004 - Django names it
from hypothesis import given
from hypothesis import strategies as st

from alerts import places
from alerts.places import finding, layout, named, plane
from alerts.places.atlas import Atlas
from alerts.places.borders import Point
from alerts.places.named import Article, Departement
from alerts.places.writing import Commune, file_of
from sherif_web import checks

GARD = Departement("30", "Gard", Article.LE)
OISE = Departement("60", "Oise", Article.L)
SIDE, STEP = 4, 1_500  # a chessboard of communes of about a mile
CORNER = (300_000, 4_500_000)

coordinates = st.integers(min_value=-(10**8), max_value=10**8)
wobbles = st.tuples(st.integers(-600, 600), st.integers(-600, 600))


def square(insee: str, west: int, south: int, *, size: int = 1_000, departement: Departement = OISE) -> Commune:
    """A square commune of about a kilometre."""
    ring = [(west, south), (west + size, south), (west + size, south + size), (west, south + size)]
    label = (west + size // 2, south + size // 2)
    return Commune(
        insee=insee, name=f"Bourg {insee}", article=Article.LE, departement=departement, rings=[ring], label=label
    )


def chessboard(shifts: Sequence[Point]) -> list[Commune]:
    """Communes between the points of a lattice, each pushed a little to some side."""
    points = {
        (column, row): (CORNER[0] + column * STEP + dx, CORNER[1] + row * STEP + dy)
        for (column, row), (dx, dy) in zip(
            [(column, row) for column in range(SIDE + 1) for row in range(SIDE + 1)], shifts, strict=True
        )
    }
    return [
        Commune(
            insee=f"{column}{row}000",
            name="Carré",
            article=Article.NONE,
            departement=GARD if column < SIDE // 2 else OISE,
            rings=[
                [points[column, row], points[column + 1, row], points[column + 1, row + 1], points[column, row + 1]]
            ],
            label=points[column, row],
        )
        for column in range(SIDE)
        for row in range(SIDE)
    ]


@given(st.lists(wobbles, min_size=(SIDE + 1) ** 2, max_size=(SIDE + 1) ** 2), st.data())
def test_every_point_lies_in_one_commune_even_on_a_border(shifts: list[Point], data: st.DataObject) -> None:
    communes = chessboard(shifts)
    atlas = Atlas.of(file_of(communes))
    inner = communes[SIDE + 1].rings[0]
    middle = data.draw(st.sampled_from(inner))
    end = data.draw(st.sampled_from(inner))
    x, y = (middle[0] + end[0]) // 2, (middle[1] + end[1]) // 2

    for point in (middle, (x, y)):
        holding = [
            commune for commune in range(len(communes)) if plane.contains(atlas.rings(commune), point[0], point[1])
        ]
        assert len(holding) == 1


@given(st.lists(wobbles, min_size=(SIDE + 1) ** 2, max_size=(SIDE + 1) ** 2))
def test_what_is_written_is_read_again(shifts: list[Point]) -> None:
    communes = chessboard(shifts)
    atlas = Atlas.of(file_of(communes))

    for number, commune in enumerate(communes):
        assert atlas.codes[number] == commune.insee
        assert atlas.box(number) == commune.box
        assert atlas.departement(number) == commune.departement
        [(xs, ys)] = atlas.rings(number)
        ring = list(zip(xs, ys, strict=True))
        first = ring.index(commune.rings[0][0])
        assert [*ring[first:], *ring[:first]] == list(commune.rings[0])


@given(st.lists(coordinates))
def test_numbers_are_packed_without_loss(numbers: list[int]) -> None:
    packed = layout.varints(layout.zigzag(number) for number in numbers)

    assert [layout.signed(number) for number in layout.unpack(packed)] == numbers


def test_an_enclave_is_no_part_of_the_commune_around_it() -> None:
    hole = [(400, 400), (400, 600), (600, 600), (600, 400)]
    around = square("60001", 0, 0)
    around = Commune(**{**vars(around), "rings": [*around.rings, hole]})
    atlas = Atlas.of(file_of([around, square("60002", 400, 400, size=200)]))

    inner, outer = finding.find(atlas, 0.005, 0.005), finding.find(atlas, 0.003, 0.003)

    assert inner is not None
    assert outer is not None
    assert (inner.insee, outer.insee) == ("60002", "60001")


@pytest.mark.parametrize(("metres", "expected"), [(990, GARD), (1_010, None)])
def test_another_departement_is_named_within_a_kilometre(metres: int, expected: Departement | None) -> None:
    east = math.ceil(metres / plane.METRES_NORTH)
    atlas = Atlas.of(
        file_of([square("60001", 0, 0, size=3_000), square("30001", -3_000, 0, size=3_000, departement=GARD)])
    )

    place = finding.find(atlas, 0.015, east / layout.DEGREE)

    assert place is not None
    assert (place.departement, place.neighbour) == (OISE, expected)


def test_between_two_departements_both_are_named() -> None:
    atlas = Atlas.of(file_of([square("60001", 500, 0), square("30001", -1_600, 0, departement=GARD)]))

    place = finding.find(atlas, 0.005, 0.0)

    assert place is not None
    assert (place.insee, place.near, place.metres, place.neighbour) == ("60001", True, 556, GARD)


@pytest.mark.parametrize(("metres", "found"), [(22_100, True), (22_400, False)])
def test_beyond_twelve_nautical_miles_nothing_is_near(metres: int, found: bool) -> None:
    atlas = Atlas.of(file_of([square("60001", 0, 0)]))
    north = 1_000 + math.ceil(metres / plane.METRES_NORTH)

    place = finding.find(atlas, north / layout.DEGREE, 0.005)

    assert (place is not None) is found
    if place is not None:
        assert place.near
        assert abs(place.metres - metres) < 5


def test_a_damaged_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    whole = places.FILE.read_bytes()
    file = tmp_path / "communes.bin"
    middle = len(whole) // 2
    damages = {
        "its checksum is another": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "damaged": whole[:10],
        "checksum": whole[:-1],
        "no file of communes": b"PK\x03\x04" + whole[4:],
    }

    for sentence, content in damages.items():
        file.write_bytes(content)
        with pytest.raises(places.PlacesError, match=sentence):
            places.read(file)


def test_without_the_file_a_process_says_so_once_and_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    absent = tmp_path / "absent.bin"
    with caplog.at_level(logging.ERROR, logger="alerts.places"):
        assert places.load(absent) is None
        assert places.load(absent) is None

    assert [record.getMessage() for record in caplog.records] == [
        "Places are not named, alerts go with coordinates alone: absent.bin cannot be read: No such file or directory"
    ]


def test_the_operator_is_warned_of_a_missing_file_and_the_service_starts(tmp_path: Path) -> None:
    assert checks.check_the_places(None) == []

    [warning] = checks._communes(tmp_path / "communes.bin")

    assert isinstance(warning, Warning)
    assert warning.id == "sherif.W003"
    assert "coordinates alone" in warning.msg


@pytest.mark.parametrize(
    ("name", "article", "at", "of"),
    [
        ("Compiègne", Article.NONE, "à Compiègne", "de Compiègne"),
        ("Avignon", Article.VOWEL, "à Avignon", "d'Avignon"),
        ("Le Havre", Article.LE, "au Havre", "du Havre"),
        ("La Rochelle", Article.LA, "à La Rochelle", "de La Rochelle"),
        ("Les Sables-d'Olonne", Article.LES, "aux Sables-d'Olonne", "des Sables-d'Olonne"),
        ("L'Haÿ-les-Roses", Article.L, "à L'Haÿ-les-Roses", "de L'Haÿ-les-Roses"),
        ("Aux Marais", Article.AUX, "à Aux Marais", "d'Aux Marais"),
        ("Los Masos", Article.LOS, "à Los Masos", "de Los Masos"),
    ],
)
def test_a_commune_is_named_as_it_is_spoken(name: str, article: Article, at: str, of: str) -> None:
    assert named.at(name, article) == at
    assert named.of(name, article) == of


@pytest.mark.parametrize(
    ("code", "within", "of_the"),
    [
        ("60", "dans l'Oise", "de l'Oise"),
        ("29", "dans le Finistère", "du Finistère"),
        ("40", "dans les Landes", "des Landes"),
        ("80", "dans la Somme", "de la Somme"),
        ("35", "en Ille-et-Vilaine", "d'Ille-et-Vilaine"),
        ("75", "à Paris", "de Paris"),
        ("971", "en Guadeloupe", "de la Guadeloupe"),
        ("974", "à La Réunion", "de La Réunion"),
        ("976", "à Mayotte", "de Mayotte"),
    ],
)
def test_a_departement_is_named_as_it_is_spoken(code: str, within: str, of_the: str) -> None:
    by_code = {departement.code: departement for departement in places.read(places.FILE).departements}

    assert named.within(by_code[code]) == within
    assert named.of_the(by_code[code]) == of_the
