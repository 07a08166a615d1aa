"""From a claimed delivery to the wire and back to its row.

Four kinds of threads, so that a network which hangs holds nothing but itself: whoever calls `deliver` claims in one
short transaction; a bounded pool sends and never touches the database; one recorder writes outcomes, many at a time,
because on SQLite one writer with one commit beats forty-eight that wait for each other; one feeder claims what had to
stay behind, as soon as there is room.
"""

import logging
import queue
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connection, connections
from django.utils import timezone

from alerts.domain import attempting, claiming, deliveries, tracking
from alerts.domain.attempting import Clock
from alerts.domain.claiming import Claimed
from alerts.domain.deliveries import Outcome
from alerts.domain.fairness import Room, Ticket, Turns
from alerts.domain.inquiries import Inquiries
from alerts.domain.questions import Questions
from alerts.domain.ways import Ways
from alerts.domain.wire import Wire
from alerts.models import Delivery, Position
from alerts.providers.base import Receipt
from alerts.states import DeliveryState

THREADS = 48
_BATCH = 40
_GATHER = 0.02  # seconds: the answers of one alert come together, and one commit writes them all
_AGAIN = 0.5  # seconds between two tries to write outcomes while the database refuses
_PAUSE = 0.05  # seconds between two looks for what had to stay behind
_MOST = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Job:
    """What a sending thread needs: no query is left to it."""

    claimed: Claimed
    position: Position | None


