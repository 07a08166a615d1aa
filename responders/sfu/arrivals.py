"""Which packets of one stream came, which are missing, and what our report says of it (RFC 3550, appendix A)."""

from dataclasses import dataclass

WIDTH = 1 << 16
_FARTHEST_AHEAD = 1_000
_TRIES = 8
_PATIENCE = 1.0
_SOONEST_AGAIN = 0.04
_MOST_ASKED = 200
_RISE = 0.5
"""Ticks a packet: clocks drift."""
_FADES = 0.5


def extend(number: int, near: int, width: int = WIDTH) -> int:
    """The whole number that ends in these bits and lies nearest to another one."""
    half = width >> 1
    return near + ((number - near + half) % width) - half


@dataclass(slots=True)
class _Missing:
    since: float
    tries: int = 0
    again: float = 0.0


class Arrivals:
    """One stream's numbers. Each is let through once at most: no number is ever encrypted twice with other bytes."""

    def __init__(self, clock: int) -> None:
        self.highest = -1
        self.restarts = 0
        self._clock = clock
        self._first = -1
        self._received = 0
        self._missing: dict[int, _Missing] = {}
        self._transit = self._least_transit = 0.0
        self._jitter = 0.0
        self._late = self._late_at = 0.0
        self._expected_before = self._received_before = 0

    def take(self, sequence: int, *, timestamp: int, now: float) -> int | None:
        """The whole number of this packet, or None for one that came before or comes too late.

        A leap farther than anybody could still repair begins the stream anew: `restarts` grows.
        """
        if self.highest < 0:
            return self._begin(WIDTH + sequence, timestamp, now)
        number = extend(sequence, self.highest)
        ahead = number - self.highest
        if ahead > _FARTHEST_AHEAD:
            self.restarts += 1
            return self._begin(number, timestamp, now)
        if ahead <= 0:
            return self._found(number)
        if ahead > 1:
            self._missing.update((lost, _Missing(now)) for lost in range(self.highest + 1, number))
        self.highest = number
        self._received += 1
        self._feel(timestamp, now)
        return number

    def take_repeated(self, sequence: int) -> int | None:
        """The whole number of a retransmitted packet that was missing, else None."""
        return None if self.highest < 0 else self._found(extend(sequence, self.highest))

    def wanted(self, now: float, round_trip: float) -> list[int]:
        """The numbers to ask for now: at once, then again after each round trip (seconds), eight times at most."""
        ask: list[int] = []
        for number, missing in self._missing.items():
            if now >= missing.again and missing.tries < _TRIES and len(ask) < _MOST_ASKED:
                missing.tries += 1
                missing.again = now + max(_SOONEST_AGAIN, round_trip)
                ask.append(number % WIDTH)
        return ask

    def forget(self, now: float) -> None:
        """Give up what has been missing for a second. The oldest stand first."""
        while self._missing:
            number = next(iter(self._missing))
            if now - self._missing[number].since <= _PATIENCE:
                return
            del self._missing[number]

    def report(self) -> tuple[int, int, int, int]:
        """Fraction lost of 256, packets lost, highest number with its cycles, jitter in ticks."""
        expected = self.highest - self._first + 1
        between = expected - self._expected_before
        missed = between - (self._received - self._received_before)
        self._expected_before, self._received_before = expected, self._received
        fraction = min(255, (missed << 8) // between) if missed > 0 and between > 0 else 0
        lost = max(-0x800000, min(0x7FFFFF, expected - self._received))
        return fraction, lost, (self.highest - WIDTH) & 0xFFFFFFFF, int(self._jitter)

    def _begin(self, number: int, timestamp: int, now: float) -> int:
        self.highest = self._first = number
        self._missing.clear()
        self._received, self._expected_before, self._received_before = 1, 0, 0
        self._transit = self._least_transit = now * self._clock - timestamp
        return number

    def _found(self, number: int) -> int | None:
        if self._missing.pop(number, None) is None:
            return None
        self._received += 1
        return number

    def _feel(self, timestamp: int, now: float) -> None:
        transit = now * self._clock - timestamp
        difference = abs(transit - self._transit)
        self._transit = transit
        if difference >= self._clock:  # a wrapped or restarted clock is no jitter
            self._least_transit = transit
            return
        self._jitter += (difference - self._jitter) / 16
        self._least_transit = min(transit, self._least_transit + _RISE)
        self._late = max((transit - self._least_transit) / self._clock, self.late(now))
        self._late_at = now

    def late(self, now: float) -> float:
        """Seconds that a packet of late took longer than one at its best; an old one counts less and less."""
        return max(0.0, self._late - _FADES * (now - self._late_at))
