"""Naming where a position lies: microseconds for a commune, and memory for all of them.

Random points of France, each asked once, so that nothing is remembered from the one before.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alerts import places
from alerts.places.atlas import Atlas
from alerts.places.layout import DEGREE
from benchmarks import ENOUGH_RUNS, Row, median

POINTS = 4_000
MOST_MICROSECONDS = 100
MOST_MEGABYTES = 46
_PAGE = 4_096


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Microseconds of CPU for one look-up, and megabytes for the whole."""

    half: float
    slow: float
    megabytes: float


def memory() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE


def positions(atlas: Atlas, draw: random.Random, *, count: int) -> Sequence[tuple[float, float]]:
    """Random positions in the boxes of random communes: latitude, longitude."""
    found = []
    for _ in range(count):
        west, south, east, north = atlas.box(draw.randrange(len(atlas.codes)))
        found.append((draw.uniform(south, north) / DEGREE, draw.uniform(west, east) / DEGREE))
    return found


def microseconds(asked: Sequence[tuple[float, float]]) -> Sequence[float]:
    """How long each of these took, in CPU time of this thread, sorted."""
    taken = []
    for latitude, longitude in asked:
        began = time.thread_time_ns()
        places.find(latitude, longitude)
        taken.append((time.thread_time_ns() - began) / 1_000)
    return sorted(taken)


def figures(count: int = POINTS) -> Figures:
    """What this process measures. It must not have named a place before, or the file is in memory already."""
    before = memory()
    atlas = places.load()
    if atlas is None:
        raise SystemExit("The file of communes cannot be read.")
    draw = random.Random(17)  # noqa: S311 - the same points each time
    runs = [microseconds(positions(atlas, draw, count=count)) for _ in range(ENOUGH_RUNS)]
    return Figures(
        half=median([run[count // 2] for run in runs]),
        slow=median([run[count * 99 // 100] for run in runs]),
        megabytes=(memory() - before) / 1e6,
    )


def main() -> Sequence[Row]:
    """Two rows: the look-up and its memory."""
    found = figures()
    return [
        Row(
            claim="commune of a position",
            measured=f"{found.half:.0f} us p50, {found.slow:.0f} us p99",
            against="",
            ratio=None,
            to_reach=f"p50 <= {MOST_MICROSECONDS} us",
            reached=found.half <= MOST_MICROSECONDS,
        ),
        Row(
            claim="the same, memory for all communes",
            measured=f"{found.megabytes:.0f} MB",
            against="",
            ratio=None,
            to_reach=f"<= {MOST_MEGABYTES} MB",
            reached=found.megabytes <= MOST_MEGABYTES,
        ),
    ]
