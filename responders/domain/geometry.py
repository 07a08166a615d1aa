"""Distances and directions between people, and a track thinned without bending it. Degrees are WGS 84."""

import math
from collections.abc import Sequence
from typing import TypeVar

EARTH_RADIUS = 6_371_008.8  # metres, mean (IUGG)
_FIRST_TOLERANCE = 2.0  # metres: below the noise of any phone
_GROWTH = 1.5

Stop = TypeVar("Stop", bound=tuple[float, float, object])


def distance(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Metres along the great circle (haversine)."""
    latitude, other = math.radians(start[0]), math.radians(end[0])
    half = math.sin((other - latitude) / 2) ** 2
    half += math.cos(latitude) * math.cos(other) * math.sin(math.radians(end[1] - start[1]) / 2) ** 2
    return 2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(half)))


def bearing(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Degrees clockwise from north, 0 to 360, in which to set out from `start` towards `end`."""
    latitude, other = math.radians(start[0]), math.radians(end[0])
    across = math.radians(end[1] - start[1])
    east = math.sin(across) * math.cos(other)
    north = math.cos(latitude) * math.sin(other) - math.sin(latitude) * math.cos(other) * math.cos(across)
    return math.degrees(math.atan2(east, north)) % 360


def thin(track: Sequence[Stop], most: int) -> list[Stop]:
    """At most `most` of these stops, the first and the last among them, in their order.

    A stop is dropped only if it lies within a tolerance of the last one kept before it, so the path keeps its shape;
    the tolerance starts at two metres and grows until few enough are left. Linear in the number of stops.
    """
    kept = list(track)
    tolerance = _FIRST_TOLERANCE
    while len(kept) > most:
        kept = _spread(kept, tolerance)
        tolerance *= _GROWTH
    return kept


def _spread(track: Sequence[Stop], tolerance: float) -> list[Stop]:
    kept = [track[0]]
    for stop in track[1:-1]:
        if distance((stop[0], stop[1]), (kept[-1][0], kept[-1][1])) > tolerance:
            kept.append(stop)
    return [*kept, track[-1]]
