"""A media core and people who call, at both levels."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from responders.sfu import Media, MediaConfig
from responders.sfu.config import Level
from tests.responders.sfu.callers import Caller, server


@pytest.fixture(params=["fast", "stock"])
def level(request: pytest.FixtureRequest) -> Level:
    """Each test that asks runs at both levels."""
    chosen: Level = request.param
    return chosen


@pytest.fixture
async def media(level: Level) -> AsyncIterator[Media]:
    """A media core on loopback."""
    async with server(MediaConfig(level=level)) as running:
        yield running


@pytest.fixture
async def callers(media: Media) -> AsyncIterator["Callers"]:
    """People who call; at the end every one of them hangs up."""
    async with AsyncExitStack() as stack:
        yield Callers(media, stack)


class Callers:
    """Makes callers, and sees that they hang up."""

    def __init__(self, media: Media, stack: AsyncExitStack) -> None:
        self._media = media
        self._stack = stack

    def call(self, person: str, *, brightness: int = 60) -> Caller:
        """Somebody who has not joined yet."""
        caller = Caller(self._media, person, brightness=brightness)
        self._stack.push_async_callback(caller.close)
        return caller

    async def join(self, *people: str, decode: bool = True) -> list[Caller]:
        """These people, seated and connected."""
        joined = [self.call(person) for person in people]
        for caller in joined:
            await caller.join()
            if not decode:
                caller.count_only()
        return joined
