"""The video room: what a forwarded stream costs the server, beside Janus, aiortc's MediaRelay and the same in C.

Five people, 640x360 at 20 frames and about 500 kbit/s with Opus: 20 pictures and 20 voices are forwarded. Everybody has
real connections; the servers take turns within one run, on the same cores as the load. Janus and libsrtp's headers are
Debian packages (`janus`, `libsrtp2-dev`): where they are missing their rows say so.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import ENOUGH_RUNS, Row, median
from benchmarks._media_contenders import Contender, floor, media_relay, ours, videoroom
from benchmarks._media_people import Piece, reel

SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
SEATS, MOST_SEATS, RELAY_SEATS = 5, 8, 3
OF_JANUS, OF_RELAY, OF_C, OF_FIVE = 0.7, 1 / 40, 3.5, 1.1
_NEARLY_ALL = 0.99
_REST = 0.5


def main() -> Sequence[Row]:
    """The rows of the table; about five minutes."""
    return asyncio.run(_main())


async def _main() -> Sequence[Row]:
    pieces = reel()
    with TemporaryDirectory(prefix="sherif-media-") as name:
        folder = Path(name)
        async with AsyncExitStack() as stack:
            five = await stack.enter_async_context(ours(SEATS))
            eight = await stack.enter_async_context(ours(MOST_SEATS))
            janus = await _perhaps(stack, lambda: videoroom(SEATS, folder))
            c = await _perhaps(stack, lambda: floor(SEATS, folder))
            relay = await stack.enter_async_context(media_relay(RELAY_SEATS))
            there = [one for one in (five, janus, c, eight, relay) if one]
            await _measure(there, pieces)
        return _rows(five, eight, janus=janus, c=c, relay=relay)


async def _perhaps(
    stack: AsyncExitStack, start: Callable[[], AbstractAsyncContextManager[Contender]]
) -> Contender | None:
    """The contender, or None where its package is not installed."""
    try:
        return await stack.enter_async_context(start())
    except FileNotFoundError:
        return None


async def _measure(contenders: Sequence[Contender], pieces: Sequence[Piece]) -> None:
    for run in range(ENOUGH_RUNS + 1):
        for contender in contenders:
            await contender.cast.play(pieces, 1.0)
            await asyncio.sleep(_REST)
            before, received = contender.cpu_seconds(), contender.cast.received()
            await contender.cast.play(pieces, SECONDS)
            await asyncio.sleep(_REST)
            spent, arrived = contender.cpu_seconds() - before, contender.cast.received() - received
            sent = sum(piece.at + 0.01 < SECONDS % 5 for piece in pieces) + int(SECONDS // 5) * len(pieces)
            if run:  # the first warms up
                contender.costs.append(1_000 * spent / contender.streams / (SECONDS / 60))
                contender.arrived.append(arrived / sent / contender.seats / (contender.seats - 1))


def _rows(
    five: Contender, eight: Contender, *, janus: Contender | None, c: Contender | None, relay: Contender
) -> Sequence[Row]:
    whole = min(five.arrived)
    return [
        _beside(f"video room, {SEATS} seats, {five.streams} streams", five, janus, most=OF_JANUS),
        _beside("the same, of aiortc's MediaRelay with three seats", five, relay, most=OF_RELAY),
        _beside("the same, of the packets alone in C", five, c, most=OF_C),
        _beside(f"video room, {MOST_SEATS} seats, {eight.streams} streams", eight, five, most=OF_FIVE),
        Row(
            claim="packets that arrive meanwhile, at five seats and at eight",
            measured=f"{100 * whole:.1f} % and {100 * min(eight.arrived):.1f} %",
            against="all",
            ratio=None,
            to_reach=f">= {100 * _NEARLY_ALL:.0f} %",
            reached=min(whole, *eight.arrived) >= _NEARLY_ALL,
        ),
    ]


def _beside(claim: str, own: Contender, other: Contender | None, *, most: float) -> Row:
    cost = median(own.costs)
    ratio = cost / median(other.costs) if other else None
    return Row(
        claim=claim,
        measured=f"{cost:.0f} ms CPU for a stream-minute",
        against=f"{other.name}, {median(other.costs):.0f} ms" if other else "not installed",
        ratio=ratio,
        to_reach=f"<= {most:.3g}",
        reached=ratio is not None and ratio <= most,
    )
