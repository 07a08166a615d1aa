"""Tell the pages what just happened. Lossy by contract: rows are the truth, a page that misses one reads the snapshot.

`publish` is called after commit. The way between processes is chosen by SHERIF_BUS_URL (empty: a local datagram
socket; `postgres`; `redis://...`). Messages are encoded once, by the publisher.
"""

import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

from django.conf import settings

from alerts.broadcast.base import Bus, Envelope
from alerts.broadcast.local import LocalBus

__all__ = ["Bus", "Envelope", "bus", "publish"]

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def bus() -> Bus:
    """The one way between the processes of this installation."""
    return LocalBus(settings.SHERIF.data_dir)


def publish(alert_id: UUID, message: Mapping[str, object]) -> None:
    """Hand one message to every process that serves this alert; never raises, never waits."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    try:
        bus().send(Envelope(alert_id=alert_id, text=text))
    except OSError:
        log.warning("A broadcast of alert %s was lost; its pages catch up within a second.", alert_id, exc_info=True)
