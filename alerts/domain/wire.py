"""What one worker has on the wire, noted where a kill -9 cannot erase it.

Between the lease and the record only the worker itself knows which of its messages have left and what the network said.
It notes both in a file: one system call each, no sync, for what a process wrote survives the process. A power cut is
another matter, so the file names the boot during which it was written and is believed during that boot alone.

So after a kill only the requests that were under way at that very moment are in doubt. The others are due again, or
known to be taken, without a question to the network. With mail, which cannot be asked about, that is what keeps a
second copy rare, and a loss rarer still: it takes two kills, each between the final dot and the server's answer.
"""

import logging
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from alerts.providers.base import Receipt

_LINE = 192  # bytes of one note: an id, the provider's name and its name of the message
_LINES = 1024  # many more than threads send and outcomes wait to be written
_BOOT = Path("/proc/sys/kernel/random/boot_id")

log = logging.getLogger(__name__)


class Wire:
    """The notes of one worker, in a file with room for all of them from the beginning: a full disk stops none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._free = list(range(_LINES, 0, -1))
        self._places: dict[UUID, _Place] = {}
        self._file = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600)
        for line in range(_LINES + 1):
            self._note(line, "" if line else boot())

    def begin(self, delivery: UUID) -> None:
        """Call it right before the first byte leaves."""
        with self._lock:
            place = self._places.get(delivery)
            if place is None:
                if not self._free:
                    self._distrust()
                    return
                place = self._places[delivery] = _Place(line=self._free.pop())
            place.users += 1
            self._note(place.line, str(delivery))

    def taken(self, delivery: UUID, receipt: Receipt) -> None:
        """The network took it."""
        with self._lock:
            if place := self._places.get(delivery):
                self._note(place.line, f"{delivery} {receipt.provider} {receipt.provider_id}")

    def forget(self, delivery: UUID) -> None:
        """It was certainly not taken, or what became of it stands in its row."""
        with self._lock:
            place = self._places.get(delivery)
            if place is None:
                return
            place.users -= 1
            if place.users:  # another attempt at the same one still hangs
                return
            del self._places[delivery]
            self._note(place.line, "")
            self._free.append(place.line)

    def close(self) -> None:
        """A goodbye: everything was recorded."""
        os.close(self._file)
        self._path.unlink(missing_ok=True)

    def _note(self, line: int, text: str) -> None:
        try:
            os.pwrite(self._file, text.encode()[: _LINE - 1].ljust(_LINE - 1) + b"\n", line * _LINE)
        except OSError:
            log.exception("The notes of what is on the wire cannot be written.")
            self._distrust()

    def _distrust(self) -> None:
        """Rather no notes, and everything in doubt after a kill, than one that something was never begun."""
        self._path.unlink(missing_ok=True)
        log.error("The notes of what is on the wire are given up until this worker starts again.")


@dataclass
class _Place:
    line: int
    users: int = 0


def boot() -> str:
    """Which boot of this machine we live in; empty where the kernel does not say."""
    return _BOOT.read_text(encoding="ascii").strip() if _BOOT.exists() else ""


def read(path: Path) -> Mapping[UUID, Receipt | None] | None:
    """What a dead worker had begun, with what the network said of it. None: nothing is known of that worker."""
    try:
        first, *lines = path.read_text(encoding="utf-8").split("\n")
        if not boot() or first.strip() != boot():
            return None
        return dict(_read(line.split()) for line in lines if line.strip())
    except (OSError, ValueError):  # not there, or not what this version writes
        return None


def _read(words: list[str]) -> tuple[UUID, Receipt | None]:
    """An id, and the two words of a receipt if there is one."""
    delivery, *named = words
    if not named:
        return UUID(delivery), None
    provider, provider_id = named
    return UUID(delivery), Receipt(provider=provider, provider_id=provider_id)
