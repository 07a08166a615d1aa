"""Opening what was sealed: only with the recording's key, which the holder of the listening identity hands out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyrage
from pyrage import x25519

from alerts.evidence import journal, lines
from alerts.evidence.errors import BrokenError
from alerts.evidence.keys import Keys
from alerts.evidence.lines import Line
from alerts.evidence.recording import CHUNKS, KEY, MANIFEST, name_of


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Chunks that make one file, in the order in which they were recorded."""

    number: int
    chunks: Sequence[Line]

    @property
    def plays(self) -> bool:
        """Whether its beginning came: without it nothing of the segment can be heard."""
        return bool(self.chunks[0].facts["starts"])


def manifest(folder: Path) -> Sequence[Line]:
    """Every line. Raises BrokenError."""
    return journal.read(folder / MANIFEST)


def segments(found: Sequence[Line]) -> Sequence[Segment]:
    """The files that the browser made."""
    chunks = sorted((line for line in found if line.kind == "chunk"), key=lambda line: int(line.facts["n"]))
    numbers = sorted({int(line.facts["segment"]) for line in chunks})
    return [
        Segment(number=number, chunks=[line for line in chunks if line.facts["segment"] == number])
        for number in numbers
    ]


def gaps(found: Sequence[Line]) -> Sequence[tuple[int, int]]:
    """What did not come: first and last number of each run, as far as anybody knows how many there were."""
    had = {int(line.facts["n"]) for line in found if line.kind == "chunk"}
    told = [int(line.facts["chunks"]) for line in found if line.kind == "close"]
    runs: list[tuple[int, int]] = []
    for number in range(max([*told, *(n + 1 for n in had)], default=0)):
        if number in had:
            continue
        if runs and runs[-1][1] == number - 1:
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    return runs


def key(folder: Path, keys: Keys) -> x25519.Identity:
    """The recording's own key. Raises KeyHolderError, BrokenError."""
    try:
        return x25519.Identity.from_str(keys.open((folder / KEY).read_bytes()).decode())
    except (OSError, ValueError, pyrage.IdentityError) as error:
        raise BrokenError from error


def sound(folder: Path, chunks: Sequence[Line], identity: x25519.Identity) -> Iterator[bytes]:
    """What the browser sent, bit for bit, chunk by chunk. Raises BrokenError at the first that is not."""
    for line in chunks:
        try:
            clear = pyrage.decrypt((folder / CHUNKS / name_of(line.facts["seq"])).read_bytes(), [identity])
        except (OSError, pyrage.DecryptError) as error:
            raise BrokenError from error
        if lines.digest(clear) != line.facts["sha256"]:
            raise BrokenError
        yield clear


def skew(line: Line) -> float | None:
    """Seconds by which the phone's clock was ahead of the server's, the way included; None where it said nothing."""
    if line.facts["phone_at"] is None:
        return None
    at, phone_at = (datetime.fromisoformat(line.facts[name]) for name in ("at", "phone_at"))
    return (phone_at - at).total_seconds()
