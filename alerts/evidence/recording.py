"""One recording: a folder with its key, its chunks, and a manifest. What is acknowledged is on the disk, sealed.

The order, for each chunk: encrypt, write, fsync, fsync the folder, append the signed line, fsync, and only then answer.
A machine that stops between two of these leaves at most a chunk that no line knows; it is written again.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyrage
from pyrage import x25519

from alerts.evidence import disk, lines
from alerts.evidence.disk import Disk
from alerts.evidence.errors import BrokenError, OtherChunkError, StorageError, TooLateError
from alerts.evidence.journal import Journal
from alerts.evidence.keys import Keys
from alerts.evidence.lines import Line

MANIFEST, KEY, CHUNKS = "manifest", "key.age", "chunks"
_EBML, _FTYP = b"\x1a\x45\xdf\xa3", b"ftyp"  # how a WebM (RFC 8794) and an MP4 (ISO/IEC 14496-12) begin
WAITS_FOR_MISSING = timedelta(hours=24)
ALGORITHMS = {
    "hash": "SHA-256",
    "signature": "Ed25519 (RFC 8032) over version, tab, JSON",
    "encryption": "age-encryption.org/v1, X25519",
}


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What the phone says of a recording that begins. `phone_at` is a claim; `readers` are age recipients."""

    recording: str
    phone_at: datetime
    media_type: str
    readers: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A second of sound. `number` counts from 0 over the whole recording, `segment` counts the files it makes."""

    number: int
    segment: int
    content: bytes
    phone_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a phone keeps of an acknowledged chunk: whoever cuts the chain later contradicts it."""

    sequence: int
    head: str
    new: bool


@dataclass(frozen=True, kw_only=True)
class Closing:
    """How a recording stands after its close."""

    chunks: int
    missing: Sequence[int]
    head: str
    lines: int


@dataclass(frozen=True, kw_only=True)
class _Kept:
    sequence: int
    head: str
    sha256: str


class Recording:
    """A folder, kept open in memory by whoever receives its chunks."""

    def __init__(self, folder: Path, keys: Keys, machine: Disk | None = None) -> None:
        self.folder = folder
        self._keys = keys
        self._disk = machine or Disk()
        self._journal = Journal(folder / MANIFEST, self._disk, self._hear)
        self._recipient: x25519.Recipient | None = None
        self._signing = b""
        self._kept: dict[int, _Kept] = {}
        self._closed_at: datetime | None = None
        self._bytes = 0

    def open(self, opening: Opening, *, now: datetime) -> bool:
        """Draw its key and write the first line. Returns False if that was done before. Raises EvidenceError."""
        try:
            (self.folder / CHUNKS).mkdir(mode=0o700, parents=True, exist_ok=True)
            for above in (self.folder.parent, self.folder.parent.parent):
                disk.sync_folder(above, self._disk)
        except OSError as error:
            raise StorageError from error
        with self._journal.locked():
            if self._journal.count:
                return False
            self._open(opening, now=now)
        return True

    def _open(self, opening: Opening, *, now: datetime) -> None:
        public, own = self._keys.public(), x25519.Identity.generate()
        readers = [*opening.readers, public.listening]
        sealed = pyrage.encrypt(str(own).encode(), [x25519.Recipient.from_str(reader) for reader in readers])
        disk.put(self.folder / KEY, sealed, self._disk)
        facts = {
            "type": "opening",
            "recording": opening.recording,
            "at": stamp(now),
            "phone_at": stamp(opening.phone_at),
            "media_type": opening.media_type,
            "algorithms": ALGORITHMS,
            "recipient": str(own.to_public()),
            "readers": readers,
            "key_sha256": lines.digest(sealed),
            "signing_key": base64.b64encode(public.signing).decode(),
        }
        self._journal.append(facts, lambda content: self._keys.sign(content, by=public.signing))

    def put(self, chunk: Chunk, *, now: datetime) -> Receipt:
        """Seal one chunk. The same again has the same receipt.

        Raises OtherChunkError, TooLateError, StorageError, KeyHolderError, BrokenError.
        """
        sha256 = lines.digest(chunk.content)
        with self._journal.locked():
            if (kept := self._kept.get(chunk.number)) is not None:
                if kept.sha256 != sha256:
                    raise OtherChunkError
                return Receipt(sequence=kept.sequence, head=kept.head, new=False)
            if self._closed_at is not None and now - self._closed_at > WAITS_FOR_MISSING:
                raise TooLateError
            line = self._append(chunk, sha256, now=now)
        return Receipt(sequence=line.facts["seq"], head=line.hash, new=True)

    def _append(self, chunk: Chunk, sha256: str, *, now: datetime) -> Line:
        if self._recipient is None:
            raise BrokenError
        sealed = pyrage.encrypt(chunk.content, [self._recipient])
        disk.put(self.folder / CHUNKS / name_of(self._journal.count), sealed, self._disk)
        facts = {
            "type": "chunk",
            "n": chunk.number,
            "segment": chunk.segment,
            "len": len(chunk.content),
            "sha256": sha256,
            "starts": chunk.content.startswith(_EBML) or chunk.content[4:8] == _FTYP,
            "sealed": lines.digest(sealed),
            "at": stamp(now),
            "phone_at": stamp(chunk.phone_at) if chunk.phone_at else None,
        }
        return self._journal.append(facts, self._sign)

    def close(self, chunks: int, *, reason: str, now: datetime) -> Closing:
        """Say that it is over: the phone made so many chunks. Missing ones are waited for. Raises EvidenceError."""
        with self._journal.locked():
            if self._closed_at is None and self._journal.count:
                facts = {"type": "close", "chunks": chunks, "reason": reason, "at": stamp(now)}
                self._journal.append(facts, self._sign)
            return self._standing(chunks)

    def size(self) -> int:
        """Bytes of sound in it, as they were sent; as far as this process has read."""
        return self._bytes

    def reached(self) -> int:
        """How many chunks there are at least, by the highest number. Raises BrokenError, StorageError."""
        with self._journal.locked():
            return max(self._kept, default=-1) + 1

    def standing(self, chunks: int = 0) -> Closing:
        """How it stands now; what is missing of the first `chunks`. Raises BrokenError, StorageError."""
        with self._journal.locked():
            return self._standing(chunks)

    def _standing(self, chunks: int) -> Closing:
        missing = [number for number in range(chunks) if number not in self._kept]
        return Closing(chunks=len(self._kept), missing=missing, head=self._journal.head, lines=self._journal.count)

    def _sign(self, content: bytes) -> bytes:
        return self._keys.sign(content, by=self._signing)

    def _hear(self, line: Line) -> None:
        facts = line.facts
        if line.kind == "opening":
            self._recipient = x25519.Recipient.from_str(facts["recipient"])
            self._signing = base64.b64decode(facts["signing_key"])
        elif line.kind == "chunk":
            self._bytes += facts["len"]
            self._kept[facts["n"]] = _Kept(sequence=facts["seq"], head=line.hash, sha256=facts["sha256"])
        elif line.kind == "close":
            self._closed_at = datetime.fromisoformat(facts["at"])


def name_of(sequence: int) -> str:
    """The file of the chunk in this line."""
    return f"{sequence:06}.age"


def stamp(moment: datetime) -> str:
    """UTC, to the millisecond. Raises ValueError for a moment without its zone."""
    if moment.utcoffset() is None:
        raise ValueError("a moment without a zone proves nothing")
    return moment.isoformat(timespec="milliseconds")
