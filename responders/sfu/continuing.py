"""One seat's numbers and times, unbroken from one person to the next."""

from responders.sfu.arrivals import WIDTH

_TIMES = 1 << 32


class Continuation:
    """Turns a sender's own numbers (whole, see `Arrivals`) and times into the seat's."""

    def __init__(self, *, clock: int, sequence: int, timestamp: int) -> None:
        self._clock = clock
        self._last_number = WIDTH + sequence % WIDTH
        self._last_timestamp = timestamp % _TIMES
        self._last_at: float | None = None
        self._shift = 0
        self._lowest = 0
        self.delay = 0
        """What is added to a sender's timestamp, also to that of its reports."""

    def begin(self, number: int, timestamp: int, now: float) -> None:
        """Somebody new sends from here on, or the same person after a break too long to repair.

        No hole is left: a viewer would wait for it to be filled.
        """
        self._lowest = number
        self._shift = self._last_number + 1 - number
        passed = 0.0 if self._last_at is None else min(3600.0, max(0.0, now - self._last_at))
        follows = self._last_timestamp + max(1, int(passed * self._clock))
        self.delay = (follows - timestamp) % _TIMES

    def place(self, number: int, timestamp: int, now: float) -> tuple[int, int] | None:
        """The seat's number and time of this packet; None for one from before the beginning."""
        if number < self._lowest:
            return None
        placed = number + self._shift
        time = (timestamp + self.delay) % _TIMES
        if placed > self._last_number:
            self._last_number, self._last_timestamp, self._last_at = placed, time, now
        return placed % WIDTH, time
