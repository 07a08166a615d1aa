"""Wakes a worker. Losing a wake-up loses nothing: the rows are the truth and the sweeper finds what is due.

Huey only wakes and executes. Its storage is a file of its own, or the PostgreSQL of the rows; the file is not synced
at every enqueue, because a wake-up lost in a power cut costs one second.
"""

import logging
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone
from huey import Huey, PostgresHuey, SqliteHuey

POLL = 0.02  # seconds; Huey's own default goes to sleep for up to ten
_NAME = "sherif"
_WAIT_FOR_LOCK = 0.5  # seconds: a click is not held up by a wake-up
_CONNECT = 2  # seconds, the least that libpq takes

log = logging.getLogger(__name__)


class Deliverer(Protocol):
    """Whoever sends what is due of one alert."""

    def deliver(self, alert_id: UUID, *, now: datetime) -> int:
        """Claim what is due and send it. Returns how many."""
        ...


_senders: list[Deliverer] = []  # the one of this process, if it is a worker


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Huey and its one task."""

    huey: Huey
    deliver: Any


@lru_cache(maxsize=1)
def queue() -> Queue:
    """The queue of wake-ups, opened at its first use."""
    url = settings.SHERIF.database_url
    if url.startswith(("postgres://", "postgresql://")):
        huey = PostgresHuey(_NAME, dsn=url, results=False, table_prefix="wake", connect_timeout=_CONNECT)
    else:
        folder = settings.SHERIF.data_dir
        folder.mkdir(parents=True, exist_ok=True)
        huey = SqliteHuey(
            _NAME, filename=str(folder / "wake.sqlite3"), results=False, fsync=False, timeout=_WAIT_FOR_LOCK
        )
    return Queue(huey=huey, deliver=huey.task(name="deliver")(_deliver))


def wake(alert_id: UUID) -> None:
    """Ask a worker to look at this alert's due deliveries at once; never raises."""
    try:
        queue().deliver(str(alert_id))
    except (sqlite3.Error, psycopg.Error, OSError):
        log.warning("The wake-up for alert %s was lost; the sweeper finds it within a second.", alert_id, exc_info=True)


def work_with(sender: Deliverer) -> None:
    """Make this process a worker: tasks executed in it go out through this sender."""
    _senders[:] = [sender]


def _deliver(alert_id: str) -> None:
    close_old_connections()  # the database may have restarted since this thread's last task
    for sender in _senders:
        sender.deliver(UUID(alert_id), now=timezone.now())
