"""Tell the pages what just happened. Lossy by contract: rows are the truth, a page that misses one reads the snapshot.

`publish` is called after commit. The way between processes is chosen by SHERIF_BUS_URL (empty: a local datagram
socket; `postgres`: notifications of DATABASE_URL; `redis://...`). Messages are encoded once, by the publisher.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from prometheus_client import Counter

from alerts.broadcast.base import Bus, Envelope, Heading, UnreadableError, gap
from alerts.broadcast.local import LocalBus
from alerts.broadcast.postgres import PostgresBus
from alerts.broadcast.redis import RedisBus

__all__ = ["Bus", "Envelope", "Heading", "UnreadableError", "bus", "gap", "publish"]

log = logging.getLogger(__name__)
_published = Counter("sherif_broadcasts_published", "Messages handed to the bus")
_lost = Counter("sherif_broadcasts_lost", "Messages that the bus did not take")


@lru_cache(maxsize=1)
def bus() -> Bus:
    """The one way between the processes of this installation."""
    chosen = settings.SHERIF.bus_url
    channel = "sherif_" + hashlib.sha256(settings.SECRET_KEY.encode()).hexdigest()[:16]
    if chosen == "postgres":
        return PostgresBus(settings.SHERIF.database_url, channel=channel)
    if chosen:
        return RedisBus(chosen, channel=channel)
    return LocalBus(settings.SHERIF.data_dir)


def publish(alert_id: UUID, message: Mapping[str, object]) -> None:
    """Hand one message to every process that serves this alert; never raises, never waits."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    text = text.encode(errors="replace").decode()  # half a character from a hostile client is no text for a socket
    try:
        bus().send(Envelope(alert_id=alert_id, text=text))
        _published.inc()
    except OSError as error:
        _lost.inc()
        log.warning("A broadcast of alert %s was lost (%s).", alert_id, error)
