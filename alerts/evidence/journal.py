"""A file of signed lines that only grows, for several processes on one machine at once."""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alerts.evidence import disk, lines
from alerts.evidence.disk import Disk
from alerts.evidence.errors import BrokenError, StorageError
from alerts.evidence.lines import FIRST_PREV, Facts, Line

Sign = Callable[[bytes], bytes]
Hear = Callable[[Line], None]


class Journal:
    """Remembers where it ends and tells `hear` of every line, its own and those of other processes."""

    def __init__(self, path: Path, disk: Disk, hear: Hear) -> None:
        self.path = path
        self.head = FIRST_PREV
        self.count = 0
        self._size = 0
        self._disk = disk
        self._hear = hear
        self._mine = threading.Lock()
        self._descriptor: int | None = None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else writes meanwhile; everything that stands in it was heard. Raises BrokenError, StorageError.

        A last line that was being written when the machine stopped was never acknowledged: it is cut off.
        """
        with self._mine, _opened(self.path) as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._catch_up(descriptor)
            self._descriptor = descriptor
            try:
                yield
            finally:
                self._descriptor = None

    def append(self, facts: Facts, sign: Sign) -> Line:
        """One more line, on the disk when this returns; `seq` is added. Inside `locked`. Raises StorageError."""
        if self._descriptor is None:
            raise RuntimeError("the journal is not locked")
        written = lines.write({**facts, "seq": self.count}, prev=self.head, sign=sign)
        disk.append(self._descriptor, written, size=self._size, disk=self._disk)
        return self._take(written)

    def _catch_up(self, descriptor: int) -> None:
        if os.fstat(descriptor).st_size < self._size:
            raise BrokenError
        found = _from(descriptor, self._size)
        for written in found.splitlines(keepends=True):
            if written.endswith(b"\n"):
                self._take(written)
            else:
                os.ftruncate(descriptor, self._size)

    def _take(self, written: bytes) -> Line:
        line = lines.read(written)
        if line.facts.get("prev") != self.head or line.facts.get("seq") != self.count:
            raise BrokenError
        self.head = line.hash
        self.count += 1
        self._size += len(written)
        self._hear(line)
        return line


def read(path: Path) -> list[Line]:
    """Every whole line, without a lock and without writing. Raises BrokenError."""
    written = path.read_bytes()
    return parsed(written[: written.rfind(b"\n") + 1].splitlines(keepends=True))  # behind them one is being written


def parsed(content: Sequence[bytes]) -> list[Line]:
    """Whole lines, each checked against the one before. Raises BrokenError."""
    found: list[Line] = []
    prev = FIRST_PREV
    for written in content:
        line = lines.read(written)
        if line.facts.get("prev") != prev or line.facts.get("seq") != len(found):
            raise BrokenError
        found.append(line)
        prev = line.hash
    return found


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageError from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _from(descriptor: int, size: int) -> bytes:
    os.lseek(descriptor, size, os.SEEK_SET)
    found = bytearray()
    while piece := os.read(descriptor, 1 << 20):
        found += piece
    return bytes(found)
