"""How long to wait before asking a server that went away again."""

import asyncio
import logging
import random

_FIRST_SECONDS, _LONGEST_SECONDS = 0.1, 2.0

log = logging.getLogger(__name__)


class Patience:
    """Doubles with each failure, up to two seconds, with jitter: many processes do not all come back at once."""

    def __init__(self, whom: str) -> None:
        self._whom = whom
        self._seconds = 0.0

    def reward(self) -> None:
        """It answered: the next failure is the first again."""
        if self._seconds:
            log.info("%s carries broadcasts again.", self._whom)
        self._seconds = 0.0

    async def wait(self, error: Exception) -> None:
        """Say it once, then wait."""
        if not self._seconds:
            log.warning("%s does not carry broadcasts (%s).", self._whom, type(error).__name__)
        self._seconds = min(max(2 * self._seconds, _FIRST_SECONDS), _LONGEST_SECONDS)
        await asyncio.sleep(self._seconds * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
