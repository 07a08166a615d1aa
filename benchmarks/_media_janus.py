"""Janus' videoroom as Debian ships it: started on a port of its own, asked over its WebSocket."""

import asyncio
import json
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from aiortc import RTCSessionDescription
from websockets.asyncio.client import ClientConnection, connect

from benchmarks._media_people import Camera, Counting, Everybody

_ROOM = 1


@asynccontextmanager
async def janus(people: Everybody) -> AsyncIterator[tuple[int, "Desk"]]:
    """Its process id, and a desk to ask it at. Raises FileNotFoundError where it is not installed."""
    program = shutil.which("janus")
    if program is None:
        raise FileNotFoundError("janus is missing: apt-get install janus")
    port = _free_port()
    with TemporaryDirectory(prefix="sherif-janus-") as name:
        folder = Path(name)
        for file, text in _settings(port).items():
            (folder / file).write_text(text, encoding="utf-8")
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([program, "-F", name], stdout=log, stderr=log, stdin=subprocess.DEVNULL)  # noqa: ASYNC220
        try:
            async with _reach(port) as wire:
                yield process.pid, Desk(wire, people)
        finally:
            process.terminate()
            process.wait(10)


_WITHOUT = {
    "plugins": "audiobridge duktape echotest lua nosip recordplay sip streaming textroom videocall voicemail",
    "transports": "http mqtt nanomsg pfunix rabbitmq",
}


def _settings(port: int) -> dict[str, str]:
    disabled = "\n".join(
        f'{kind}: {{ disable = "{",".join(f"libjanus_{name}.so" for name in names.split())}" }}'
        for kind, names in _WITHOUT.items()
    )
    socket_only = f'ws = true; ws_port = {port}; ws_ip = "127.0.0.1"; wss = false'
    room = 'publishers = 10; bitrate = 2000000; audiocodec = "opus"; videocodec = "vp8"; fir_freq = 0'
    return {
        "janus.jcfg": f"general: {{ log_to_stdout = true; debug_level = 3; session_timeout = 0 }}\n{disabled}\n",
        "janus.transport.websockets.jcfg": f"general: {{ {socket_only} }}\n",
        "janus.plugin.videoroom.jcfg": f"room-{_ROOM}: {{ {room} }}\n",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def _reach(port: int) -> AsyncIterator[ClientConnection]:
    for _ in range(100):
        try:
            connection = await connect(f"ws://127.0.0.1:{port}", subprotocols=["janus-protocol"], proxy=None)  # type: ignore[list-item]
        except OSError:
            await asyncio.sleep(0.1)
            continue
        async with connection:
            yield connection
        return
    raise TimeoutError("Janus does not answer")


class Desk:
    """Asks Janus one thing at a time."""

    def __init__(self, wire: ClientConnection, people: Everybody) -> None:
        self._wire = wire
        self._people = people
        self._session: int | None = None

    async def _ask(self, **question: Any) -> dict[str, Any]:
        """The answer; what only says that it is coming is passed over."""
        transaction = uuid4().hex
        if self._session is not None:
            question["session_id"] = self._session
        await self._wire.send(json.dumps({**question, "transaction": transaction}))
        while True:
            answer: dict[str, Any] = json.loads(await asyncio.wait_for(self._wire.recv(), 20))
            if answer.get("transaction") == transaction and answer["janus"] != "ack":
                return answer

    async def _attach(self) -> int:
        if self._session is None:
            self._session = (await self._ask(janus="create"))["data"]["id"]
        handle: int = (await self._ask(janus="attach", plugin="janus.plugin.videoroom"))["data"]["id"]
        return handle

    async def publish(self, name: str) -> tuple[Camera, int]:
        """Somebody who sends, and the number that others watch them by."""
        handle = await self._attach()
        body = {"request": "join", "ptype": "publisher", "room": _ROOM, "display": name}
        joined = await self._ask(janus="message", handle_id=handle, body=body)
        counting = self._people.new()
        for kind in ("audio", "video"):
            counting.connection.addTransceiver(kind, direction="sendonly")
        await counting.connection.setLocalDescription(await counting.connection.createOffer())
        answer = await self._ask(
            janus="message",
            handle_id=handle,
            body={"request": "publish"},
            jsep={"type": "offer", "sdp": counting.connection.localDescription.sdp},
        )
        await counting.connection.setRemoteDescription(RTCSessionDescription(answer["jsep"]["sdp"], "answer"))
        await counting.connected()
        mids = [one.mid or "" for one in counting.connection.getTransceivers()]
        return Camera.of(counting, mids=mids), joined["plugindata"]["data"]["id"]

    async def watch(self, feeds: Sequence[int]) -> Counting:
        """Somebody who receives all of these on one connection."""
        handle = await self._attach()
        body = {"request": "join", "ptype": "subscriber", "room": _ROOM, "streams": [{"feed": feed} for feed in feeds]}
        offered = await self._ask(janus="message", handle_id=handle, body=body)
        counting = self._people.new()
        await counting.connection.setRemoteDescription(RTCSessionDescription(offered["jsep"]["sdp"], "offer"))
        await counting.connection.setLocalDescription(await counting.connection.createAnswer())
        text = counting.connection.localDescription.sdp
        started = {"request": "start", "room": _ROOM}
        await self._ask(janus="message", handle_id=handle, body=started, jsep={"type": "answer", "sdp": text})
        await counting.connected()
        return counting
