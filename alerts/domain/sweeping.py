"""Every second: what nobody woke a worker for, what a dead worker held, who is rung again while nobody takes charge,
what nobody knows, and alerts at their cap.
"""

import logging
import threading
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, close_old_connections
from django.db.models import Q
from django.utils import timezone

from alerts.domain import (
    alerting,
    asking,
    beats,
    clocks,
    deliveries,
    drilling,
    hearing,
    ladder,
    owners,
    returning,
    settling,
    takeover,
    wire,
)
from alerts.domain.sending import Sender, own_connections

EVERY = 1.0  # seconds

log = logging.getLogger(__name__)


class Sweeper:
    """A thread of the worker. One broad `except`: whatever happens, it sweeps again a second later."""

    def __init__(self, sender: Sender, data_dir: Path) -> None:
        self._sender = sender
        self._data_dir = data_dir
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)

    def start(self) -> None:
        """Sweep at once, then every second."""
        self._thread.start()

    def stop(self) -> None:
        """End after the sweep that is under way."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        with own_connections():
            while not self._stopped.is_set():
                try:
                    close_old_connections()
                    sweep(self._sender, self._data_dir, now=timezone.now())
                except DatabaseError:
                    log.warning("The database did not answer the sweep; again in a second.", exc_info=True)
                except Exception:
                    log.exception("A sweep failed; again in a second.")
                self._stopped.wait(EVERY)


def sweep(sender: Sender, data_dir: Path, *, now: datetime) -> None:
    """One round. Every step is idempotent, so that any number of workers may sweep at once."""
    clocks.set_right(now=now)
    reclaim(data_dir, now=now)
    ladder.climb_due(now=now)
    takeover.refresh(sender.ways, now=now)
    returning.probe(now=now)
    settling.settle_unknown(sender, now=now)
    sender.feed(now=now)
    asking.ask_missing(sender, now=now)
    hearing.forget_old(now=now)
    alerting.expire_overdue(now=now)
    drilling.tend(now=now)
    beats.beat_rarely(beats.SWEEP, now=now)


def reclaim(data_dir: Path, *, now: datetime) -> None:
    """What dead workers of this machine held, at once; what anybody held longer than its lease."""
    with owners.dead(data_dir) as names:
        for name in names:
            found = deliveries.come_back(name, wire.read(owners.notes(data_dir, name)), now=now)
            log.warning("A worker died; %d deliveries are looked at again.", found)
    deliveries.give_up_leases(Q(leased_until__lte=now), now=now)
