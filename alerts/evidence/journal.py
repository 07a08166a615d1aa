"""A file of signed lines that only grows, for several processes on one machine at once."""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alerts.evidence import disk, lines
from alerts.evidence.disk import Disk
from alerts.evidence.errors import BrokenError, StorageError
from alerts.evidence.lines import FIRST_PREV, Facts, Line

Sign = Callable[[bytes], bytes]
Hear = Callable[[Line], None]
_BLINK = 0.001  # seconds: a chunk takes about as long
_REACH = 1 << 13  # bytes from the end; most lines have five hundred


class Journal:
    """Remembers where it ends and tells `hear` of every line, its own and those of other processes.

    Whoever waits for one that hangs with the file in its hands gives up after `patience` seconds (StorageError).
    """

    patience = 3.0

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
        if not self._mine.acquire(timeout=self.patience):
            raise StorageError
        try:
            with _opened(self.path) as descriptor:
                _lock(descriptor, fcntl.LOCK_EX, self.patience)
                self._catch_up(descriptor)
                self._descriptor = descriptor
                try:
                    yield
                finally:
                    self._descriptor = None
        finally:
            self._mine.release()

    def append(self, facts: Facts, sign: Sign) -> Line:
        """One more line, on the disk when this returns; `seq` is added. Inside `locked`. Raises StorageError."""
        if self._descriptor is None:
            raise RuntimeError("the journal is not locked")
        written = lines.write({**facts, "seq": self.count}, prev=self.head, sign=sign)
        if not self.count:
            _name_on_disk(self.path, self._disk)
        disk.append(self._descriptor, written, size=self._size, disk=self._disk)
        return self._take(written)

    def _catch_up(self, descriptor: int) -> None:
        if os.fstat(descriptor).st_size < self._size:
            raise BrokenError
        found, rest = lines.whole(_from(descriptor, self._size))
        for written in found:
            self._take(written)
        if rest:
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
    content, _rest = lines.whole(path.read_bytes())  # behind them one is perhaps being written
    return parsed(content)


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


def newest(path: Path) -> tuple[int, bytes]:
    """How many lines it has, and the last of them; of a long journal the end alone is read.

    Nobody writes meanwhile: a line that is there will stay. Raises BrokenError, StorageError, FileNotFoundError.
    """
    with path.open("rb") as file:
        _lock(file.fileno(), fcntl.LOCK_SH, Journal.patience)
        size, reach = os.fstat(file.fileno()).st_size, _REACH
        while True:
            file.seek(max(0, size - reach))
            found, _rest = lines.whole(file.read())
            if size <= reach or len(found) > 1:  # the first of them may be the end of one
                break
            reach *= 2
    if not found:
        return 0, b""
    sequence = lines.read(found[-1]).facts.get("seq")
    if not isinstance(sequence, int):
        raise BrokenError
    return sequence + 1, found[-1]


def _lock(descriptor: int, how: int, patience: float) -> None:
    """Raises StorageError if somebody holds it for longer than this (seconds)."""
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise StorageError from None
            time.sleep(_BLINK)
        else:
            return


def _name_on_disk(path: Path, machine: Disk) -> None:
    try:
        disk.sync_folder(path.parent, machine)
    except OSError as error:
        raise StorageError from error


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
