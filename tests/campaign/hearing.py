"""What came of telephones that recorded: folders are opened, nothing that the service says of itself is believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from pyrage import x25519

from alerts.evidence import checking, reading
from alerts.evidence.errors import EvidenceError
from alerts.evidence.keys import FileKeys
from alerts.evidence.lines import Line


class Recorder(Protocol):
    """A telephone that recorded: how long a chunk is (s), how many it made, and what it was answered."""

    uid: UUID
    pace: float
    made: int
    receipts: dict[int, tuple[int, str]]

    def content(self, number: int) -> bytes:
        """What it heard in this second."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Chunks: made, acknowledged, of those lost or altered, receipts contradicted; the most of one phone's in flight.

    `wrong` is what the operator's own check found; `seconds` is how much sound of a dying telephone was lost at most.
    """

    made: int
    acknowledged: int
    lost: int
    contradicted: int
    in_flight: int
    seconds: float
    wrong: Sequence[str]
    deaths: Mapping[str, int]

    @property
    def nothing_lost(self) -> bool:
        """Whether all that was acknowledged is there, as it was sent and as it was acknowledged."""
        return not (self.lost or self.contradicted or self.wrong) and self.acknowledged > 0

    @property
    def held(self) -> bool:
        """Whether the promise was kept; of a machine that keeps up with its telephones."""
        return self.nothing_lost and self.seconds <= 2

    def lines(self) -> Sequence[str]:
        """The table."""
        return [
            f"chunks made                      {self.made:>8}",
            f"acknowledged                     {self.acknowledged:>8}",
            f"acknowledged and lost or altered {self.lost:>8}   (0)",
            f"receipts that are contradicted   {self.contradicted:>8}   (0)",
            f"lost of a dying telephone        {self.seconds:>8.1f} s (2, {self.in_flight} chunks at most)",
            f"deaths                           {sum(self.deaths.values()):>8}   {dict(self.deaths)}",
            *self.wrong,
        ]


def judge(phones: Sequence[Recorder], deaths: Mapping[str, int], *, data_dir: Path) -> Heard:
    """Open every folder and compare."""
    held = FileKeys(data_dir / "keys")
    lost = contradicted = in_flight = 0
    wrong: list[str] = []
    root = data_dir / "recordings"
    heads = checking.heads(root / "log" / "log")
    for phone in phones:
        path = root / phone.uid.hex[:2] / str(phone.uid)
        wrong += [f"{phone.uid}: {one}" for one in checking.recording(path, {}, heads.get(str(phone.uid), ()))]
        found = {line.facts["n"]: line for line in reading.manifest(path) if line.kind == "chunk"}
        identity = reading.key(path, held)
        for number, (sequence, head) in phone.receipts.items():
            line = found.get(number)
            if line is None or _sound(path, line, identity) != phone.content(number):
                lost += 1
            elif (line.facts["seq"], line.hash) != (sequence, head):
                contradicted += 1
        in_flight = max(in_flight, phone.made - len(found))
    return Heard(
        made=sum(phone.made for phone in phones),
        acknowledged=sum(len(phone.receipts) for phone in phones),
        lost=lost,
        contradicted=contradicted,
        in_flight=in_flight,
        seconds=in_flight * phones[0].pace,
        wrong=[*wrong, *checking.log(root / "log" / "log", {})],
        deaths=deaths,
    )


def _sound(path: Path, line: Line, identity: x25519.Identity) -> bytes:
    try:
        return b"".join(reading.sound(path, [line], identity))
    except EvidenceError:
        return b""
