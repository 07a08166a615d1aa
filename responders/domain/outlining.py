"""Outlines of communes as they travel to a page: whole numbers, each point as its distance from the one before.

Five times smaller than degrees written out, and 15 to 25 KB compressed for twenty kilometres around. About ten metres
exact, which is finer than the outlines are.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, pairwise
from typing import Protocol

PER_DEGREE = 10_000
SOURCE = "© IGN Admin Express, INSEE"
Point = tuple[float, float]
Packed = list[int]


class Outlined(Protocol):
    """A commune: rings of (latitude, longitude) in degrees, and where its name fits (`alerts.places.Outline`)."""

    @property
    def name(self) -> str: ...
    @property
    def insee(self) -> str: ...
    @property
    def rings(self) -> Sequence[Sequence[Point]]: ...
    @property
    def label(self) -> Point: ...


def told(communes: Iterable[Outlined]) -> dict[str, object]:
    """What the page is sent; static/js/pure/ground.js reads it."""
    return {
        "source": SOURCE,
        "per_degree": PER_DEGREE,
        "communes": [
            {
                "name": commune.name,
                "insee": commune.insee,
                "label": _counted(commune.label),
                "rings": [packed(ring) for ring in commune.rings],
            }
            for commune in communes
        ],
    }


def packed(ring: Sequence[Point]) -> Packed:
    """Latitude, longitude, then the step to each further point; a step of nothing is left out."""
    counted = [_counted(point) for point in ring]
    steps = ((after[0] - before[0], after[1] - before[1]) for before, after in pairwise(counted))
    return list(chain(*counted[:1], *(step for step in steps if step != (0, 0))))


def _counted(point: Point) -> tuple[int, int]:
    return round(point[0] * PER_DEGREE), round(point[1] * PER_DEGREE)
