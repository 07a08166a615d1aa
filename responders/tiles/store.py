"""Tiles kept on this machine's disk: seven days as new, thirty at most, never more than so many bytes in all.

The files tell where somebody was looked for, though neither whom nor by whom: only the service's own user reads them,
and they go after thirty days as positions do.
"""

import logging
import os
import shutil
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from responders.tiles.pictures import Address

DAY = 86_400.0
FRESH_SECONDS, KEPT_SECONDS = 7 * DAY, 30 * DAY
ABSENT_SECONDS = DAY  # how long "there is none" is believed
MOST_BYTES = 512 * 1024 * 1024
LEAST_FREE_BYTES = 500 * 1024 * 1024  # of the disk: rows and recordings come first
_BLOCK = 4_096  # what even the smallest file takes
_DRAFT = ".draft-"

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A picture as it lies there, empty where there is none at this address."""

    picture: bytes
    is_fresh: bool


class Store:
    """One folder. Several processes may share it: files are replaced whole, and a missing one is no error."""

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES, least_free_bytes: int = LEAST_FREE_BYTES) -> None:
        self._folder = folder
        self._most = most_bytes
        self._least_free = least_free_bytes
        self._written = most_bytes  # what lies there from before is not known yet: look at the first occasion
        self._sweeping = threading.Lock()

    def get(self, address: Address, *, now: float) -> Kept | None:
        """What is kept of this tile at `now` (seconds since 1970), if anything."""
        try:
            with self._path(address).open("rb") as file:
                age = now - os.fstat(file.fileno()).st_mtime
                picture = file.read()
        except OSError:
            return None
        if age >= KEPT_SECONDS:
            return None
        return Kept(picture=picture, is_fresh=age < (FRESH_SECONDS if picture else ABSENT_SECONDS))

    def put(self, address: Address, picture: bytes, *, now: float) -> None:
        """Keep it. A disk that is full or refuses costs the copy and nothing else."""
        path = self._path(address)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if shutil.disk_usage(path.parent).free < self._least_free:
                return
            _write(path, picture, now=now)
        except OSError as error:
            log.warning("A tile could not be kept: %s", type(error).__name__)
            return
        self._written += max(len(picture), _BLOCK)
        if self._written >= self._most // 20:
            self.sweep(now=now)

    def sweep(self, *, now: float) -> None:
        """Throw away what is older than thirty days, then the oldest until a fifth of the room is free."""
        if not self._sweeping.acquire(blocking=False):
            return
        try:
            self._written = 0
            found = sorted(self._found())
            total = sum(size for _changed, size, _path in found)
            wanted = self._most if total <= self._most else self._most * 4 // 5
            for changed, size, path in found:
                if total <= wanted and now - changed < KEPT_SECONDS:
                    break
                with suppress(OSError):
                    path.unlink()
                total -= size
        finally:
            self._sweeping.release()

    def _found(self) -> list[tuple[float, int, Path]]:
        found: list[tuple[float, int, Path]] = []
        for path in self._folder.rglob("*"):
            with suppress(OSError):
                seen = path.stat()
                if path.is_file():
                    found.append((seen.st_mtime, max(seen.st_size, _BLOCK), path))
        return found

    def _path(self, address: Address) -> Path:
        return self._folder / str(address.z) / str(address.x) / str(address.y)


def _write(path: Path, picture: bytes, *, now: float) -> None:
    """Whole or not at all. Nothing waits for the disk: a copy that a power cut takes is fetched again."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=_DRAFT)
    try:
        with open(handle, "wb") as file:
            file.write(picture)
        os.utime(draft, (now, now))
        os.replace(draft, path)
    except OSError:
        with suppress(OSError):
            os.unlink(draft)
        raise
