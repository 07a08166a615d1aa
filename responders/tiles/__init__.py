"""The base map at our own origin: a browser never tells a third party where it looks.

Plain Python. `BaseMap` gives one picture or none within a second or so: a map without pictures is drawn from outlines
(`responders.views.outlines`), and nobody waits for somebody else's server.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from responders.tiles.archive import Archive
from responders.tiles.pictures import DEEPEST, AbsentError, Address, AwayError, kind_of
from responders.tiles.resting import Rest
from responders.tiles.store import Kept, Store
from responders.tiles.upstream import Upstream

__all__ = ["DEEPEST", "MOST_CONNECTIONS", "Address", "Archive", "BaseMap", "Rest", "Store", "Tile", "Upstream"]

MOST_CONNECTIONS = 6
MOST_FLIGHTS = 60  # pictures asked for and not there yet: a screen of a large desk
PATIENCE_SECONDS = 1.0  # how long a browser waits; the picture may come later and is kept then

log = logging.getLogger(__name__)


class Source(Protocol):
    """Where pictures come from."""

    def fetch(self, address: Address) -> bytes:
        """One picture. Raises AbsentError, AwayError."""
        ...

    def close(self) -> None:
        """Nobody asks any more."""
        ...


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One picture as a browser gets it."""

    picture: bytes
    media_type: str


class BaseMap:
    """Pictures of one source, at most six asked for at once, each of them once, kept in a store if there is one."""

    def __init__(
        self,
        source: Source,
        *,
        store: Store | None = None,
        rest: Rest | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._source = source
        self._store = store
        self._rest = rest or Rest()
        self._patience = patience
        self._fetchers = ThreadPoolExecutor(MOST_CONNECTIONS, thread_name_prefix="tiles")
        self._flights: dict[Address, Future[bytes | None]] = {}
        self._lock = threading.Lock()

    @property
    def rests(self) -> bool:
        """Whether the source failed lately: then only what is kept can be shown."""
        return self._rest.is_on

    def close(self) -> None:
        """Nobody asks any more: let those under way end, then hang up."""
        self._fetchers.shutdown()
        self._source.close()

    def tile(self, address: Address, *, now: float) -> Tile | None:
        """The picture at `now` (seconds since 1970): fresh, or an old one while the source fails, or none."""
        if not address.exists:
            return None
        kept = self._store.get(address, now=now) if self._store else None
        if kept is None or not kept.is_fresh:
            kept = self._fetched(address, now=now) or kept
        return _shown(kept)

    def _fetched(self, address: Address, *, now: float) -> Kept | None:
        """The picture if it comes within our patience."""
        flight = self._take_off(address, now=now)
        if flight is None:
            return None
        try:
            picture = flight.result(self._patience)
        except TimeoutError:
            return None
        return None if picture is None else Kept(picture=picture, is_fresh=True)

    def _take_off(self, address: Address, *, now: float) -> "Future[bytes | None] | None":
        """The flight of this picture, one for everybody who asks; None where nobody should ask now."""
        with self._lock:
            flight = self._flights.get(address)
            if flight is None and not self._rest.is_on and len(self._flights) < MOST_FLIGHTS:
                flight = self._flights[address] = self._fetchers.submit(self._fly, address, now)
            return flight

    def _fly(self, address: Address, now: float) -> bytes | None:
        try:
            return self._fetch(address, now) if not self._rest.is_on else None
        except Exception as error:
            log.exception("A tile could not be fetched.")
            self._rest.failed(type(error).__name__, reached=True)
            return None
        finally:
            with self._lock:
                self._flights.pop(address, None)

    def _fetch(self, address: Address, now: float) -> bytes | None:
        try:
            picture = self._source.fetch(address)
        except AbsentError:
            picture = b""
        except AwayError as error:
            self._rest.failed(str(error), reached=error.reached)
            return None
        self._rest.worked()
        if self._store:
            self._store.put(address, picture, now=now)
        return picture


def _shown(kept: Kept | None) -> Tile | None:
    if kept is None or not kept.picture:
        return None
    try:
        return Tile(picture=kept.picture, media_type=kind_of(kept.picture))
    except AwayError:
        return None  # somebody wrote into our folder


def of_template(template: str, folder: Path, *, make: Callable[[str], Source] = Upstream) -> BaseMap:
    """Pictures of a server, kept in a folder."""
    return BaseMap(make(template), store=Store(folder))
