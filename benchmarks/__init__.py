"""One file per claim of the README: `main()` measures it beside its peer or floor in the same run.

Figures of one machine mean little elsewhere: every row is a ratio inside one run.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

ENOUGH_RUNS = 5


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table."""

    claim: str
    measured: str
    """The figure with its unit, such as `31 us CPU per message`."""
    against: str
    """The peer or floor with its own figure, such as `websockets broadcast, 9.6 us`."""
    ratio: float | None
    """Measured divided by the floor; None where the claim is an absolute figure."""
    to_reach: str
    reached: bool


def median(figures: Sequence[float]) -> float:
    """The median of the runs of one measurement. Raises ValueError for fewer than five: machines are noisy."""
    if len(figures) < ENOUGH_RUNS:
        raise ValueError(f"{len(figures)} runs: at least {ENOUGH_RUNS} are needed")
    return statistics.median(figures)
