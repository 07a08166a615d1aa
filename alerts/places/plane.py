"""Points, rings and distances on whole numbers of 1e-5 degree. A ring is two lists, east and north, not closed."""

import math
from collections.abc import Sequence

Ring = tuple[Sequence[int], Sequence[int]]
Box = tuple[int, int, int, int]

METRES_NORTH = 1.11195  # of one unit: a sphere of 6,371 km, half a percent at most from WGS 84


def metres_east(y: int) -> float:
    """How many metres one unit east is at this latitude."""
    return METRES_NORTH * math.cos(math.radians(y / 100_000))


def contains(rings: Sequence[Ring], x: int, y: int) -> bool:
    """Whether a point lies inside: how many edges a ray to the east crosses, holes counted like any ring.

    Exact, and the same edge decides in the same way for the communes on both of its sides.
    """
    inside = False
    for xs, ys in rings:
        before_x, before_y = xs[-1], ys[-1]
        for edge_x, edge_y in zip(xs, ys, strict=True):
            if (edge_y > y) is not (before_y > y):
                # The sign of this product says on which side of the edge the point is.
                side = (edge_x - before_x) * (y - before_y) - (x - before_x) * (edge_y - before_y)
                if side > 0 if edge_y > before_y else side < 0:
                    inside = not inside
            before_x, before_y = edge_x, edge_y
    return inside


def metres_to_box(box: Box, x: int, y: int) -> float:
    """How far a box is at least; 0 inside it."""
    west, south, east, north = box
    return math.hypot(max(west - x, 0, x - east) * metres_east(y), max(south - y, 0, y - north) * METRES_NORTH)


def metres_to_edges(rings: Sequence[Ring], x: int, y: int) -> float:
    """How far the nearest edge is."""
    scale = metres_east(y)
    nearest = math.inf
    for xs, ys in rings:
        plane_x = [(edge_x - x) * scale for edge_x in xs]
        plane_y = [(edge_y - y) * METRES_NORTH for edge_y in ys]
        before_x, before_y = plane_x[-1], plane_y[-1]
        for edge_x, edge_y in zip(plane_x, plane_y, strict=True):
            nearest = min(nearest, _squared(before_x, before_y, edge_x - before_x, edge_y - before_y))
            before_x, before_y = edge_x, edge_y
    return math.sqrt(nearest)


def _squared(x: float, y: float, along_x: float, along_y: float) -> float:  # noqa: PLR0917 - two vectors
    """The squared distance from the origin to the segment that leaves (x, y) by a vector."""
    length = along_x * along_x + along_y * along_y
    share = 0.0 if length == 0 else min(max(-(x * along_x + y * along_y) / length, 0.0), 1.0)
    x += share * along_x
    y += share * along_y
    return x * x + y * y
