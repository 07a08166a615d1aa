"""Questions to the networks about receipts that do not come, on a few threads of their own.

The thread that sweeps puts a question and reads its answer in a later sweep, so that a network which hangs delays no
alert; the threads behind it never touch the database.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

from alerts.providers.base import ProviderError, Standing

AT_ONCE = 8  # each takes a network's time-out at most

log = logging.getLogger(__name__)

Question = Callable[[], Standing | None]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a network says of one delivery; None where it says nothing, now or ever."""

    delivery: UUID
    standing: Standing | None


class Inquiries:
    """Those of one worker. Only the thread that sweeps calls this."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="receipt")
        self._open: list[Future[Told]] = []

    def room(self) -> int:
        """How many more may be put now."""
        return AT_ONCE - len(self._open)

    def put(self, delivery: UUID, question: Question) -> None:
        """Ask; `told` will say."""
        self._open.append(self._pool.submit(_told, delivery, question))

    def told(self) -> list[Told]:
        """What came back meanwhile, each once; waits for nothing."""
        done = [asked for asked in self._open if asked.done()]
        self._open = [asked for asked in self._open if asked not in done]
        return [asked.result() for asked in done]

    def close(self) -> None:
        """Forget what was not asked yet: the rows are still there."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _told(delivery: UUID, question: Question) -> Told:
    try:
        return Told(delivery=delivery, standing=question())
    except ProviderError as error:
        log.info("Delivery %s: where it stands cannot be asked (%s).", delivery, error.code)
    except Exception:  # whatever a network answers must not end the sweep
        log.exception("Delivery %s could not be asked about; it will be asked about again.", delivery)
    return Told(delivery=delivery, standing=None)
