"""What the network took: on disk before the network says so, so that a killed client can be compared with it."""

import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

PREFIXES = {"Messages": "SM", "Calls": "CA"}


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One text or call that the network took; `at` is when its request arrived (UTC)."""

    sid: str
    kind: str
    form: Mapping[str, str]
    at: datetime

    @property
    def to(self) -> str:
        """The number of the telephone."""
        return self.form["To"]


class _Disk:
    """Lines that are on disk when `write` returns; lines that come together share one fsync."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
        os.ftruncate(self._file, path.read_bytes().rfind(b"\n") + 1)  # a line that a kill cut in two
        self._queue = threading.Lock()
        self._turn = threading.Lock()
        self._waiting: list[bytes] = []
        self._queued = self._synced = 0

    def write(self, line: bytes) -> None:
        with self._queue:
            self._waiting.append(line)
            self._queued += 1
            mine = self._queued
        with self._turn:
            if self._synced >= mine:
                return
            with self._queue:
                lines, self._waiting = self._waiting, []
                newest = self._queued
            os.write(self._file, b"".join(lines))
            os.fsync(self._file)
            self._synced = newest

    def close(self) -> None:
        os.close(self._file)


class Ledger:
    """Every text and call, by number and by SID. With a file it survives its own end."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._all: list[Taken] = []
        self._by_number: dict[str, list[Taken]] = defaultdict(list)
        self._by_sid: dict[str, Taken] = {}
        self._disk: _Disk | None = None
        if path is not None:
            for taken in read(path):
                self._remember(taken)
            self._disk = _Disk(path)

    def take(self, kind: str, form: Mapping[str, str], *, at: datetime) -> Taken:
        """Remember one more; once this returns it survives a kill and a power cut."""
        taken = Taken(sid=PREFIXES[kind] + uuid4().hex, kind=kind, form=dict(form), at=at)
        if self._disk is not None:
            self._disk.write(_line(taken))
        with self._lock:
            self._remember(taken)
        return taken

    def all(self) -> list[Taken]:
        """In the order of their coming."""
        with self._lock:
            return list(self._all)

    def to(self, number: str) -> list[Taken]:
        """What this telephone got."""
        with self._lock:
            return list(self._by_number.get(number, ()))

    def named(self, sid: str) -> Taken | None:
        """The one of this name."""
        with self._lock:
            return self._by_sid.get(sid)

    def age(self, by: timedelta) -> None:
        """Everything came so much earlier; what is on disk stays as it is."""
        with self._lock:
            older = [replace(taken, at=taken.at - by) for taken in self._all]
            self._all.clear()
            self._by_number.clear()
            for taken in older:
                self._remember(taken)

    def clear(self) -> None:
        """Forget everything; what is on disk stays there."""
        with self._lock:
            self._all.clear()
            self._by_number.clear()
            self._by_sid.clear()

    def close(self) -> None:
        """Let go of the file."""
        if self._disk is not None:
            self._disk.close()
            self._disk = None

    def _remember(self, taken: Taken) -> None:
        self._all.append(taken)
        self._by_number[taken.to].append(taken)
        self._by_sid[taken.sid] = taken


def read(path: Path) -> Iterator[Taken]:
    """What a ledger on disk holds; a last line that a kill cut in two was never answered, and is left out."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield _taken(json.loads(line))


def _line(taken: Taken) -> bytes:
    written = {"sid": taken.sid, "kind": taken.kind, "at": taken.at.isoformat(), "form": taken.form}
    return json.dumps(written).encode() + b"\n"


def _taken(written: Mapping[str, Any]) -> Taken:
    at = datetime.fromisoformat(written["at"]).astimezone(UTC)
    return Taken(sid=written["sid"], kind=written["kind"], form=written["form"], at=at)
