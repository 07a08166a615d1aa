"""A position from her phone's POST to five pages, through a real web process and its database, 200 alerts at once.

Every phone sends one fix every five seconds, as it does in an alert; each alert has five pages open. Counted is how
long after the answer to the POST the message arrives on each page: nothing where it arrives before. Phones and pages
share this one process, whose own delays are counted too.
"""

import asyncio
import itertools
import json
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from aiohttp import ClientSession, TCPConnector
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from alerts.api.pairing import INTERVAL_SECONDS
from benchmarks import ENOUGH_RUNS

ROUNDS = 3  # fixes of each phone in one run
_WAITS = 500
_CONNECTIONS = 40  # of phones on the move, each for a moment


@dataclass(kw_only=True)
class Watch:
    """When each fix was answered and seen, by its moment on the phone's clock (monotonic seconds of this process)."""

    pages: int
    answered: dict[str, float] = field(default_factory=dict)
    posts: list[float] = field(default_factory=list)
    seen: dict[str, list[float]] = field(default_factory=dict)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """All pages read their snapshot; what was stored before is in it, and is not told again."""
    waiting: int = 0
    """Pages that did not yet."""

    @property
    def delays(self) -> list[float]:
        """Milliseconds from each answer to each page, the shortest first."""
        return sorted(
            max(at - self.answered[fix], 0.0) * 1e3 for fix, pages in self.seen.items() for at in pages
        )  # fmt: skip

    @property
    def is_complete(self) -> bool:
        """Whether every fix reached every page."""
        return sum(len(pages) for pages in self.seen.values()) >= len(self.answered) * self.pages


async def measure(port: int, paths: Sequence[Sequence[str]], *, key: str) -> tuple[list[float], list[float]]:
    """The p99 of the delays, and the median of the POSTs, of each run in milliseconds.

    `paths` are those of the sockets, by alert.
    """
    late: list[float] = []
    posts: list[float] = []
    async with AsyncExitStack() as stack:
        watch = Watch(pages=len(paths[0]), waiting=sum(len(own) for own in paths))
        for path in itertools.chain.from_iterable(paths):
            cookie = {"Cookie": f"visit={key}"}
            url = f"ws://127.0.0.1:{port}{path}"
            page = await stack.enter_async_context(
                connect(url, additional_headers=cookie, compression=None, proxy=None)
            )
            stack.callback(asyncio.create_task(_read(page, watch)).cancel)
        await watch.begun.wait()
        phones = await stack.enter_async_context(ClientSession(connector=TCPConnector(limit=_CONNECTIONS)))
        for run in range(ENOUGH_RUNS + 1):
            await asyncio.sleep(1)
            watch.answered, watch.seen, watch.posts = {}, {}, []
            await _run(phones, port, len(paths), watch=watch)
            if run:  # the first warms up
                delays = watch.delays
                late.append(delays[int(len(delays) * 0.99)])
                posts.append(sorted(watch.posts)[len(watch.posts) // 2])
    return late, posts


async def _run(phones: ClientSession, port: int, alerts: int, *, watch: Watch) -> None:
    """Every phone in its turn, evenly over the interval."""
    started = time.monotonic()
    sending = []
    for step, number in enumerate(itertools.islice(itertools.cycle(range(alerts)), alerts * ROUNDS)):
        await asyncio.sleep(max(0.0, started + step * INTERVAL_SECONDS / alerts - time.monotonic()))
        sending.append(asyncio.create_task(_send(phones, port, number, watch=watch)))
    await asyncio.gather(*sending)
    for _wait in range(_WAITS):
        if watch.is_complete:
            break
        await asyncio.sleep(0.02)
    assert watch.is_complete, "positions did not reach every page"


async def _send(phones: ClientSession, port: int, number: int, *, watch: Watch) -> None:
    now = datetime.now(UTC).isoformat()
    fix = {
        "id": str(uuid4()), "latitude": 49.41791, "longitude": 2.82613, "accuracy": 12.0, "speed": 1.4,
        "heading": 120.0, "altitude": None, "battery": 61, "recorded_at": now,
    }  # fmt: skip
    began = time.monotonic()
    async with phones.post(
        f"http://127.0.0.1:{port}/api/v1/positions",
        data=json.dumps({"sent_at": now, "positions": [fix]}),
        headers={"Authorization": f"Bearer token-{number}", "Content-Type": "application/json"},
    ) as answer:
        await answer.read()
        watch.answered[now] = time.monotonic()
        watch.posts.append((watch.answered[now] - began) * 1e3)
        assert answer.status == 202, answer.status  # noqa: PLR2004 - the contract's number


async def _read(page: ClientConnection, watch: Watch) -> None:
    try:
        async for text in page:
            if isinstance(text, str) and text.startswith('{"type":"position"'):
                seen = time.monotonic()
                for position in json.loads(text)["positions"]:
                    watch.seen.setdefault(position["recorded_at"], []).append(seen)
            elif isinstance(text, str) and text.startswith('{"type":"snapshot"'):
                watch.waiting -= 1
                if not watch.waiting:
                    watch.begun.set()
    except ConnectionClosed:
        pass
