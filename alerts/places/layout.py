"""The file of communes: how numbers lie in it. Version 1.

    8 bytes   magic
    uint32    length of the index as packed
    uint32    CRC 32 of everything after these sixteen bytes
    index     zlib: a JSON line of lengths and départements, then the columns in the order of COLUMNS
    shapes    one run of varints (LEB128) per commune: how many rings; for each how many borders, where it begins
              (from the corner of the box), and the number of each border less that of the one before (zigzag);
              ~number is that border walked backwards
    borders   one run of varints per border: the steps from point to point, east and north (zigzag)

Coordinates are whole numbers of 1e-5 degree (about a metre), east and north. Everything is little-endian.
"""

import struct
import sys
from array import array
from collections.abc import Iterable, Iterator

MAGIC = b"SHERPLA1"
HEAD = struct.Struct("<8sII")
DEGREE = 100_000
CELL = 10_000  # a tenth of a degree
# A cell lists whoever comes within a kilometre of it: 0.01 degree north, and east as far north as France goes.
MARGIN_NORTH, MARGIN_EAST = 1_000, 1_500
_ROW = 10_000  # more cells than there are around the earth
_SEVEN, _MORE = 127, 128

# name -> typecode of array; `cells` are sorted keys, `ends` where the members of each cell end.
COLUMNS = {
    "boxes": "i",  # west, south, east, north
    "cells": "i",
    "ends": "i",
    "members": "H",
    "shapes": "H",  # bytes of each
    "borders": "H",
    "labels": "B",  # east and north within the box, in 255ths
    "departements": "B",
    "articles": "B",
}


class PlacesError(Exception):
    """The file of communes is absent, damaged, or of another version."""


def cell(x: int, y: int) -> int:
    """The key of the cell in which a point lies."""
    return (y // CELL) * _ROW + x // CELL


def cells(box: tuple[int, int, int, int]) -> Iterator[int]:
    """The keys of all cells that a box touches: west, south, east, north."""
    west, south, east, north = box
    for row in range(south // CELL, north // CELL + 1):
        for column in range(west // CELL, east // CELL + 1):
            yield row * _ROW + column


def varints(values: Iterable[int]) -> bytes:
    """Whole numbers from zero on, small ones in one byte."""
    packed = bytearray()
    for value in values:
        rest = value
        while rest > _SEVEN:
            packed.append(rest & _SEVEN | _MORE)
            rest >>= 7
        packed.append(rest)
    return bytes(packed)


def unpack(packed: bytes) -> list[int]:
    """What `varints` packed."""
    values: list[int] = []
    value = shift = 0
    for byte in packed:
        if byte > _SEVEN:
            value |= (byte & _SEVEN) << shift
            shift += 7
        else:
            values.append(value | byte << shift)
            value = shift = 0
    return values


def zigzag(value: int) -> int:
    """A whole number as one from zero on: 0, -1, 1, -2 become 0, 1, 2, 3."""
    return value * 2 if value >= 0 else -value * 2 - 1


def column(typecode: str, content: bytes) -> "array[int]":
    """Numbers out of the file. Raises ValueError if they do not end where the bytes end."""
    numbers = array(typecode, content)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def signed(value: int) -> int:
    """What `zigzag` folded."""
    return (value >> 1) ^ -(value & 1)


def bytes_of(numbers: "array[int]") -> bytes:
    """Numbers for the file."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
