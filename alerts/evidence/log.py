"""The log of the whole service: what was opened, how far it had come each minute, who listened, took away, erased.

It only grows, is stamped, and its head is lodged with people outside: an administrator who rewrites a recording with
every key at hand contradicts it.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alerts.evidence import disk
from alerts.evidence.disk import Disk
from alerts.evidence.errors import StorageError
from alerts.evidence.journal import Journal
from alerts.evidence.keys import Keys
from alerts.evidence.lines import Line
from alerts.evidence.recording import stamp

LOG = "log"
_HEADS_IN_A_LINE = 100  # twelve kilobytes: a holder of keys signs no more than 48


@dataclass(frozen=True, kw_only=True)
class Head:
    """Where the log stands: what is lodged."""

    sequence: int
    hash: str


class Log:
    """One for the service, in the folder of all recordings."""

    def __init__(self, root: Path, keys: Keys, machine: Disk | None = None) -> None:
        self.path = root / LOG / LOG
        self._keys = keys
        self._disk = machine or Disk()
        self._journal = Journal(self.path, self._disk, self._hear)
        self._noted: dict[str, tuple[int, str]] = {}
        self._about: dict[str, list[Line]] = {}

    def add(self, kind: str, recording: str, *, now: datetime, **facts: str | int) -> Head:
        """One line about one recording. `facts` give accounts as numbers, nobody by name. Raises EvidenceError."""
        return self._add({"type": kind, "recording": recording, "at": stamp(now), **facts})

    def about(self, recording: str) -> Sequence[Line]:
        """Every line about one recording but those of how far it had come. Raises EvidenceError."""
        self._prepare()
        with self._journal.locked():
            return tuple(self._about.get(recording, ()))

    def note(self, heads: Mapping[str, tuple[int, str]], *, now: datetime) -> Head | None:
        """How far recordings have come, by id: lines and head; what did not move is left out. Raises EvidenceError."""
        self._prepare()
        head = None
        with self._journal.locked():  # what other workers noted was heard by now
            moved = [(name, list(one)) for name, one in heads.items() if self._noted.get(name) != one]
            for first in range(0, len(moved), _HEADS_IN_A_LINE):
                some = dict(moved[first : first + _HEADS_IN_A_LINE])
                head = self._append({"type": "heads", "of": some, "at": stamp(now)})
        return head

    def _add(self, facts: Mapping[str, object]) -> Head:
        self._prepare()
        with self._journal.locked():
            return self._append(facts)

    def _append(self, facts: Mapping[str, object]) -> Head:
        public = self._keys.public().signing
        named = {**facts, "signing_key": base64.b64encode(public).decode()}
        line = self._journal.append(named, lambda content: self._keys.sign(content, by=public))
        return Head(sequence=int(line.facts["seq"]), hash=line.hash)

    def head(self) -> Head | None:
        """The last line, or None where there is none yet. Raises EvidenceError."""
        self._prepare()
        with self._journal.locked():
            count, head = self._journal.count, self._journal.head
        return Head(sequence=count - 1, hash=head) if count else None

    def _prepare(self) -> None:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            disk.sync_folder(self.path.parent.parent, self._disk)
        except OSError as error:
            raise StorageError from error

    def _hear(self, line: Line) -> None:
        if "recording" in line.facts:
            self._about.setdefault(str(line.facts["recording"]), []).append(line)
        if line.kind == "heads":
            self._noted |= {name: (int(one[0]), str(one[1])) for name, one in line.facts["of"].items()}
