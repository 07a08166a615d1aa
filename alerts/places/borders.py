"""Cuts rings where three communes meet, so that a border between two is written once.

Only the writer of the file calls it. Points are whole numbers (east, north); a ring is not closed.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

Point = tuple[int, int]
Border = tuple[Point, ...]
_ALONG = 2  # a point on a border has a point before it and one after it


class Borders:
    """All borders of all rings; each is known by its number, or by the complement (~) when it is walked backwards."""

    def __init__(self, rings: Sequence[Sequence[Point]]) -> None:
        beside: defaultdict[Point, set[Point]] = defaultdict(set)
        for ring in rings:
            for one, other in zip(ring, [*ring[1:], ring[0]], strict=True):
                beside[one].add(other)
                beside[other].add(one)
        self._corners = {point for point, others in beside.items() if len(others) != _ALONG}
        self._numbers: dict[Border, int] = {}

    @property
    def all(self) -> Sequence[Border]:
        """Every border so far, in the order of its number."""
        return list(self._numbers)

    def walk(self, ring: Sequence[Point]) -> tuple[Point, Sequence[int]]:
        """Where a ring begins, and the borders that lead around it."""
        first = next((at for at, point in enumerate(ring) if point in self._corners), None)
        if first is None:  # an island, or an enclave: from the same point whoever walks
            first = ring.index(min(ring))
        turned = [*ring[first:], *ring[:first], ring[first]]
        return turned[0], [self._number(border) for border in self._cut(turned)]

    def _cut(self, closed: Sequence[Point]) -> Iterator[Border]:
        cuts = [0, *(at for at in range(1, len(closed) - 1) if closed[at] in self._corners), len(closed) - 1]
        for start, end in pairwise(cuts):
            yield tuple(closed[start : end + 1])

    def _number(self, border: Border) -> int:
        backwards = border[::-1]
        if backwards < border:
            return ~self._numbers.setdefault(backwards, len(self._numbers))
        return self._numbers.setdefault(border, len(self._numbers))
