"""So many writers at once and no more: SQLite has one pen, and a thousand threads that wait for it wear each other out.

A call that waited too long is answered 503 with Retry-After: it stored nothing, and the phone sends it again. A phone
that clicks without end is slowed down, but never at a click that would tell anybody anything.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import BoundedSemaphore, Lock

from django.db import connection

from alerts.api.errors import busy

_PENS = 8 if connection.vendor == "postgresql" else 1
_MANY_PHONES = 1_000


class FloodError(Exception):
    """A click too many, which would change nothing; `wait` until the next one is looked at."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait


class Gate:
    """Lets a bounded number of calls of this process pass at once."""

    def __init__(self, *, patience_seconds: float, width: int = _PENS) -> None:
        self._patience_seconds = patience_seconds
        self._places = BoundedSemaphore(width)

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Hold one place. Raises the 503 of the contract when none comes free in time."""
        if not self._places.acquire(timeout=self._patience_seconds):
            raise busy()
        try:
            yield
        finally:
            self._places.release()


@dataclass
class _Hand:
    """What one phone did lately. `left` clicks may still follow each other at once."""

    left: float
    at: float
    lock: Lock = field(default_factory=Lock)


class PhoneGate:
    """One click of each phone in work at a time, `burst` at once and then one each `every_seconds`.

    Whoever stands in the way of nothing but this is told to wait only if `spare()` says that the click would change
    nothing: a first click or a stronger gesture always passes. Counted in this process alone, which is enough.
    """

    def __init__(
        self,
        *,
        burst: int,
        every_seconds: float,
        patience_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst = burst
        self._every_seconds = every_seconds
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._hands: dict[int, _Hand] = {}
        self._lock = Lock()

    @contextmanager
    def passing(self, phone: int, *, spare: Callable[[], bool]) -> Iterator[None]:
        """Let one click in. Raises FloodError, or the 503 of the contract if the one before takes too long."""
        hand = self._hand(phone)
        if not hand.lock.acquire(blocking=False):
            if spare():
                raise FloodError(timedelta(seconds=self._every_seconds))
            if not hand.lock.acquire(timeout=self._patience_seconds):
                raise busy()
        try:
            wait = self._take(hand)
            if wait and spare():
                raise FloodError(wait)
            yield
        finally:
            hand.lock.release()

    def _hand(self, phone: int) -> _Hand:
        with self._lock:
            if phone not in self._hands and len(self._hands) >= _MANY_PHONES:
                rested = self._clock() - self._burst * self._every_seconds
                self._hands = {pk: hand for pk, hand in self._hands.items() if hand.lock.locked() or hand.at > rested}
            hand = self._hands.get(phone)
            if hand is None:
                hand = self._hands[phone] = _Hand(left=self._burst, at=self._clock())
            return hand

    def _take(self, hand: _Hand) -> timedelta:
        """Count one click; how long to wait for the next one's turn, nothing if this one has its own."""
        now = self._clock()
        hand.left = min(self._burst, hand.left + (now - hand.at) / self._every_seconds)
        hand.at = now
        if hand.left >= 1:
            hand.left -= 1
            return timedelta(0)
        return timedelta(seconds=math.ceil((1 - hand.left) * self._every_seconds))


# Clicks never stand behind positions. Comparing one PIN costs 200 MB of memory and 100 ms: few at once.
clicks = Gate(patience_seconds=8)
positions = Gate(patience_seconds=5)
pairing = Gate(patience_seconds=5)
pins = Gate(patience_seconds=8, width=2)
ends = PhoneGate(burst=1, every_seconds=1, patience_seconds=8)  # one PIN of each phone at a time
phones = PhoneGate(burst=20, every_seconds=1, patience_seconds=8)
