"""Envelopes on their way out, on a thread of their own: no click ever waits for a broadcast."""

import atexit
import contextlib
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence

from alerts.broadcast.base import Envelope

_MOST_WAITING = 4_096
_MOST_AT_ONCE = 256
_LAST_WORDS_SECONDS = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0

log = logging.getLogger(__name__)


class Outbound:
    """A bounded queue and the thread that empties it.

    `carry` raises OSError when a batch could not be handed over. If it could only in part it returns after how many
    seconds it wants to be called again, with what has come until then.
    """

    def __init__(self, carry: Callable[[Sequence[Envelope]], float | None]) -> None:
        self._carry = carry
        self._lock = threading.Lock()
        self._waiting: queue.Queue[Envelope] = queue.Queue(_MOST_WAITING)
        self._process = 0

    def put(self, envelope: Envelope) -> None:
        """Hand over; raises OSError when four thousand wait already."""
        if self._process != os.getpid():
            self._start()
        try:
            self._waiting.put_nowait(envelope)
        except queue.Full:
            raise OSError("too many broadcasts wait already") from None

    def _start(self) -> None:
        with self._lock:
            if self._process == os.getpid():
                return
            self._waiting = queue.Queue(_MOST_WAITING)  # threads do not survive a fork
            threading.Thread(target=self._run, args=(self._waiting,), name="broadcast", daemon=True).start()
            atexit.register(self._finish)
            self._process = os.getpid()

    def _run(self, waiting: "queue.Queue[Envelope]") -> None:
        pause, again = 0.0, None
        while True:
            batch = _batch(waiting, patience=again)
            again = None
            try:
                again = self._carry(batch)
                pause = 0.0
            except OSError as error:
                if not pause:
                    log.warning("Broadcasts are being lost (%s); pages catch up within a second.", type(error).__name__)
                pause = min(max(2 * pause, _FIRST_PAUSE), _LONGEST_PAUSE)
                time.sleep(pause)
            except Exception:  # a message that nobody foresaw must not silence this process for ever
                log.exception("%d broadcasts could not be carried; pages catch up within a second.", len(batch))
            finally:
                for _ in batch:
                    waiting.task_done()

    def _finish(self) -> None:
        """A short command ends right after its broadcast: give it a moment to leave."""
        until = time.monotonic() + _LAST_WORDS_SECONDS
        while self._waiting.unfinished_tasks and time.monotonic() < until:
            time.sleep(0.005)


def _batch(waiting: "queue.Queue[Envelope]", *, patience: float | None) -> list[Envelope]:
    """What waits, at least one unless patience (seconds) ends before."""
    batch: list[Envelope] = []
    with contextlib.suppress(queue.Empty):
        batch.append(waiting.get(timeout=patience))
        while len(batch) < _MOST_AT_ONCE:
            batch.append(waiting.get_nowait())
    return batch
