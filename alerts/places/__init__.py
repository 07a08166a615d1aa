"""Where a position lies, in words: commune, INSEE code, département. Nothing leaves the machine.

Plain Python over one file of polygons (communes.bin, see NOTICE.md), read whole in a few milliseconds.
"""

import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from alerts.places.atlas import Atlas
from alerts.places.finding import Outline, Place
from alerts.places.finding import coded as coded_in
from alerts.places.finding import find as find_in
from alerts.places.finding import outlines as outlines_in
from alerts.places.layout import PlacesError
from alerts.places.named import Departement

__all__ = ["FILE", "Departement", "Outline", "Place", "PlacesError", "commune", "find", "load", "outlines", "read"]

FILE = Path(__file__).with_name("communes.bin")
_log = logging.getLogger(__name__)


def read(path: Path) -> Atlas:
    """The atlas in a file. Raises PlacesError, with a sentence for the operator, if it is absent or damaged."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PlacesError(f"{path.name} cannot be read: {error.strerror}") from error
    return Atlas.of(content)


@cache
def load(path: Path = FILE) -> Atlas | None:
    """The atlas, read once by each process. Without it alerts go with coordinates alone; the log says why."""
    try:
        return read(path)
    except PlacesError as error:
        _log.error("Places are not named, alerts go with coordinates alone: %s", error)
        return None


def find(latitude: float, longitude: float) -> Place | None:
    """Where this position lies (degrees, WGS 84); None abroad, far out at sea, or without the file."""
    atlas = load()
    return None if atlas is None else find_in(atlas, latitude, longitude)


def commune(insee: str) -> Place | None:
    """A commune by its INSEE code, as if somebody stood in it; None if there is none, or without the file."""
    atlas = load()
    return None if atlas is None else coded_in(atlas, insee)


def outlines(latitude: float, longitude: float, kilometres: float = 20) -> Sequence[Outline]:
    """The communes around this position, the nearest first; empty where there are none, or without the file."""
    atlas = load()
    return () if atlas is None else outlines_in(atlas, latitude, longitude, kilometres=kilometres)
