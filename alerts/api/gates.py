"""So many writers at once and no more: SQLite has one pen, and a thousand threads that wait for it wear each other out.

A call that waited too long is answered 503 with Retry-After: it stored nothing, and the phone sends it again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.db import connection

from alerts.api.errors import busy

_PENS = 8 if connection.vendor == "postgresql" else 1


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


# Clicks never stand behind positions. Comparing one PIN costs 200 MB of memory and 100 ms: few at once.
clicks = Gate(patience_seconds=8)
positions = Gate(patience_seconds=5)
pairing = Gate(patience_seconds=5)
pins = Gate(patience_seconds=8, width=2)
