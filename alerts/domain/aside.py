"""Something that may hang, on a daemon thread of its own: it takes nobody along, and one of a kind hangs at a time."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from django.db import connections

T = TypeVar("T")


class Aside(Generic[T]):
    """One piece of work at a time. `name` is that of its thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._free = threading.Lock()

    def begin(self, work: Callable[[], T], *, patience: float = 0) -> "Future[T] | None":
        """Start the work; None if an earlier one is still under way after this patience (seconds)."""
        if not (self._free.acquire(timeout=patience) if patience else self._free.acquire(blocking=False)):
            return None
        outcome: Future[T] = Future()
        threading.Thread(target=self._run, args=(work, outcome), name=self._name, daemon=True).start()
        return outcome

    def _run(self, work: Callable[[], T], outcome: "Future[T]") -> None:
        try:
            done = work()
        except Exception as error:  # noqa: BLE001 - raised again for whoever waits for the outcome
            self._end()
            outcome.set_exception(error)
        else:
            self._end()
            outcome.set_result(done)

    def _end(self) -> None:
        try:
            connections.close_all()
        finally:
            self._free.release()
