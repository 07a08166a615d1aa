"""How long everything waits on its way to one browser: the queue of a link that is full."""

from collections import deque

_ENOUGH = 4
_RISE = 0.0005
_SOME = 0.06


class Waiting:
    """Round trips, of which the least is the link at its best."""

    def __init__(self) -> None:
        self._trips: deque[tuple[float, float]] = deque(maxlen=_ENOUGH)
        self._least: float | None = None

    def hear(self, sent_at: float, now: float) -> None:
        """What went then was answered now."""
        trip = now - sent_at
        self._least = trip if self._least is None else min(trip, self._least + _RISE)
        self._trips.append((sent_at, trip))

    def seconds(self, since: float) -> float:
        """How much longer than at its best a trip takes: the least of the last four, all begun after `since`; else 0.

        A queue stands. A telephone, or a server, that was busy for a moment is late once, and not because of its link.
        """
        if self._least is None or len(self._trips) < _ENOUGH or min(at for at, _ in self._trips) < since:
            return 0.0
        return min(trip for _, trip in self._trips) - self._least

    @property
    def is_doubtful(self) -> bool:
        """Whether the last trip took longer: time to look more often."""
        return bool(self._least is not None and self._trips and self._trips[-1][1] - self._least > _SOME)
