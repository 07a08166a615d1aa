"""Whether it is worth asking a server again: one that fails is left alone, longer each time."""

import logging
import threading
import time
from collections.abc import Callable

FIRST_SECONDS, LONGEST_SECONDS = 30.0, 300.0
ENOUGH = 3  # bad answers one after the other; a server that cannot be reached at all needs no second try

log = logging.getLogger(__name__)


class Rest:
    """Thread-safe. While it rests nobody asks; afterwards one failure more is enough for a longer rest."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._seconds = FIRST_SECONDS
        self._until = 0.0

    @property
    def is_on(self) -> bool:
        """Whether the server is left alone now."""
        return self._clock() < self._until

    def failed(self, why: str, *, reached: bool) -> None:
        """It failed. The log says so once for each rest, and never which square was asked for."""
        with self._lock:
            self._failures += 1
            if self.is_on or (reached and self._failures < ENOUGH):
                return
            self._until = self._clock() + self._seconds
            log.warning("The tile server fails (%s): left alone for %.0f s.", why, self._seconds)
            self._failures = ENOUGH
            self._seconds = min(self._seconds * 2, LONGEST_SECONDS)

    def worked(self) -> None:
        """It answered as it should."""
        with self._lock:
            self._failures = 0
            self._seconds, self._until = FIRST_SECONDS, 0.0
