"""What a browser needs in order to know how much it may send: when each of its packets arrived.

draft-holmer-rmcat-transport-wide-cc-extensions-01. Without it Chromium falls to 320x180 at 30 kbit/s.
"""

from collections.abc import Sequence
from struct import Struct

from responders.sfu.arrivals import WIDTH, extend

_HEAD = Struct("!HH")
_TICK = 0.00025
_BASE_TICKS = 256
_BASES = 1 << 24
_LARGEST_SMALL = 255
_FURTHEST = 32_767
_KEPT = 1_000
_MOST_KEPT = 3_000
_LONGEST_RUN = 8_191
_IN_VECTOR = 7
_ABSENT, _SMALL, _LARGE = 0, 1, 2


class Feedback:
    """Collects arrivals of one browser's packets and writes them down.

    A packet that comes after its gap was reported is reported late, with everything since: nothing turns lost again.
    """

    def __init__(self) -> None:
        self._arrived: dict[int, float] = {}
        self._highest = -1
        self._from: int | None = None
        self._count = 0

    def arrive(self, number: int, now: float) -> None:
        """The packet of this transport-wide number came at this time (seconds of any steady clock)."""
        whole = WIDTH + number if self._highest < 0 else extend(number, self._highest)
        if whole in self._arrived or whole <= self._highest - _KEPT:
            return
        self._arrived[whole] = now
        self._highest = max(self._highest, whole)
        self._from = whole if self._from is None else min(self._from, whole)

    def write(self) -> bytes | None:
        """The body of one feedback message on all that came since the last; None if nothing did."""
        if self._from is None or self._from > self._highest:
            return None
        first = max(self._from, self._highest - _KEPT + 1)
        arrivals = [self._arrived.get(number) for number in range(first, self._highest + 1)]
        self._from = self._highest + 1
        if len(self._arrived) > _MOST_KEPT:
            self._arrived = {number: at for number, at in self._arrived.items() if number > self._highest - _KEPT}
        reference = int(next(at for at in arrivals if at is not None) / (_TICK * _BASE_TICKS))
        return self._body(first, arrivals, reference)

    def _body(self, first: int, arrivals: Sequence[float | None], reference: int) -> bytes:
        statuses, deltas = [], b""
        ticks = reference * _BASE_TICKS
        for arrival in arrivals:
            delta = 0 if arrival is None else int(arrival / _TICK) - ticks
            if arrival is None or abs(delta) > _FURTHEST:
                statuses.append(_ABSENT)
                continue
            ticks += delta
            small = 0 <= delta <= _LARGEST_SMALL
            statuses.append(_SMALL if small else _LARGE)
            deltas += bytes((delta,)) if small else delta.to_bytes(2, "big", signed=True)
        self._count += 1
        head = _HEAD.pack(first % WIDTH, len(statuses))
        head += (reference % _BASES).to_bytes(3, "big") + bytes((self._count - 1 & 0xFF,))
        return head + _chunks(statuses) + deltas


def _chunks(statuses: Sequence[int]) -> bytes:
    """Runs of seven and more as one chunk, anything else seven by seven."""
    written, at = b"", 0
    while at < len(statuses):
        run = 1
        while at + run < len(statuses) and run < _LONGEST_RUN and statuses[at + run] == statuses[at]:
            run += 1
        if run >= _IN_VECTOR or at + run == len(statuses):
            written += (statuses[at] << 13 | run).to_bytes(2, "big")
            at += run
        else:
            chunk = 0b11 << 14
            for place, status in enumerate(statuses[at : at + _IN_VECTOR]):
                chunk |= status << 12 - 2 * place
            written += chunk.to_bytes(2, "big")
            at += _IN_VECTOR
    return written
