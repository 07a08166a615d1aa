"""A sign of life to somebody outside (SHERIF_HEARTBEAT_URL), who shouts when it stays away.

That is the one alarm which works when this very process, this machine or this whole network is gone. The address is a
secret: whoever knows it can keep the alarm quiet.
"""

import logging
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import requests

from alerts.domain.aside import Aside

if TYPE_CHECKING:
    from concurrent.futures import Future

EVERY = timedelta(seconds=30)
_PATIENCE = (3.05, 5)  # seconds: to connect, to answer

log = logging.getLogger(__name__)


class Heart:
    """Beats while all is well; `beat` never waits for anybody."""

    def __init__(self, url: str, *, every: timedelta = EVERY) -> None:
        self._url = url
        self._every = every
        self._aside: Aside[None] = Aside("heartbeat")
        self._last: datetime | None = None

    def beat(self, *, now: datetime) -> "Future[None] | None":
        """Ask the address if its turn has come; the Future of that, else None."""
        if not self._url or (self._last is not None and now - self._last < self._every):
            return None
        begun = self._aside.begin(partial(_ask, self._url))
        if begun is not None:
            self._last = now
        return begun


def _ask(url: str) -> None:
    """One GET, no redirect followed, no body read. What goes wrong is logged without the address."""
    try:
        with closing(requests.get(url, timeout=_PATIENCE, allow_redirects=False, stream=True)) as answer:
            status = answer.status_code
    except requests.RequestException as error:
        log.warning("The heartbeat was not taken (%s).", type(error).__name__)
        return
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        log.warning("The heartbeat was not taken (%d).", status)
