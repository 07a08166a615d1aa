"""Recordings as an operator sees them: what lies on the disk, whether it is in order, and a copy for an expert.

By number alone: nobody's name is here. Only who has the key gets the sound, and to take a copy is a line of the log.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from pyrage import x25519

from alerts.domain import vault
from alerts.evidence import bundle, checking, journal, reading, stamps
from alerts.evidence.bundle import Piece, Sources
from alerts.evidence.errors import BrokenError
from alerts.evidence.recording import MANIFEST

ERASED = "erased"  # the line that says that key and sound are destroyed


@dataclass(frozen=True, kw_only=True)
class Shelved:
    """One recording on the disk. `opened` and `closed` are the server's clock, as written."""

    uid: UUID
    opened: str
    closed: str
    seconds: int
    stamps: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Inspected:
    """What was found about a recording, or about the log, which has no `uid`."""

    uid: UUID | None
    findings: Sequence[str]


def shelved() -> Iterator[Shelved]:
    """What lies there, in the order of the folders; what cannot be read is shown with nothing."""
    for uid in on_disk():
        folder = vault.path_of(uid)
        try:
            found = reading.manifest(folder)
        except (OSError, BrokenError):
            found = []
        closed = [line for line in found if line.kind == "close"]
        yield Shelved(
            uid=uid,
            opened=str(found[0].facts["at"]) if found else "",
            closed=str(closed[0].facts["at"]) if closed else "",
            seconds=sum(line.kind == "chunk" for line in found),
            stamps=len(stamps.kept(folder / MANIFEST)),
            bytes=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
        )


def on_disk() -> Sequence[UUID]:
    """Every recording that has a folder."""
    found = sorted(settings.SHERIF.evidence.folder.glob("??/*"))
    return [uid for path in found if (uid := _uid(path.name)) and path == vault.path_of(uid)]


def inspect(uids: Sequence[UUID], *, with_sound: bool = False) -> Iterator[Inspected]:
    """The log first, then these recordings, or all that are there or should be. With sound, the key is needed."""
    known = {one.name: one for one in vault.every_authority()}
    path = vault.log().path
    if not path.exists() and not on_disk():
        return  # nobody ever recorded
    yield Inspected(uid=None, findings=[*checking.log(path, known)])
    try:
        heads, told = checking.heads(path), journal.read(path)
    except (OSError, BrokenError):
        heads, told = {}, []
    opened = {UUID(line.facts["recording"]) for line in told if line.kind == "opening"}
    erased = {UUID(line.facts["recording"]) for line in told if line.kind == ERASED}
    for uid in uids or sorted({*on_disk(), *opened} - erased):
        folder = vault.path_of(uid)
        findings = [*checking.recording(folder, known, heads.get(str(uid), ()))]
        if with_sound and not findings:
            findings += checking.sound(folder, reading.key(folder, vault.holder()))
        yield Inspected(uid=uid, findings=findings)


def copy(uid: UUID, identity: x25519.Identity | None, *, now: datetime) -> Iterator[Piece]:
    """The expert's bundle; `identity` is the recording's own key, or None: then the sound stays sealed.

    A line of the log says so before anything is handed out. Raises EvidenceError.
    """
    folder = vault.path_of(uid)
    if not (folder / MANIFEST).exists():
        raise BrokenError
    count, _line = journal.newest(folder / MANIFEST)
    vault.log().add("copied", str(uid), now=now, by="operator", sound=int(identity is not None), of=count)
    return bundle.pieces(
        Sources(folder=folder, log=vault.log().path, authorities=vault.every_authority(), identity=identity)
    )


def _uid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
