"""Writes the file of communes, from whole numbers of 1e-5 degree. Only the build script and tests call it."""

import json
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from alerts.places.borders import Border, Borders, Point
from alerts.places.layout import (
    COLUMNS,
    HEAD,
    MAGIC,
    MARGIN_EAST,
    MARGIN_NORTH,
    bytes_of,
    cells,
    varints,
    zigzag,
)
from alerts.places.named import Article, Departement, written
from alerts.places.plane import Box


@dataclass(frozen=True, kw_only=True)
class Commune:
    """One commune: its name without an article, its rings (east, north; not closed), a point for its name."""

    insee: str
    name: str
    article: Article
    departement: Departement
    rings: Sequence[Sequence[Point]]
    label: Point

    @property
    def box(self) -> Box:
        """West, south, east, north."""
        xs, ys = zip(*(point for ring in self.rings for point in ring), strict=True)
        return min(xs), min(ys), max(xs), max(ys)


def file_of(communes: Sequence[Commune]) -> bytes:
    """The bytes of the file; the same communes give the same bytes, in whatever order they come."""
    ordered = sorted(communes, key=lambda commune: commune.insee)
    borders = Borders([ring for commune in ordered for ring in commune.rings])
    shapes = [_shape(commune, borders) for commune in ordered]
    lines = [_line(border) for border in borders.all]
    sizes = {"shapes": [len(shape) for shape in shapes], "borders": [len(line) for line in lines]}
    index = zlib.compress(_index(ordered, sizes), 9)
    body = b"".join([index, *shapes, *lines])
    return HEAD.pack(MAGIC, len(index), zlib.crc32(body)) + body


def _shape(commune: Commune, borders: Borders) -> bytes:
    """How many rings; for each how many borders, where it begins, and which borders."""
    west, south, _, _ = commune.box
    values, last = [len(commune.rings)], 0
    for ring in commune.rings:
        (x, y), numbers = borders.walk(ring)
        values += [len(numbers), x - west, y - south]
        for number in numbers:
            values.append(zigzag(number - last))
            last = number
    return varints(values)


def _line(border: Border) -> bytes:
    """The steps along a border."""
    steps = ((east - x, north - y) for (x, y), (east, north) in pairwise(border))
    return varints(zigzag(step) for pair in steps for step in pair)


def _index(communes: Sequence[Commune], sizes: Mapping[str, Sequence[int]]) -> bytes:
    departements = sorted({commune.departement for commune in communes}, key=lambda departement: departement.code)
    keys, ends, members = _cells(communes)
    numbers: dict[str, Sequence[int]] = {
        "boxes": [side for commune in communes for side in commune.box],
        "cells": keys,
        "ends": ends,
        "members": members,
        **sizes,
        "labels": [share for commune in communes for share in _label(commune)],
        "departements": [departements.index(commune.departement) for commune in communes],
        "articles": [commune.article for commune in communes],
    }
    packed = {name: bytes_of(array(typecode, numbers[name])) for name, typecode in COLUMNS.items()}
    lengths = {name: len(column) for name, column in packed.items()}
    said = {**lengths, "all_departements": [(one.code, one.name, int(one.article)) for one in departements]}
    rows = "\n".join(f"{commune.insee}\t{written(commune.name, commune.article)}" for commune in communes)
    return b"".join([json.dumps(said).encode(), b"\n", *packed.values(), rows.encode()])


def _cells(communes: Sequence[Commune]) -> tuple[list[int], list[int], list[int]]:
    """Who comes within a kilometre of each cell: sorted keys, where each list ends, the lists."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for number, commune in enumerate(communes):
        west, south, east, north = commune.box
        for key in cells((west - MARGIN_EAST, south - MARGIN_NORTH, east + MARGIN_EAST, north + MARGIN_NORTH)):
            found[key].append(number)
    keys = sorted(found)
    return keys, list(accumulate(len(found[key]) for key in keys)), [one for key in keys for one in found[key]]


def _label(commune: Commune) -> Iterator[int]:
    west, south, east, north = commune.box
    x, y = commune.label
    yield round((x - west) * 255 / (east - west))
    yield round((y - south) * 255 / (north - south))
