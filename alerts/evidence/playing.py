"""One segment as a file that is never on a disk: its size is known, and any part of it is opened when it is asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyrage import x25519

from alerts.evidence import reading
from alerts.evidence.lines import Line


@dataclass(frozen=True, kw_only=True)
class Playing:
    """The chunks of a segment, in order, and the key that opens them."""

    folder: Path
    chunks: Sequence[Line]
    identity: x25519.Identity

    @property
    def size(self) -> int:
        """Bytes of sound."""
        return sum(int(line.facts["len"]) for line in self.chunks)

    def part(self, first: int, end: int) -> Iterator[bytes]:
        """The bytes from `first` up to, not including, `end`, chunk by chunk. Raises BrokenError."""
        begins = 0
        for line in self.chunks:
            ends = begins + int(line.facts["len"])
            if begins < end and ends > first:
                [clear] = reading.sound(self.folder, [line], self.identity)
                yield clear[max(first - begins, 0) : end - begins]
            begins = ends
