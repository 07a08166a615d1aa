"""Stamps beside a journal, each of one line, which holds all before it. Asked for aside, never while a chunk waits."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alerts.evidence import authority, disk, lines
from alerts.evidence.authority import Authority
from alerts.evidence.disk import Disk
from alerts.evidence.errors import StampError
from alerts.evidence.journal import newest

STAMPS = "stamps"
_NAME = re.compile(r"(?P<count>\d{6,})-(?P<authority>[a-z0-9]+)\.tsr")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A stamp on the disk: of the last of the first `count` lines, by whom."""

    path: Path
    count: int
    authority: str


def kept(journal: Path) -> Sequence[Kept]:
    """Those of a journal, the oldest first."""
    found = (_NAME.fullmatch(path.name) for path in sorted((journal.parent / STAMPS).glob("*.tsr")))
    return [
        Kept(path=journal.parent / STAMPS / one.string, count=int(one["count"]), authority=one["authority"])
        for one in found
        if one
    ]


def lacking(journal: Path, authorities: Sequence[Authority]) -> Sequence[Authority]:
    """Authorities that have not stamped it as it stands."""
    count, _line = newest(journal)
    done = {one.authority for one in kept(journal) if one.count == count}
    return [one for one in authorities if one.name not in done] if count else []


def take(journal: Path, by: Authority, *, now: datetime, machine: Disk | None = None) -> int:
    """Have it stamped as it stands. Returns how many lines that covers. Raises StampError, StorageError."""
    count, line = newest(journal)
    if not count:
        raise StampError
    stamp = authority.ask(by, line, now=now)
    (journal.parent / STAMPS).mkdir(mode=0o700, exist_ok=True)
    disk.put(journal.parent / STAMPS / f"{count:06}-{by.name}.tsr", stamp.content, machine or Disk())
    return count


def verified(journal: Path, authorities: Mapping[str, Authority]) -> Sequence[tuple[Kept, datetime]]:
    """Every stamp with its time. Raises StampError at the first that does not cover what it says."""
    content, _rest = lines.whole(journal.read_bytes())
    found = []
    for one in kept(journal):
        by = authorities.get(one.authority)
        if by is None or one.count > len(content):
            raise StampError
        stamp = authority.verify(by, one.path.read_bytes(), content[one.count - 1])
        found.append((one, stamp.at))
    return found


def name_of(url: str) -> str:
    """A short name for an authority, the same for the same address."""
    return lines.digest(url.encode())[:8]
