"""Every second: what nobody woke a worker for, what a dead worker held, who is rung again while nobody takes charge,
what nobody knows, and alerts at their cap.

Each step stands alone: one that fails, for want of a key or by a fault of ours, stops no other, and is heard of.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.utils import timezone

from alerts.domain import (
    alerting,
    asking,
    beats,
    changes,
    clocks,
    drilling,
    forgetting,
    hearing,
    keeping,
    ladder,
    leases,
    lodging,
    owners,
    reminding,
    returning,
    reviewing,
    settling,
    stamping,
    takeover,
    wire,
)
from alerts.domain.rounds import Rounds
from alerts.domain.sending import Sender

EVERY = 1.0  # seconds
_SOON = 0.05  # seconds
SAID_EVERY = timedelta(minutes=1)  # of one step that goes on failing

log = logging.getLogger(__name__)


class StepError(Exception):
    """One step of a sweep failed; why is its cause."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


class SweepError(ExceptionGroup[StepError]):
    """All steps were taken; these failed."""


class Complaints:
    """What one worker says of steps that fail: at once, then once a minute, and when they are well again."""

    def __init__(self) -> None:
        self._said: dict[str, datetime] = {}
        self._failing: frozenset[str] = frozenset()

    def hear(self, failed: Sequence[StepError], *, now: datetime) -> None:
        """The steps of one whole sweep that failed; the others did not."""
        for error in failed:
            said = self._said.get(error.step)
            if said is None or abs(now - said) >= SAID_EVERY:
                self._said[error.step] = now
                log.error("The sweep's step %s failed; again in a second.", error.step, exc_info=error.__cause__)
        failing = frozenset(error.step for error in failed)
        for step in sorted(self._failing - failing):
            log.info("The sweep's step %s is well again.", step)
        self._failing = failing


class Sweeper(Rounds):
    """The thread."""

    def __init__(self, sender: Sender, data_dir: Path) -> None:
        super().__init__("sweep")
        self._sender = sender
        self._data_dir = data_dir
        self._complaints = Complaints()

    def act(self) -> None:
        """As Rounds."""
        self._sweep(now=timezone.now())

    def pause(self) -> float:
        """As Rounds: sooner while a receipt is asked for in a hurry."""
        return _SOON if self._sender.questions.hurry else EVERY

    def _sweep(self, *, now: datetime) -> None:
        failed: Sequence[StepError] = ()
        try:
            sweep(self._sender, self._data_dir, now=now)
        except SweepError as error:
            failed = [step for step in error.exceptions if isinstance(step, StepError)]
        self._complaints.hear(failed, now=now)


def sweep(sender: Sender, data_dir: Path, *, now: datetime) -> None:
    """One round. Every step is idempotent, so that any number of workers may sweep at once.

    Raises SweepError once all steps were taken, if some failed; no sign of life is given then. Raises the
    database's own error at once if the connection is gone, for all other steps would wait for it in vain.
    """
    failed = [error for step in _steps(sender, data_dir, now=now) if (error := _take(step))]
    if failed:
        raise SweepError("steps of the sweep failed", failed)
    beats.beat_rarely(beats.SWEEP, now=now)


Step = partial[Any]


def _steps(sender: Sender, data_dir: Path, *, now: datetime) -> Sequence[Step]:
    return (
        partial(clocks.set_right, now=now),
        partial(reclaim, data_dir, now=now),
        partial(ladder.climb_due, now=now),
        partial(takeover.refresh, sender.ways, now=now),
        partial(returning.probe, now=now),
        partial(settling.settle_unknown, sender, now=now),
        partial(sender.feed, now=now),
        partial(asking.ask_missing, sender, now=now),
        partial(hearing.forget_old, now=now),
        partial(alerting.expire_overdue, now=now),
        partial(changes.announce_due, sender.ways, now=now),
        partial(drilling.tend, now=now),
        partial(drilling.forget_old, now=now),
        partial(keeping.tend, now=now),
        partial(stamping.tend, now=now),
        partial(lodging.tend, sender.ways, now=now),
        partial(reminding.remind_due, sender.ways, now=now),
        partial(reviewing.ask_due, sender.ways, now=now),
        partial(forgetting.tend, now=now),
    )


def _take(step: Step) -> StepError | None:
    try:
        step()
    except Exception as error:
        if is_gone(connection, error):
            raise
        failed = StepError(_name(step.func))
        failed.__cause__ = error
        return failed
    return None


def _name(step: Callable[..., object]) -> str:
    return f"{step.__module__.rpartition('.')[2]}.{step.__name__}"


def is_gone(to: BaseDatabaseWrapper, error: Exception) -> bool:
    """Whether an error means that this connection is of no more use: a lock that was held too long does not."""
    return isinstance(error, InterfaceError | OperationalError) and not to.is_usable()


def reclaim(data_dir: Path, *, now: datetime) -> None:
    """What dead workers of this machine held, at once; what anybody held longer than its lease."""
    with owners.dead(data_dir) as names:
        for name in names:
            found = leases.come_back(name, wire.read(owners.notes(data_dir, name)), now=now)
            log.warning("A worker died; %d deliveries are looked at again.", found)
        if names:
            returning.ask_again(now=now)
    leases.give_up(Q(leased_until__lte=now), now=now)