class Sender:
    """One per worker process. `worker` is the name under which it holds leases, `wire` where it notes what leaves."""

    def __init__(
        self,
        ways: Ways,
        *,
        worker: str,
        threads: int = THREADS,
        wire: Wire | None = None,
        clock: Clock = timezone.now,
    ) -> None:
        self.worker = worker
        self._clock = clock
        self.questions = Questions()
        self.inquiries = Inquiries()
        self._wire = wire
        self._ways = ways
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="send")
        self._turns: Turns[_Job] = Turns(threads)
        self._moved = threading.Condition()  # guards the turns; told whenever a seat becomes free
        self._claiming = threading.Lock()  # one claim at a time in this process: each sees what the others took
        # SQLite has one pen, and who waits for it inside SQLite sleeps: in this process they take turns awake.
        self._pen = self._claiming if connection.vendor == "sqlite" else threading.Lock()
        self._crowded = False  # no room for anybody: only the feeder claims, in fair order
        self._left_behind = False
        self._hungry = threading.Event()
        self._closing = threading.Event()
        self._outcomes: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
        self._recorder = threading.Thread(target=self._record_all, name="record", daemon=True)
        self._recorder.start()
        self._feeder = threading.Thread(target=self._feed_all, name="feed", daemon=True)
        self._feeder.start()

    @property
    def ways(self) -> Ways:
        """The ways out in use."""
        return self._ways

    def deliver(self, alert_id: UUID, *, now: datetime) -> int:
        """Claim what is due of one alert and hand it to the pool, as far as there is room; does not wait for a network.

        Returns how many. What had to stay behind is claimed by the feeder, in fair order.
        """
        if self._crowded:
            self._hungry.set()
            return 0
        return self._deliver(alert_id, now=now)

    def feed(self, *, now: datetime) -> None:
        """Claim whatever is due, in fair order, as far as there is room. The sweeper calls it each second."""
        room = self._room()
        full = room.full_victims()
        self._left_behind = False
        if full or room.is_full():
            self._leave_behind()
        for alert_id in claiming.in_turn(now=now, without=full, most=_MOST):
            if self._room().is_full():
                self._crowded = True
                self._leave_behind()
                return
            try:
                self._deliver(alert_id, now=now)
            except DatabaseError:
                raise
            except Exception:  # one that cannot be read, for want of a key, must not stand before all others
                log.exception("Alert %s could not be claimed; it will be looked at again.", alert_id)
        self._crowded = False

    def close(self) -> None:
        """Send what was claimed, record it, and let go."""
        self._closing.set()
        self._hungry.set()
        self._feeder.join()
        with self._moved:
            self._moved.wait_for(lambda: not self._turns.waiting and not self._turns.held)
        self.questions.close()
        self.inquiries.close()
        self._pool.shutdown(wait=True)
        self._outcomes.put(None)
        self._recorder.join()

    def _room(self) -> Room:
        with self._moved:
            return self._turns.room()

    def _deliver(self, alert_id: UUID, *, now: datetime) -> int:
        with self._claiming:
            claimed = claiming.claim(alert_id, worker=self.worker, now=now, pick=self._fitting)
            position = None
            if claimed and claimed[0].delivery.alert:
                position = tracking.newest(claimed[0].delivery.alert)
            with self._moved:
                for one in claimed:
                    self._turns.add(_ticket(one, position))
                self._begin()
        return len(claimed)

    def _fitting(self, rows: Sequence[Delivery]) -> list[Delivery]:
        """Those for which there is room, so that what is claimed is sent well within its lease."""
        room = self._room()
        fitting = [row for row in rows if row.alert is not None and room.take(row.alert.victim_id, row.channel)]
        if len(fitting) < len(rows):
            self._crowded = self._crowded or room.is_full()
            self._leave_behind()
        return fitting

    def _leave_behind(self) -> None:
        """Whoever leaves a seat from now on wakes the feeder; if the last one just left, it is woken here."""
        self._left_behind = True
        with self._moved:
            if not self._turns.held:
                self._hungry.set()

    def _begin(self) -> None:
        """Let everybody sit down whose turn it is. Call it with the turns in hand."""
        while ticket := self._turns.next():
            self._pool.submit(self._send, ticket)

    def _send(self, ticket: Ticket[_Job]) -> None:
        job = ticket.job
        try:
            self._outcomes.put(self._noted(job.claimed, job.position))
        except Exception:
            log.exception("Delivery %s could not be attempted; it will be looked at again.", job.claimed.delivery.pk)
        finally:
            with self._moved:
                self._turns.leave(ticket)
                self._begin()
                self._moved.notify_all()
            if self._left_behind:
                self._hungry.set()

    def _feed_all(self) -> None:
        with own_connections():
            while self._hungry.wait() and not self._closing.is_set():
                self._hungry.clear()
                try:
                    close_old_connections()
                    self.feed(now=self._clock())
                except DatabaseError:
                    log.warning("The database did not answer; the sweeper feeds again in a second.", exc_info=True)
                except Exception:
                    log.exception("Nothing could be claimed; the sweeper tries again in a second.")
                self._closing.wait(_PAUSE)

    def _noted(self, claimed: Claimed, position: Position | None) -> Outcome:
        """One attempt, and a note of it that survives a kill."""
        wire, delivery = self._wire, claimed.delivery.pk
        left = threading.Event()

        def leaving() -> None:
            if wire is not None:
                wire.begin(delivery)
                left.set()

        outcome = attempting.attempt(
            claimed, position, ways=self._ways, worker=self.worker, clock=self._clock, leaving=leaving
        )
        if wire is None or not left.is_set():
            return outcome
        if outcome.to is DeliveryState.ACCEPTED:
            wire.taken(delivery, Receipt(provider=outcome.provider, provider_id=outcome.provider_id))
        elif outcome.to is not DeliveryState.UNKNOWN:
            wire.forget(delivery)
        return outcome

    def _forget(self, recorded: Iterable[Outcome]) -> None:
        """Their rows say what became of them."""
        for outcome in recorded:
            if self._wire is not None and outcome.to in {DeliveryState.ACCEPTED, DeliveryState.UNKNOWN}:
                self._wire.forget(outcome.delivery)

    def _record_all(self) -> None:
        with own_connections():
            while batch := self._next_batch():
                self._record(batch)

    def _next_batch(self) -> list[Outcome]:
        first = self._outcomes.get()
        if first is not None and not self._closing.is_set():
            time.sleep(_GATHER)
        batch = [] if first is None else [first]
        while batch and len(batch) < _BATCH and not self._outcomes.empty():
            following = self._outcomes.get()
            if following is None:
                self._outcomes.put(None)
                break
            batch.append(following)
        return batch

    def _record(self, batch: list[Outcome]) -> None:
        """Until it is written: forgetting an outcome would send a message twice."""
        while True:
            try:
                close_old_connections()
                with self._pen:
                    deliveries.record(batch, now=self._clock())
            except (OperationalError, InterfaceError):  # locked, stopped, restarting
                log.exception("%d outcomes wait for the database.", len(batch))
                time.sleep(_AGAIN)
            except Exception:
                if len(batch) == 1:
                    log.exception("Delivery %s could not be recorded; it will be looked at again.", batch[0].delivery)
                for outcome in batch if len(batch) > 1 else ():
                    self._record([outcome])
                return
            else:
                self._forget(batch)
                return


@contextmanager
def own_connections() -> Iterator[None]:
    """Close this thread's database connections at its end."""
    try:
        yield
    finally:
        connections.close_all()


def _ticket(claimed: Claimed, position: Position | None) -> Ticket[_Job]:
    delivery = claimed.delivery
    alert = delivery.alert
    if alert is None:
        raise ValueError("a delivery without an alert is not this module's")
    job = _Job(claimed=claimed, position=position)
    return Ticket(job=job, of=alert.victim_id, way=delivery.channel, first=claimed.first)
