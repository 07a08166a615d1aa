"""One viewer's link: the sound always, pictures only as far as they leave the sound alone.

Pictures pause when the link says that it is full: what its browser reports as lost, round trips that grow, or its own
estimate. Then one comes back at a time, on trial. Loss that comes without a queue (bad radio, 5 %) pauses nothing:
fewer packets would not mend it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_HEAVY_LOSS = 0.12
_LOSS = 0.04
_QUEUE = 0.2
_SOME_QUEUE = 0.06
_ESTIMATE = 0.6
_ROOM = 0.85
_BETWEEN_CUTS = 3.0
_FIRST_TRIAL = 4.0
_LAST_TRIAL = 15.0
_ON_TRIAL = 4.0
_PER_SECOND_TRIAL = 3.0
_RISE = 0.0005


@dataclass(frozen=True, slots=True)
class Felt:
    """One second of a link. Loss as a share of packets, None where no report came; times in seconds; bits a second."""

    sound_lost: float | None = None
    picture_lost: float | None = None
    round_trip: float | None = None
    estimate: int | None = None
    sent: float = 0.0


class ThinLink:
    """Decides, once a second, how many pictures this link carries."""

    def __init__(self) -> None:
        self._least_trip: float | None = None
        self._calm_loss = 0.0
        self._cut_at = float("-inf")
        self._tried_at = float("-inf")
        self._wait = _FIRST_TRIAL
        self._on_trial = False

    def decide(self, felt: Felt, now: float, *, shown: Sequence[float], hidden: int) -> int:
        """How many of the pictures to show. `shown` holds the bits a second of those that flow, most wanted first."""
        full = self._is_full(felt)
        if full and shown and now - self._cut_at >= (_ON_TRIAL / 4 if self._on_trial else _BETWEEN_CUTS):
            return self._cut(felt, now, shown)
        if self._on_trial and now - self._tried_at >= _ON_TRIAL:
            self._on_trial = False
            self._wait = _FIRST_TRIAL
        if not full and hidden and self._may_try(now):
            self._tried_at, self._on_trial = now, True
            return len(shown) + 1
        return len(shown)

    def _may_try(self, now: float) -> bool:
        return not self._on_trial and now - self._cut_at >= self._wait and now - self._tried_at >= _PER_SECOND_TRIAL

    def _is_full(self, felt: Felt) -> bool:
        queue = self._queue(felt.round_trip)
        lost = max(felt.sound_lost or 0.0, felt.picture_lost or 0.0)
        if not self._on_trial:
            self._calm_loss += (min(lost, _HEAVY_LOSS) - self._calm_loss) * 0.3
        narrow = felt.estimate is not None and felt.estimate < _ESTIMATE * felt.sent
        if queue > _QUEUE or lost > _HEAVY_LOSS or narrow:
            return True
        if self._on_trial and lost > self._calm_loss + _LOSS:
            return True
        return lost > _LOSS and queue > _SOME_QUEUE

    def _queue(self, round_trip: float | None) -> float:
        """How much longer than at its best a round trip takes now."""
        if round_trip is None:
            return 0.0
        least = round_trip if self._least_trip is None else min(round_trip, self._least_trip + _RISE)
        self._least_trip = least
        return round_trip - least

    def _cut(self, felt: Felt, now: float, shown: Sequence[float]) -> int:
        """Back to what was before the trial; or to what the estimate leaves room for, if there is one."""
        self._cut_at = now
        if self._on_trial:
            self._on_trial = False
            self._wait = min(_LAST_TRIAL, self._wait * 2)
            return len(shown) - 1
        room = _ROOM * felt.estimate - (felt.sent - sum(shown)) if felt.estimate is not None else 0.0
        kept = 0
        for bits in shown[: len(shown) - 1]:
            room -= bits
            if room < 0:
                break
            kept += 1
        return kept
