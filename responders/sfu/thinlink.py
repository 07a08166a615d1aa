"""One viewer's link: the sound always, pictures only as far as they leave the sound alone.

Pictures pause when the link says that it is full: what its browser reports as lost, round trips that grow, an estimate
that falls. Then one comes back at a time, on trial. Loss that comes without a queue (bad radio, 5 %) pauses nothing:
fewer packets would not mend it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_HEAVY_LOSS = 0.08
_LOSS = 0.04
_LOSS_ON_TRIAL = 0.06
_QUEUE = 0.2
_QUEUE_ON_TRIAL = 0.12
_SOME_QUEUE = 0.06
_ESTIMATE = 0.6
_KEPT_OF_DELIVERED = 0.7
_WELL_BELOW, _WELL_ABOVE = 0.9, 1.3
_AFTER_A_CUT = 3.0
_BETWEEN_TRIALS = 3.0
_TRIAL = 4.0
_WAITS = (8.0, 17.0)
_ONE_MORE_WAIT = 30.0
_CEILING_HOLDS = 90.0
_LEARNS = 0.3


@dataclass(frozen=True, slots=True)
class Felt:
    """What a link showed since the last look; None where nothing was reported. Seconds, bits a second.

    `lost` is a share of packets, and no more than what few packets prove.
    """

    lost: float = 0.0
    queue: float = 0.0
    """How long everything surely waits on its way, since the last change (`changed_at`)."""
    estimate: int | None = None
    sent: float = 0.0


class ThinLink:
    """Decides how many pictures this link carries."""

    def __init__(self) -> None:
        self.on_trial = False
        self._calm_loss = 0.0
        self._estimate: int | None = None
        self._cut_at = float("-inf")
        self._tried_at = float("-inf")
        self._failed = 0
        self._ceiling: float | None = None
        """Bits a second that were too much, when it was last full."""

    @property
    def changed_at(self) -> float:
        """What went before that says little of how it is now."""
        return max(self._cut_at, self._tried_at)

    def is_late(self, queue: float) -> bool:
        """Whether so long a queue need not wait for the next look."""
        return queue > (_QUEUE_ON_TRIAL if self.on_trial else _QUEUE)

    def decide(self, felt: Felt, now: float, *, shown: Sequence[float], hidden: Sequence[float]) -> int:
        """How many pictures to show. Both lists hold bits a second, those most wanted first."""
        if self._is_full(felt, now) and shown:
            return self._cut(felt, now, shown)
        if self.on_trial and now - self._tried_at >= _TRIAL:
            self._pass(felt.sent)
        if hidden and felt.queue <= _SOME_QUEUE and self._may_try(now, felt.sent + hidden[0], shown=bool(shown)):
            self._tried_at, self.on_trial = now, True
            return len(shown) + 1
        return len(shown)

    def _pass(self, sent: float) -> None:
        """The trial went well: what was too much once is no measure any more, unless this was hardly less."""
        self.on_trial = False
        self._failed = 0
        if self._ceiling is not None:
            self._ceiling = None if sent > _WELL_ABOVE * self._ceiling else max(sent, self._ceiling)

    def _may_try(self, now: float, bits: float, *, shown: bool) -> bool:
        since = now - self._cut_at
        if self.on_trial or now - self._tried_at < _BETWEEN_TRIALS or since < _AFTER_A_CUT:
            return False
        if self._ceiling is None or since > _CEILING_HOLDS or bits < _WELL_BELOW * self._ceiling:
            return True
        wait = _ONE_MORE_WAIT if shown else _WAITS[min(self._failed, len(_WAITS) - 1)]
        return since >= wait

    def _is_full(self, felt: Felt, now: float) -> bool:
        """Within three seconds of a cut only what was sent after it counts."""
        queue = felt.queue
        narrowed = self._narrowed(felt) and (felt.lost > 0 or queue > _SOME_QUEUE)
        if now - self._cut_at < _AFTER_A_CUT:
            return felt.lost > _HEAVY_LOSS or queue > _QUEUE
        full = felt.lost > _HEAVY_LOSS or narrowed or queue > _QUEUE
        full = full or (felt.lost > _LOSS and queue > _SOME_QUEUE)
        if self.on_trial:
            full = full or felt.lost > self._calm_loss + _LOSS_ON_TRIAL or queue > _QUEUE_ON_TRIAL
        else:
            self._calm_loss += (min(felt.lost, _HEAVY_LOSS) - self._calm_loss) * _LEARNS
        return full

    def _narrowed(self, felt: Felt) -> bool:
        """Whether the browser lowered its estimate to far less than what is sent.

        A low estimate that grows says nothing: it begins low, and grows by 8 % a second whatever the link could carry.
        Nor is one believed alone: on a telephone that is busy packets come unevenly over the best of links.
        """
        before, self._estimate = self._estimate, felt.estimate or self._estimate
        return bool(felt.estimate and before and felt.estimate < before and felt.estimate < _ESTIMATE * felt.sent)

    def _cut(self, felt: Felt, now: float, shown: Sequence[float]) -> int:
        """Back to what was before the trial; else to what surely fits into what arrived."""
        delivered = felt.sent * (1 - felt.lost)
        too_much = max(felt.sent, sum(shown)) if self.on_trial else delivered
        self._ceiling = too_much if self._ceiling is None else min(too_much, self._ceiling)
        self._cut_at = now
        if self.on_trial:
            self.on_trial = False
            self._failed += 1
            return len(shown) - 1
        room = _KEPT_OF_DELIVERED * delivered - (felt.sent - sum(shown))
        kept = 0
        while kept < len(shown) - 1 and (room := room - shown[kept]) >= 0:
            kept += 1
        return kept
