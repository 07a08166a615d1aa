"""From a claimed delivery to the wire and back to its row.

Three kinds of threads, so that a network which hangs holds nothing but itself: whoever calls `deliver` claims in one
short transaction; a bounded pool sends and never touches the database; one recorder writes outcomes, many at a time,
because on SQLite one writer with one commit beats twenty-four that wait for each other.
"""

import logging
import queue
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError, close_old_connections, connections
from django.utils import timezone

from alerts.domain import claiming, composing, deliveries, tracking
from alerts.domain.claiming import Claimed
from alerts.domain.deliveries import Outcome
from alerts.domain.questions import Questions
from alerts.domain.ways import Ways
from alerts.domain.wire import Wire
from alerts.models import Alert, Delivery, Position
from alerts.providers.base import ProviderError, Receipt, UnknownOutcomeError
from alerts.providers.twilio import is_our_fault
from alerts.states import Channel, DeliveryState

THREADS = 24
_BATCH = 40
_AGAIN = 0.5  # seconds between two tries to write outcomes while the database refuses

log = logging.getLogger(__name__)


class Sender:
    """One per worker process. `worker` is the name under which it holds leases."""

    def __init__(self, ways: Ways, *, worker: str, threads: int = THREADS, wire: Wire | None = None) -> None:
        self.worker = worker
        self.questions = Questions()
        self._wire = wire
        self._ways = ways
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="send")
        self._outcomes: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
        self._waiting = 0
        self._lock = threading.Lock()
        self._threads = threads
        self._recorder = threading.Thread(target=self._record_all, name="record", daemon=True)
        self._recorder.start()

    @property
    def ways(self) -> Ways:
        """The ways out in use."""
        return self._ways

    def has_room(self) -> bool:
        """Whether what is claimed now would be sent well within its lease."""
        return self._waiting < 4 * self._threads

    def deliver(self, alert_id: UUID, *, now: datetime) -> int:
        """Claim what is due of one alert and hand it to the pool. Returns how many; does not wait for the network."""
        claimed = claiming.claim(alert_id, worker=self.worker, now=now)
        if claimed:
            position = tracking.newest(claimed[0].delivery.alert) if claimed[0].delivery.alert else None
            for one in claimed:
                self._submit(one, position)
        return len(claimed)

    def close(self) -> None:
        """Send what was claimed, record it, and let go."""
        self.questions.close()
        self._pool.shutdown(wait=True)
        self._outcomes.put(None)
        self._recorder.join()

    def _submit(self, claimed: Claimed, position: Position | None) -> None:
        with self._lock:
            self._waiting += 1
        self._pool.submit(self._send, claimed, position)

    def _send(self, claimed: Claimed, position: Position | None) -> None:
        try:
            self._outcomes.put(self._noted(claimed, position))
        except Exception:
            log.exception("Delivery %s could not be attempted; it will be looked at again.", claimed.delivery.pk)
        finally:
            with self._lock:
                self._waiting -= 1

    def _noted(self, claimed: Claimed, position: Position | None) -> Outcome:
        """One attempt, and a note of it that survives a kill."""
        delivery = claimed.delivery.pk
        if self._wire is None:
            return attempt(claimed, position, ways=self._ways, worker=self.worker)
        self._wire.begin(delivery)
        outcome = attempt(claimed, position, ways=self._ways, worker=self.worker)
        if outcome.to is DeliveryState.ACCEPTED:
            self._wire.taken(delivery, Receipt(provider=outcome.provider, provider_id=outcome.provider_id))
        elif outcome.to is not DeliveryState.UNKNOWN:
            self._wire.forget(delivery)
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
                deliveries.record(batch, now=timezone.now())
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


def attempt(claimed: Claimed, position: Position | None, *, ways: Ways, worker: str) -> Outcome:
    """One attempt at one delivery, without the database. Never raises what a network can cause."""
    delivery = claimed.delivery
    alert = delivery.alert
    if alert is None:
        raise ValueError("a delivery without an alert is not this module's")
    now = timezone.now()
    if now >= claimed.leased_until:  # we were frozen or the pool was full: another worker may hold it already
        return Outcome(delivery=delivery.pk, alert=alert.pk, to=DeliveryState.DUE, leased_by=worker, not_before=now)
    try:
        receipt = ways[Channel(delivery.channel)].send(
            composing.message_of(delivery, alert, position, token=claimed.token)
        )
    except ProviderError as error:
        return _failed(delivery, alert, error, worker=worker)
    except UnknownOutcomeError as error:
        log.warning("Delivery %s: no answer from the network.", delivery.pk)
        return Outcome(
            delivery=delivery.pk,
            alert=alert.pk,
            to=DeliveryState.UNKNOWN,
            code=delivery.error_code,
            provider=error.provider,
            leased_by=worker,
        )
    return Outcome(
        delivery=delivery.pk,
        alert=alert.pk,
        to=DeliveryState.ACCEPTED,
        provider=receipt.provider,
        provider_id=receipt.provider_id,
    )


def _failed(delivery: Delivery, alert: Alert, error: ProviderError, *, worker: str) -> Outcome:
    if error.ours or is_our_fault(error.code):
        log.critical("The network refuses us (%s): nobody is told until key, sender and account are right.", error.code)
    log.warning("Delivery %s was refused (%s).", delivery.pk, error.code)
    again = deliveries.next_attempt(delivery.attempts + 1, now=timezone.now())
    return Outcome(
        delivery=delivery.pk,
        alert=alert.pk,
        to=DeliveryState.FAILED if error.permanent else DeliveryState.DUE,
        code=error.code,
        leased_by=worker,
        not_before=None if error.permanent else again,
    )
