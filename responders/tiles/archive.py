"""Tiles out of one PMTiles file (version 3) on this machine: nobody else learns where is looked.

Only read, through a mapping of the file. https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import Entry, deserialize_directory, find_tile, zxy_to_tileid

from responders.tiles.pictures import MOST_BYTES, AbsentError, Address, AwayError, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

_LEVELS = 4  # of directories below each other
_DIRECTORIES = 64  # read and kept: unpacking one takes milliseconds


class Archive:
    """Raises OSError and ValueError where the file is not there, or is none."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._read: Callable[[int, int], bytes] = MmapSource(file)  # type: ignore[no-untyped-call]
        reader: Any = Reader(self._read)  # type: ignore[no-untyped-call]
        self._header = reader.header()
        self._directory = lru_cache(maxsize=_DIRECTORIES)(self._unpacked)
        self.attribution = _plain(reader.metadata())
        self.deepest = int(self._header["max_zoom"])

    def fetch(self, address: Address) -> bytes:
        """One picture. Raises AbsentError; AwayError for a file that is damaged."""
        try:
            found = self._find(zxy_to_tileid(address.z, address.x, address.y))
        except (ValueError, OverflowError, EOFError, OSError, IndexError) as error:
            raise AwayError(type(error).__name__, reached=True) from error
        if not found:
            raise AbsentError
        kind_of(found)
        return found

    def close(self) -> None:
        """The mapping goes with the object."""

    def _find(self, tile: int) -> bytes:
        header = self._header
        offset, length = header["root_offset"], header["root_length"]
        for _level in range(_LEVELS):
            entry = find_tile(self._directory(offset, length), tile)
            if entry is None:
                return b""
            if entry.run_length:
                if entry.length > MOST_BYTES:
                    raise AwayError("too large", reached=True)
                return bytes(self._read(header["tile_data_offset"] + entry.offset, entry.length))
            offset, length = header["leaf_directory_offset"] + entry.offset, entry.length
        return b""

    def _unpacked(self, offset: int, length: int) -> list[Entry]:
        return deserialize_directory(self._read(offset, length))


def _plain(metadata: Any) -> str:
    """Who made the map, without the links that such files carry."""
    said = metadata.get("attribution", "") if isinstance(metadata, dict) else ""
    return " ".join(re.sub(r"<[^>]*>", "", said).split())[:80] if isinstance(said, str) else ""
