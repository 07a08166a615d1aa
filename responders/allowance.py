"""How many messages one socket may send."""

import time

PER_SECOND = 5.0
BURST = 20.0
MOST_REFUSED = 50


class Allowance:
    """A bucket that fills by five a second and holds twenty; fifty messages too many exhaust all patience."""

    def __init__(self) -> None:
        self._left = BURST
        self._at = time.monotonic()
        self._refused = 0

    def take(self) -> bool:
        """Whether one more message is taken."""
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._at) * PER_SECOND)
        self._at = now
        if self._left < 1:
            self._refused += 1
            return False
        self._left -= 1
        return True

    @property
    def exhausted(self) -> bool:
        """Whether this is no longer a page in a hurry but a flood."""
        return self._refused > MOST_REFUSED
