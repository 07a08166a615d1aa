"""A position out of words: what people copy from a map into a text. Nothing is ever fetched."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

_LATITUDES, _LONGITUDES = 90.0, 180.0
_BOTH = r"([-+]?\d{1,3}(?:\.\d{1,20})?)"  # in a link, whole degrees too

# The place that a link means comes before the middle of the map that it shows.
_IN_LINKS = (
    re.compile(rf"!3d{_BOTH}!4d{_BOTH}", re.ASCII),  # Google: the pin
    re.compile(rf"mlat={_BOTH}&mlon={_BOTH}", re.ASCII),  # OpenStreetMap: the marker
    re.compile(rf"(?:q|query|ll|destination|daddr|center|coordinate)=(?:loc:)?{_BOTH}\s?,\s?{_BOTH}", re.ASCII),
    re.compile(rf"geo:{_BOTH},{_BOTH}", re.ASCII),  # RFC 5870
    re.compile(rf"@{_BOTH},{_BOTH}", re.ASCII),
    re.compile(rf"#map=[\d.]{{1,5}}/{_BOTH}/{_BOTH}", re.ASCII),
)
# Elsewhere two decimal fractions side by side, with a point or a comma, perhaps with the signs of a compass.
_FRACTION = r"([-+]?\d{1,3}[.,]\d{1,20})"
_PAIR = re.compile(
    rf"(?<![\d.,]){_FRACTION}\s?°?\s?([ns])?\s{{0,2}}[\s,;/]\s{{0,2}}(?:(?:lon|lng)[a-z]{{0,6}}[\s:=]{{0,2}})?"
    rf"{_FRACTION}(?!\d)\s?°?(?:\s?([ewo])(?![a-z]))?",
    re.ASCII,
)
_BACKWARDS = frozenset("swo")  # south, west, ouest


@dataclass(frozen=True, kw_only=True)
class Place:
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


def read(text: str) -> Place | None:
    """The first position on earth in this text (cleaned and in lower case), or None."""
    return next(_on_earth(unquote(text)), None)


def starts_with_one(text: str) -> bool:
    """Whether the text begins with a whole pair of coordinates."""
    return _PAIR.match(text) is not None


def _on_earth(text: str) -> Iterator[Place]:
    for latitude, longitude in (*_linked(text), *_paired(text)):
        if abs(latitude) > _LATITUDES or abs(longitude) > _LONGITUDES:
            continue
        if (latitude, longitude) != (0, 0):  # what broken software says when it knows nothing
            yield Place(latitude=latitude, longitude=longitude)


def _linked(text: str) -> Iterator[tuple[float, float]]:
    for pattern in _IN_LINKS:
        for found in pattern.finditer(text):
            yield float(found[1]), float(found[2])


def _paired(text: str) -> Iterator[tuple[float, float]]:
    for found in _PAIR.finditer(text):
        yield _degrees(found[1], found[2]), _degrees(found[3], found[4])


def _degrees(number: str, side: str | None) -> float:
    degrees = float(number.replace(",", "."))
    return -math.fabs(degrees) if side in _BACKWARDS else degrees
