"""The communes in memory: columns of numbers, and shapes unpacked as they are asked for."""

import json
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Self

from alerts.places.layout import COLUMNS, DEGREE, HEAD, MAGIC, PlacesError, column, signed, unpack
from alerts.places.named import Article, Departement
from alerts.places.plane import Box, Ring

_KEPT_SHAPES = 512
_DAMAGED = "the file of communes is damaged"


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The index, unpacked; a commune is a number into it."""

    boxes: "array[int]"
    cells: "array[int]"
    ends: "array[int]"
    members: "array[int]"
    shapes: "array[int]"  # where each begins, and where the last one ends
    borders: "array[int]"
    labels: "array[int]"
    departements: "array[int]"
    articles: "array[int]"


@dataclass(frozen=True, kw_only=True, eq=False)
class Atlas:
    """All communes. Reading changes nothing: any number of threads may ask."""

    columns: Columns
    codes: Sequence[str]
    names: Sequence[str]
    departements: Sequence[Departement]
    lines: bytes

    @classmethod
    def of(cls, content: bytes) -> Self:
        """The atlas in these bytes. Raises PlacesError if they are not what was written."""
        if len(content) < HEAD.size:
            raise PlacesError(f"{_DAMAGED}: {len(content)} bytes")
        magic, length, checksum = HEAD.unpack_from(content)
        if magic != MAGIC:
            raise PlacesError("this is no file of communes, or one of another version")
        if zlib.crc32(memoryview(content)[HEAD.size :]) != checksum:
            raise PlacesError(f"{_DAMAGED}: its checksum is another")
        end = HEAD.size + length
        return cls._of_index(zlib.decompress(content[HEAD.size : end]), content[end:])

    @classmethod
    def _of_index(cls, index: bytes, lines: bytes) -> Self:
        line, _, rest = index.partition(b"\n")
        said = json.loads(line)
        columns: dict[str, array[int]] = {}
        for name, typecode in COLUMNS.items():
            columns[name], rest = column(typecode, rest[: said[name]]), rest[said[name] :]
        codes, names = zip(*(row.split("\t") for row in rest.decode().splitlines()), strict=True)
        columns["shapes"] = array("i", accumulate(columns["shapes"], initial=0))
        columns["borders"] = array("i", accumulate(columns["borders"], initial=columns["shapes"][-1]))
        return cls(
            columns=Columns(**columns),
            codes=codes,
            names=names,
            departements=[Departement(code, name, Article(kind)) for code, name, kind in said["all_departements"]],
            lines=lines,
        )

    def members(self, cell: int) -> Sequence[int]:
        """The communes that come within a kilometre of a cell."""
        columns = self.columns
        found = bisect_left(columns.cells, cell)
        if found == len(columns.cells) or columns.cells[found] != cell:
            return ()
        return columns.members[columns.ends[found - 1] if found else 0 : columns.ends[found]]

    def box(self, commune: int) -> Box:
        """West, south, east, north."""
        west, south, east, north = self.columns.boxes[commune * 4 : commune * 4 + 4]
        return west, south, east, north

    def departement(self, commune: int) -> Departement:
        """In which département a commune lies."""
        return self.departements[self.columns.departements[commune]]

    def together(self, commune: int, other: int) -> bool:
        """Whether two communes lie in one département."""
        return self.columns.departements[commune] == self.columns.departements[other]

    def article(self, commune: int) -> Article:
        """How its name begins."""
        return Article(self.columns.articles[commune])

    def label(self, commune: int) -> tuple[float, float]:
        """A point well inside, for its name: latitude, longitude."""
        west, south, east, north = self.box(commune)
        east_share, north_share = self.columns.labels[commune * 2 : commune * 2 + 2]
        x, y = west + (east - west) * east_share / 255, south + (north - south) * north_share / 255
        return y / DEGREE, x / DEGREE

    def rings(self, commune: int) -> Sequence[Ring]:
        """All rings of a commune, holes among them. The last few hundred that were asked for stay unpacked."""
        return _rings(self, commune)


@lru_cache(maxsize=_KEPT_SHAPES)
def _rings(atlas: Atlas, commune: int) -> tuple[Ring, ...]:
    starts = atlas.columns.shapes
    said = iter(unpack(atlas.lines[starts[commune] : starts[commune + 1]]))
    west, south, _, _ = atlas.box(commune)
    rings: list[Ring] = []
    number = 0
    for _ in range(next(said)):
        borders, x, y = next(said), west + next(said), south + next(said)
        steps_east: list[int] = []
        steps_north: list[int] = []
        for _ in range(borders):
            number += signed(next(said))
            steps = _steps(atlas, number)
            steps_east += steps[::2]
            steps_north += steps[1::2]
        rings.append((list(accumulate(steps_east, initial=x))[:-1], list(accumulate(steps_north, initial=y))[:-1]))
    return tuple(rings)


def _steps(atlas: Atlas, number: int) -> list[int]:
    """East, north, east, north along a border, backwards for the complement of its number."""
    starts, at = atlas.columns.borders, number if number >= 0 else ~number
    steps = [(step >> 1) ^ -(step & 1) for step in unpack(atlas.lines[starts[at] : starts[at + 1]])]
    if number >= 0:
        return steps
    backwards = [-step for step in reversed(steps)]  # north, east, north, east
    backwards[::2], backwards[1::2] = backwards[1::2], backwards[::2]
    return backwards
