"""LISTEN and NOTIFY of PostgreSQL: nothing to install beside the database. Never in the request's transaction."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from alerts.broadcast.base import Envelope, UnreadableError, unpacked
from alerts.broadcast.outbound import Outbound
from alerts.broadcast.patience import Patience

LARGEST = 7_999  # bytes: a payload must be shorter than 8000 (PostgreSQL documentation, NOTIFY)
_SECONDS = 2
_TIMEOUTS = {
    "connect_timeout": _SECONDS,
    "keepalives_idle": 5,
    "keepalives_interval": _SECONDS,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

log = logging.getLogger(__name__)


class PostgresBus:
    """One connection that tells, one for each listener; both come back by themselves."""

    def __init__(self, database_url: str, *, channel: str) -> None:
        self._url = make_conninfo(database_url, **_TIMEOUTS)
        self._channel = channel
        self._outbound = Outbound(self._carry)
        self._connection: psycopg.Connection | None = None

    def send(self, envelope: Envelope) -> None:
        """One notification; a message too large for PostgreSQL travels as a gap."""
        self._outbound.put(envelope.within(LARGEST))

    async def listen(self, *, standing: Callable[[], None] = lambda: None) -> AsyncIterator[Envelope]:
        """Every envelope sent from now on; what is sent during an outage is missed."""
        patience = Patience("PostgreSQL")
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
                async with connection:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
                    patience.reward()
                    standing()
                    async for notification in connection.notifies():
                        try:
                            yield unpacked(notification.payload)
                        except UnreadableError:
                            log.warning("Something unreadable came by PostgreSQL's notifications.")
            except psycopg.Error as error:
                await patience.wait(error)

    def _carry(self, batch: Sequence[Envelope]) -> None:
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._url, autocommit=True)
            payloads = [envelope.packed() for envelope in batch]
            self._connection.execute(
                "SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload", (self._channel, payloads)
            )
        except psycopg.Error as error:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()
            raise ConnectionError("PostgreSQL did not take the broadcast") from error
