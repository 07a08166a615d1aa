"""What is wrong with a recording, or with the log, as it lies on the disk: words for an operator. Nothing is changed.

An expert does the same with a bundle and without us (`expert/verify.sh`). Here the log is at hand as a whole.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pyrage import x25519

from alerts.evidence import authority, journal, keys, lines, reading, stamps
from alerts.evidence.authority import Authority
from alerts.evidence.errors import BrokenError, StampError
from alerts.evidence.lines import Line
from alerts.evidence.recording import CHUNKS, KEY, MANIFEST, name_of
from alerts.evidence.stamps import Kept

Authorities = Mapping[str, Authority]
Heads = Mapping[str, Sequence[tuple[int, str]]]


def recording(folder: Path, authorities: Authorities, heads: Sequence[tuple[int, str]] = ()) -> Iterator[str]:
    """Its findings; none if it is in order. `heads` are what the log saw of it: how many lines, and the hash."""
    there = sorted(path.name for path in (folder / CHUNKS).glob("*"))  # before the manifest: both may still grow
    try:
        found = journal.read(folder / MANIFEST)
    except (OSError, BrokenError):
        yield "the manifest is missing, or its chain is broken"
        return
    if not found or found[0].kind != "opening":
        yield "the manifest does not begin with its opening"
        return
    yield from _signatures(found, base64.b64decode(found[0].facts["signing_key"]))
    yield from _files(folder, found)
    known = {name_of(number) for number in range(len(found) + 1)}
    yield from (f"chunk {name} stands in no line" for name in there if name not in known)
    yield from _stamps(folder / MANIFEST, authorities)
    for count, head in heads:
        if not 0 < count <= len(found) or found[count - 1].hash != head:
            yield f"the log saw another manifest: its line {count - 1} was {head}"


def log(path: Path, authorities: Authorities) -> Iterator[str]:
    """Findings about the log itself."""
    try:
        found = journal.read(path)
    except (OSError, BrokenError):
        yield "the log is missing, or its chain is broken"
        return
    for line in found:
        yield from _signatures([line], base64.b64decode(line.facts["signing_key"]))
    yield from _stamps(path, authorities)


def heads(path: Path) -> Heads:
    """How far each recording had come, as the log saw it. Raises BrokenError, OSError."""
    seen: dict[str, list[tuple[int, str]]] = {}
    for line in journal.read(path):
        if line.kind == "heads":
            for name, (count, head) in line.facts["of"].items():
                seen.setdefault(name, []).append((count, head))
        elif "lines" in line.facts and "head" in line.facts:
            seen.setdefault(line.facts["recording"], []).append((line.facts["lines"], line.facts["head"]))
    return seen


def sound(folder: Path, identity: x25519.Identity) -> Iterator[str]:
    """Seconds that cannot be opened with the recording's key, or hold another sound. Raises BrokenError, OSError."""
    for line in journal.read(folder / MANIFEST):
        if line.kind == "chunk":
            try:
                for _piece in reading.sound(folder, [line], identity):
                    pass
            except BrokenError:
                yield f"chunk {name_of(line.facts['seq'])} cannot be opened, or holds another sound"


def _signatures(found: Sequence[Line], by: bytes) -> Iterator[str]:
    for line in found:
        if not keys.signed_by(by, line.signature, line.signed):
            yield f"line {line.facts['seq']}: the signature is wrong"


def _files(folder: Path, found: Sequence[Line]) -> Iterator[str]:
    """A machine that stopped may leave a file that no line names: its number is that of a line of another kind."""
    if _digest(folder / KEY) != found[0].facts["key_sha256"]:
        yield "key.age is missing, or is not the one of the opening"
    for line in found:
        if line.kind == "chunk" and _digest(folder / CHUNKS / name_of(line.facts["seq"])) != line.facts["sealed"]:
            yield f"chunk {name_of(line.facts['seq'])} is missing or was changed"


def _stamps(path: Path, authorities: Authorities) -> Iterator[str]:
    content, _rest = lines.whole(path.read_bytes())
    for one in stamps.kept(path):
        if one.count > len(content) or not _given(one, content[one.count - 1], authorities.get(one.authority)):
            yield f"the stamp {one.path.name} is not of its line, or of nobody who is known"


def _given(one: Kept, line: bytes, by: Authority | None) -> bool:
    try:
        return by is not None and bool(authority.verify(by, one.path.read_bytes(), line))
    except (OSError, StampError):
        return False


def _digest(path: Path) -> str:
    try:
        return lines.digest(path.read_bytes())
    except OSError:
        return ""
