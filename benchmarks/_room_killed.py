"""Five people with microphones and cameras in a whole installation, whose media process is killed with signal 9."""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from aiortc import RTCSessionDescription

from benchmarks._media_people import Camera, Everybody, Piece, hanging_up, play
from tests.relatives import Relative
from tests.server import Server

PEOPLE = 5
_STREAMS = 2 * (PEOPLE - 1)
_PLAYS = 3.0
_LONGEST = 30.0
_ON_AND_ON = 3_600.0


async def killed(folder: Path, pieces: Sequence[Piece], *, times: int) -> list[float]:
    """Seconds from each kill until everybody hears and sees everybody again. Raises TimeoutError."""
    server = Server(folder / "data")
    await asyncio.to_thread(server.start)
    try:
        return [await _killed(server, pieces) for _ in range(times)]
    finally:
        await asyncio.to_thread(server.stop)


async def _killed(server: Server, pieces: Sequence[Piece]) -> float:
    """Another alert, and its relatives: one room is not asked again and again."""
    scene = await asyncio.to_thread(server.play, "rescue")
    relatives = [await asyncio.to_thread(Relative.opening, server, link) for link in scene["links"].values()]
    async with AsyncExitStack() as stack:
        await _everybody(stack, relatives, pieces)
        await asyncio.sleep(_PLAYS)
        os.kill(server.part("media"), signal.SIGKILL)
        began = time.monotonic()
        await _everybody(stack, relatives, pieces)
        return time.monotonic() - began


async def _everybody(stack: AsyncExitStack, relatives: Sequence[Relative], pieces: Sequence[Piece]) -> None:
    """Everybody sits down and sends; until all of them had all of the others. They go on sending afterwards."""
    people = await stack.enter_async_context(hanging_up())
    async with asyncio.timeout(_LONGEST):
        cameras = await asyncio.gather(*(_sit(one, people) for one in relatives))
        for camera in cameras:
            playing = asyncio.create_task(_play(camera, pieces))
            stack.callback(playing.cancel)
        while min(len(one.heard) for one in people.all) < _STREAMS:  # noqa: ASYNC110 - packets tell nobody
            await asyncio.sleep(0.01)


async def _sit(relative: Relative, people: Everybody) -> Camera:
    counting = people.new()
    seat, offer = await asyncio.to_thread(relative.take_seat)
    await counting.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    mids = [f"a{seat}", f"v{seat}"]
    for transceiver in counting.connection.getTransceivers():
        transceiver.direction = "sendonly" if transceiver.mid in mids else "recvonly"
    await counting.connection.setLocalDescription(await counting.connection.createAnswer())
    await asyncio.to_thread(relative.hand_in, seat, counting.connection.localDescription.sdp)
    await counting.connected()
    return Camera.of(counting, mids=mids, control=True)


async def _play(camera: Camera, pieces: Sequence[Piece]) -> None:
    """Until the connection ends."""
    with suppress(ConnectionError):
        await play([camera], pieces, _ON_AND_ON)
