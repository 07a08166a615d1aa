"""What an expert takes away: the recording, its public keys, its stamps, the log around it, and how to verify it.

With the recording's key the sound is in it too; without, only what proves that it exists unchanged.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pyrage import x25519

from alerts.evidence import journal, keys, reading
from alerts.evidence.authority import Authority, pem
from alerts.evidence.errors import BrokenError
from alerts.evidence.lines import Line
from alerts.evidence.recording import CHUNKS, KEY, MANIFEST, name_of
from alerts.evidence.stamps import STAMPS

_ENDINGS = {"audio/webm": "webm", "video/webm": "webm", "audio/mp4": "mp4", "audio/ogg": "ogg"}
_WORDS = ("LISEZMOI.txt", "README.txt", "transcription.txt", "verify.sh")

Piece = tuple[str, Iterator[bytes]]


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where everything of one bundle lies. `identity` opens the sound, and goes with it; None leaves it sealed."""

    folder: Path
    log: Path
    authorities: Sequence[Authority]
    identity: x25519.Identity | None


def pieces(sources: Sources) -> Iterator[Piece]:
    """Each file of the bundle, name and bytes, read when it is asked for, in this order. Raises BrokenError."""
    sums: dict[str, str] = {}
    for name, content in _pieces(sources):
        yield name, _summed(name, content, sums)
    yield "SHA256SUMS", iter([f"{sums[name]}  {name}\n".encode() for name in sorted(sums)])


def _summed(name: str, content: Iterator[bytes], sums: dict[str, str]) -> Iterator[bytes]:
    found = hashlib.sha256()
    for piece in content:
        found.update(piece)
        yield piece
    sums[name] = found.hexdigest()


def _pieces(sources: Sources) -> Iterator[Piece]:
    """The log is read before the manifest, and of both what stands in them now: a recording may go on meanwhile."""
    logged, written = _whole(sources.log), _whole(sources.folder / MANIFEST)
    found = journal.parsed(written)
    if not found:
        raise BrokenError
    for name in _WORDS:
        yield name, iter([files(__package__).joinpath("expert", name).read_bytes()])
    yield "signing.pem", iter([keys.public_pem(_signing(found[0]))])
    yield "manifest", iter(written)
    yield "key.age", _read(sources.folder / KEY)
    for line in found:
        if line.kind == "chunk":
            name = name_of(line.facts["seq"])
            yield f"chunks/{name}", _read(sources.folder / CHUNKS / name)
    yield from _stamps("stamps", sources.folder / STAMPS, until=len(written))
    for authority in sources.authorities:
        yield f"authorities/{authority.name}.pem", iter([pem(authority)])
    yield from _log(logged, sources.log, str(found[0].facts["recording"]))
    if sources.identity is not None:
        yield from _sound(sources, found, sources.identity)


def _sound(sources: Sources, found: Sequence[Line], identity: x25519.Identity) -> Iterator[Piece]:
    yield "recording.key", iter([f"{identity}\n".encode()])
    ending = ending_of(str(found[0].facts["media_type"]))
    for segment in reading.segments(found):
        yield f"sound/{segment.number:06}.{ending}", reading.sound(sources.folder, segment.chunks, identity)


def ending_of(media_type: str) -> str:
    """How a file of this type is named."""
    return _ENDINGS.get(media_type.partition(";")[0].strip().lower(), "bin")


def _log(content: Sequence[bytes], path: Path, recording: str) -> Iterator[Piece]:
    """From the line that opened this recording on: who holds a head that was lodged since compares it."""
    opened = re.compile(rb'^1\t\{.*"recording":"%b".*"type":"opening"' % recording.encode())
    first = next((at for at, line in enumerate(content) if opened.match(line)), None)
    if first is not None:
        yield "log/log", iter(content[first:])
        yield from _stamps("log/stamps", path.parent / STAMPS, after=first, until=len(content))


def _stamps(inside: str, folder: Path, *, after: int = 0, until: int) -> Iterator[Piece]:
    """Those of the lines that are in the bundle."""
    for path in sorted(folder.glob("*.tsr")):
        if after < int(path.name.partition("-")[0]) <= until:
            yield f"{inside}/{path.name}", _read(path)


def _whole(path: Path) -> Sequence[bytes]:
    """The lines of a journal that are wholly there."""
    *ended, _rest = (path.read_bytes() if path.exists() else b"").split(b"\n")
    return [line + b"\n" for line in ended]


def _read(path: Path) -> Iterator[bytes]:
    try:
        yield path.read_bytes()
    except OSError as error:
        raise BrokenError from error


def _signing(opening: Line) -> bytes:
    return base64.b64decode(opening.facts["signing_key"])
