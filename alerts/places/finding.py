"""From a position to the commune in which it lies, and to those around it."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from alerts.places import plane
from alerts.places.atlas import Atlas
from alerts.places.layout import DEGREE, cell, cells
from alerts.places.named import Article, Departement

# Twelve nautical miles, the territorial sea (United Nations convention of 1982, article 3).
MOST_METRES = 22_224
NEXT_DOOR_METRES = 1_000
_KEPT_PLACES = 1_024

Point = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a position lies. `near`: outside every commune, this one is the nearest, `metres` away."""

    commune: str
    article: Article
    insee: str
    departement: Departement
    near: bool
    metres: int
    neighbour: Departement | None
    """Another département, no more than a kilometre farther than this commune; the nearest of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """The shape of a commune: rings of (latitude, longitude), holes among them, and where its name fits."""

    name: str
    insee: str
    rings: Sequence[Sequence[tuple[float, float]]]
    label: tuple[float, float]


def find(atlas: Atlas, latitude: float, longitude: float) -> Place | None:
    """Where this position lies (degrees, WGS 84), to a metre; None farther than twelve nautical miles from France."""
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    return _find(atlas, (round(longitude * DEGREE), round(latitude * DEGREE)))


def coded(atlas: Atlas, insee: str) -> Place | None:
    """The commune of this INSEE code, as if somebody stood in the middle of it; None if there is none."""
    found = bisect_left(atlas.codes, insee)
    if found == len(atlas.codes) or atlas.codes[found] != insee:
        return None
    return _place(atlas, found, metres=0.0, others=iter(()))


@lru_cache(maxsize=_KEPT_PLACES)
def _find(atlas: Atlas, point: Point) -> Place | None:
    members = atlas.members(cell(*point))
    found = _containing(atlas, members, point)
    if found is None:
        return _nearest(atlas, point)
    other = (member for member in members if not atlas.together(member, found))
    return _place(atlas, found, metres=0.0, others=_measured(atlas, other, point))


def _containing(atlas: Atlas, members: Sequence[int], point: Point) -> int | None:
    boxes, (x, y) = atlas.columns.boxes, point
    for commune in members:
        at = commune * 4
        in_box = boxes[at] <= x <= boxes[at + 2] and boxes[at + 1] <= y <= boxes[at + 3]
        if in_box and plane.contains(atlas.rings(commune), x, y):
            return commune
    return None


def _measured(atlas: Atlas, communes: Iterable[int], point: Point) -> Iterator[tuple[float, int]]:
    """Those next door, each with its distance."""
    for commune in communes:
        if plane.metres_to_box(atlas.box(commune), *point) <= NEXT_DOOR_METRES:
            metres = plane.metres_to_edges(atlas.rings(commune), *point)
            if metres <= NEXT_DOOR_METRES:
                yield metres, commune


def _nearest(atlas: Atlas, point: Point) -> Place | None:
    """The nearest commune of a position that lies in none."""
    measured: list[tuple[float, int]] = []
    nearest = float(MOST_METRES)
    for at_least, commune in _around(atlas, point, MOST_METRES):
        if at_least > nearest + NEXT_DOOR_METRES:
            break
        metres = plane.metres_to_edges(atlas.rings(commune), *point)
        measured.append((metres, commune))
        nearest = min(nearest, metres)
    if not measured or min(measured)[0] > MOST_METRES:
        return None
    metres, commune = min(measured)
    reach = metres + NEXT_DOOR_METRES
    others = (pair for pair in measured if pair[0] <= reach and not atlas.together(pair[1], commune))
    return _place(atlas, commune, metres=metres, others=others)


def _around(atlas: Atlas, point: Point, metres: float) -> list[tuple[float, int]]:
    """The communes whose box comes within so many metres, each with the least distance possible, the nearest first."""
    x, y = point
    north = math.ceil(metres / plane.METRES_NORTH)
    east = math.ceil(metres / max(plane.metres_east(abs(y) + north), plane.METRES_NORTH / 4))
    keys = cells((x - east, y - north, x + east, y + north))
    found = {commune for key in keys for commune in atlas.members(key)}
    measured = ((plane.metres_to_box(atlas.box(commune), x, y), commune) for commune in found)
    return sorted(pair for pair in measured if pair[0] <= metres)


def _place(atlas: Atlas, commune: int, *, metres: float, others: Iterator[tuple[float, int]]) -> Place:
    neighbour = min(others, default=None)
    return Place(
        commune=atlas.names[commune],
        article=atlas.article(commune),
        insee=atlas.codes[commune],
        departement=atlas.departement(commune),
        near=metres > 0,
        metres=round(metres),
        neighbour=None if neighbour is None else atlas.departement(neighbour[1]),
    )


def outlines(atlas: Atlas, latitude: float, longitude: float, *, kilometres: float) -> Sequence[Outline]:
    """The communes whose box comes within so many kilometres of a position, the nearest first."""
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return ()
    around = _around(atlas, (round(longitude * DEGREE), round(latitude * DEGREE)), kilometres * 1_000)
    return tuple(_outline(atlas, commune) for _, commune in around)


def _outline(atlas: Atlas, commune: int) -> Outline:
    rings = tuple(
        tuple((y / DEGREE, x / DEGREE) for x, y in zip(xs, ys, strict=True)) for xs, ys in atlas.rings(commune)
    )
    return Outline(name=atlas.names[commune], insee=atlas.codes[commune], rings=rings, label=atlas.label(commune))
