"""Questions to the networks about messages in doubt, on threads of their own: one that hangs holds up itself alone."""

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from alerts.models import Delivery
from alerts.providers.base import CannotTellError, ProviderError, Receipt
from alerts.states import Channel

AT_ONCE = 6  # on each channel, so that a network which hangs leaves the others their threads

log = logging.getLogger(__name__)

Question = Callable[[], Receipt | None]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`found` is what the network calls the message, None if it has none; `error` if it did not say."""

    delivery: Delivery
    found: Receipt | None = None
    error: ProviderError | CannotTellError | None = None


class Questions:
    """Those of one worker. Only the thread that sweeps calls this; the threads behind it never touch the database.

    `hurry` says that a network answers and more is to be asked: whoever sweeps should not pause.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE * len(Channel), thread_name_prefix="ask")
        self._open: dict[Future[Answer], Channel] = {}
        self.hurry = False

    def room(self, channel: Channel) -> int:
        """How many more may be put on this channel now."""
        return AT_ONCE - sum(asked is channel for asked in self._open.values())

    def put(self, delivery: Delivery, question: Question) -> None:
        """Ask; `answers` will tell."""
        self._open[self._pool.submit(_answer, delivery, question)] = Channel(delivery.channel)

    def answers(self, until: float) -> Iterator[Answer]:
        """What came back, each once, as soon as there is something; waits until then (monotonic seconds) at most."""
        if not self._open:
            return
        wait(self._open, timeout=max(0.0, until - time.monotonic()), return_when=FIRST_COMPLETED)
        for asked in [one for one in self._open if one.done()]:
            del self._open[asked]
            yield asked.result()

    def close(self) -> None:
        """Forget what was not asked yet: the rows are still there."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _answer(delivery: Delivery, question: Question) -> Answer:
    try:
        return Answer(delivery=delivery, found=question())
    except (CannotTellError, ProviderError) as error:
        return Answer(delivery=delivery, error=error)
    except Exception:  # whatever a network answers must not end the sweep
        log.exception("Delivery %s could not be asked about; it will be asked about again.", delivery.pk)
        return Answer(delivery=delivery, error=ProviderError("cannot_ask", permanent=False))
