"""Redis' publish and subscribe. It may die: the rows are the truth."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence

import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

from alerts.broadcast.base import Envelope, UnreadableError, unpacked
from alerts.broadcast.outbound import Outbound
from alerts.broadcast.patience import Patience

LARGEST = 96 * 1024
_SECONDS = 2.0

log = logging.getLogger(__name__)


class RedisBus:
    """One connection that tells, one for each listener; both come back by themselves."""

    def __init__(self, url: str, *, channel: str) -> None:
        self._url = url
        self._channel = channel
        self._outbound = Outbound(self._carry)
        self._client = redis.Redis.from_url(
            url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, retry=Retry(NoBackoff(), 0)
        )

    def send(self, envelope: Envelope) -> None:
        """One message; one too large travels as a gap."""
        self._outbound.put(envelope.within(LARGEST))

    async def listen(self, *, standing: Callable[[], None] = lambda: None) -> AsyncIterator[Envelope]:
        """Every envelope sent from now on; what is sent during an outage is missed."""
        patience = Patience("Redis")
        while True:
            client = redis.asyncio.Redis.from_url(
                self._url,
                socket_connect_timeout=_SECONDS,
                socket_keepalive=True,
                health_check_interval=5,
                retry=redis.asyncio.retry.Retry(NoBackoff(), 0),
            )
            try:
                async with client, client.pubsub(ignore_subscribe_messages=True) as subscription:
                    await subscription.subscribe(self._channel)
                    patience.reward()
                    standing()
                    while True:
                        message = await subscription.get_message(timeout=_SECONDS)
                        if message is None:
                            continue
                        try:
                            yield unpacked(message["data"].decode())
                        except (UnreadableError, UnicodeDecodeError):
                            log.warning("Something unreadable came by Redis.")
            except (redis.RedisError, OSError) as error:
                await patience.wait(error)

    def _carry(self, batch: Sequence[Envelope]) -> None:
        try:
            with self._client.pipeline(transaction=False) as together:
                for envelope in batch:
                    together.publish(self._channel, envelope.packed())
                together.execute()
        except redis.RedisError as error:
            raise ConnectionError("Redis did not take the broadcast") from error
