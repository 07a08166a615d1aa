"""What the network does later of itself: a receipt, an end to the ringing. Prompt, late, or at the test's word."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

_HANDS = 4  # steps that may be under way at once; two about one message never are


class Postman:
    """Does what was planned, each thing its seconds after it was planned; never two about one message at once."""

    def __init__(self, *, by_hand: bool = False) -> None:
        self.by_hand = by_hand
        self.faults: list[BaseException] = []
        self._changed = threading.Condition()
        self._plans: list[tuple[float, int, float, str, Callable[[], object]]] = []
        self._numbers = itertools.count()
        self._hands = [ThreadPoolExecutor(1, thread_name_prefix="hook") for _ in range(_HANDS)]
        self._thread: threading.Thread | None = None
        self._ended = False

    def plan(self, sid: str, step: Callable[[], object], *, after: float = 0.0) -> None:
        """Do this about that message, in so many seconds."""
        with self._changed:
            heapq.heappush(self._plans, (time.monotonic() + after, next(self._numbers), after, sid, step))
            if self._thread is None and not self.by_hand:
                self._thread = threading.Thread(target=self._walk, daemon=True, name="postman")
                self._thread.start()
            self._changed.notify()

    def deliver(self, *, within: float, sid: str = "") -> None:
        """By hand: do now what was planned for so many seconds after its cause (of one message, or of all)."""
        while plan := self._next_by_hand(within, sid):
            plan()

    def close(self) -> None:
        """Forget what is planned, wait for what is under way; raises the first fault of a step."""
        with self._changed:
            self._ended = True
            self._plans.clear()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
        for hand in self._hands:
            hand.shutdown()
        if self.faults:
            raise self.faults[0]

    def _next_by_hand(self, within: float, sid: str) -> Callable[[], object] | None:
        with self._changed:
            due = sorted(one for one in self._plans if one[2] <= within and sid in {"", one[3]})
            if not due:
                return None
            self._plans.remove(due[0])
            heapq.heapify(self._plans)
        return due[0][4]

    def _walk(self) -> None:
        while True:
            with self._changed:
                while not self._ended and (not self._plans or self._plans[0][0] > time.monotonic()):
                    self._changed.wait(self._plans[0][0] - time.monotonic() if self._plans else None)
                if self._ended:
                    return
                _, _, _, sid, step = heapq.heappop(self._plans)
            self._hands[hash(sid) % _HANDS].submit(self._do, step)

    def _do(self, step: Callable[[], object]) -> None:
        try:
            step()
        except BaseException as fault:  # noqa: BLE001 - raised in the test's own thread, by `close`
            self.faults.append(fault)
