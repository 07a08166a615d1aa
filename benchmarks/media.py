"""The video room: what a forwarded stream costs the server, beside Janus, aiortc's MediaRelay and the same in C.

Five people, 640x360 at 20 frames and about 500 kbit/s with Opus: 20 pictures and 20 voices are forwarded. Everybody has
real connections; the servers take turns within one run, each started anew, on the same cores as the load. Janus and
libsrtp's headers are Debian packages (`janus`, `libsrtp2-dev`): where they are missing their rows say so. Ours runs in
machine code, as installations do (`make compiled`); a row says what the sources cost as they are.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import ENOUGH_RUNS, Row, median
from benchmarks._media_contenders import Contender, Stage, floor, media_relay, ours, videoroom
from benchmarks._media_people import Piece, Played, reel
from responders.sfu import run

ROOT = Path(__file__).resolve().parent.parent
SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
SEATS, MOST_SEATS, RELAY_SEATS = 5, 8, 3
OF_JANUS, OF_RELAY, OF_C, OF_FIVE = 0.7, 1 / 40, 3.5, 1.1
_NEARLY_ALL = 0.99
_WARM_UP, _REST = 1.0, 0.5
_STOOD_STILL = 1.0
_ATTEMPTS = 3


def main() -> Sequence[Row]:
    """The rows of the table; about eight minutes."""
    subprocess.run([sys.executable, ROOT / "scripts/compile"], check=True)
    return run(_main())


async def _main() -> Sequence[Row]:
    pieces = reel()
    with TemporaryDirectory(prefix="sherif-media-") as name:
        five, eight = ours(SEATS), ours(MOST_SEATS)
        sources, stock = ours(SEATS, "fast"), ours(SEATS, "stock")
        janus = videoroom(SEATS)
        c = _perhaps(lambda: floor(SEATS, Path(name)))
        relay = media_relay(RELAY_SEATS)
        there = [one for one in (five, janus, c, eight, sources, stock, relay) if one]
        for _ in range(ENOUGH_RUNS):
            for contender in list(there):
                try:
                    await _turn(contender, pieces)
                except FileNotFoundError as error:
                    print(error, file=sys.stderr)
                    there.remove(contender)
    return _rows([five, eight, sources, stock], janus=janus, c=c, relay=relay)


def _perhaps(make: Callable[[], Contender]) -> Contender | None:
    """The contender, or None where what it needs is not installed."""
    try:
        return make()
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return None


async def _turn(contender: Contender, pieces: Sequence[Piece]) -> None:
    """One figure. A machine that stood still meanwhile, or a connection lost to that, is no figure: once more.

    Raises TimeoutError, ConnectionError: it failed three times.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with contender.open() as stage:
                await stage.cast.play(pieces, _WARM_UP)
                await asyncio.sleep(_REST)
                spent, arrived, played = await _play(stage, pieces)
        except (ConnectionError, TimeoutError) as error:
            if attempt == _ATTEMPTS:
                raise
            print(f"{contender.name}: {error!r}; once more", file=sys.stderr)
            continue
        if played.latest < _STOOD_STILL:
            contender.costs.append(1_000 * spent / contender.streams / (SECONDS / 60))
            contender.arrived.append(arrived / played.sent / (contender.seats - 1))
            return
        print(f"{contender.name}: the load was {played.latest:.1f} s late; once more", file=sys.stderr)
    raise TimeoutError(f"{contender.name}: this machine cannot play the reel in time")


async def _play(stage: Stage, pieces: Sequence[Piece]) -> tuple[float, int, Played]:
    before, received = stage.cpu_seconds(), stage.cast.received()
    played = await stage.cast.play(pieces, SECONDS)
    await asyncio.sleep(_REST)
    return stage.cpu_seconds() - before, stage.cast.received() - received, played


def _rows(own: Sequence[Contender], *, janus: Contender, c: Contender | None, relay: Contender) -> Sequence[Row]:
    five, eight, sources, stock = own
    whole = min(five.arrived)
    return [
        _beside(f"video room, {SEATS} seats, {five.streams} streams", five, janus, most=OF_JANUS),
        _beside("the same, of aiortc's MediaRelay with three seats", five, relay, most=OF_RELAY),
        _beside("the same, of the packets alone in C", five, c, most=OF_C),
        _beside(f"video room, {MOST_SEATS} seats, {eight.streams} streams", eight, five, most=OF_FIVE),
        _beside("the same, as it comes, not compiled", sources, janus, most=None),
        _beside("the way back, level stock", stock, janus, most=None),
        Row(
            claim="packets that arrive meanwhile, at five seats and at eight",
            measured=f"{100 * whole:.1f} % and {100 * min(eight.arrived):.1f} %",
            against="all",
            ratio=None,
            to_reach=f">= {100 * _NEARLY_ALL:.0f} %",
            reached=min(whole, *eight.arrived) >= _NEARLY_ALL,
        ),
    ]


def _beside(claim: str, own: Contender, other: Contender | None, *, most: float | None) -> Row:
    cost = median(own.costs)
    there = other if other and other.costs else None
    ratio = cost / median(there.costs) if there else None
    return Row(
        claim=claim,
        measured=f"{cost:.0f} ms CPU for a stream-minute",
        against=f"{there.name}, {median(there.costs):.0f} ms" if there else "not installed",
        ratio=ratio,
        to_reach="reported" if most is None else f"<= {most:.3g}",
        reached=most is None or (ratio is not None and ratio <= most),
    )
