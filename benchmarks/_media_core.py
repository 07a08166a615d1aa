"""Servers for the benchmark of the video room, each a process that is asked in lines of JSON.

`compiled`, `fast`, `stock`: our media core, in machine code, or at this level from its sources. `relay`: aiortc's own
way, MediaRelay, which decodes, and encodes again for every viewer.
"""

import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from aiortc import MediaStreamTrack, RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay

from responders import machinecode

if sys.argv[1:] == ["compiled"] and not machinecode.use():
    sys.exit("It is not compiled.")

from responders.sfu import Media, MediaConfig, run
from responders.sfu.config import Level

_Answers = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


async def core(level: Level) -> _Answers:
    """Rooms of eight; `{"room", "person"}` takes a seat, `{"room", "seat", "token", "answer"}` answers."""
    media = await Media.open(MediaConfig(level=level))

    async def ask(question: dict[str, Any]) -> dict[str, Any]:
        if "answer" in question:
            await media.answer(question["room"], question["seat"], question["token"], question["answer"])
            return {}
        joined = await media.join(question["room"], question["person"])
        return {"seat": joined.seat, "token": joined.token, "offer": joined.offer}

    return ask


async def relay() -> _Answers:
    """`{"person", "offer"}` is answered; with `"views"`, by the tracks of these people."""
    relays = MediaRelay()
    tracks: defaultdict[str, list[MediaStreamTrack]] = defaultdict(list)
    connections = []

    async def ask(question: dict[str, Any]) -> dict[str, Any]:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        connections.append(connection)
        if "views" not in question:
            connection.on("track", tracks[question["person"]].append)
        await connection.setRemoteDescription(RTCSessionDescription(question["offer"], "offer"))
        wanted = [track for person in question.get("views", ()) for track in tracks[person]]
        for transceiver in connection.getTransceivers():
            track = next((one for one in wanted if one.kind == transceiver.kind), None)
            if track:
                wanted.remove(track)
                transceiver.sender.replaceTrack(relays.subscribe(track))
                transceiver.direction = "sendonly"
        await connection.setLocalDescription(await connection.createAnswer())
        return {"answer": connection.localDescription.sdp}

    return ask


async def main(name: str) -> None:
    """Answer each line of the input by a line."""
    ask = await (relay() if name == "relay" else core("stock" if name == "stock" else "fast"))
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await ask(json.loads(line))), flush=True)


if __name__ == "__main__":
    run(main(sys.argv[1]))
