"""The servers that the video room is measured beside, each started anew for every turn, with its people seated."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from aiortc import RTCSessionDescription
from pylibsrtp import Policy, Session

from benchmarks._media_janus import janus
from benchmarks._media_people import Camera, Counting, Piece, Played, hanging_up, play

ROOT = Path(__file__).resolve().parent.parent
_TICK = os.sysconf("SC_CLK_TCK")
_ANSWERS_WITHIN = 20.0


class Cast(Protocol):
    """People who can play the reel, and know what arrived."""

    async def play(self, pieces: Sequence[Piece], seconds: float) -> Played:
        """Play it for so long."""

    def received(self) -> int:
        """Packets so far, of all together."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A server's process and the people who are seated there."""

    pid: int
    cast: Cast

    def cpu_seconds(self) -> float:
        """What the process has used, all its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK


@dataclass(kw_only=True)
class Contender:
    """One server: how it is started anew for every turn, and what each of its streams cost in each."""

    name: str
    seats: int
    open: Callable[[], AbstractAsyncContextManager[Stage]]
    costs: list[float] = field(default_factory=list)
    """CPU milliseconds for a stream forwarded for a minute."""
    arrived: list[float] = field(default_factory=list)
    """The share of packets that arrived."""

    @property
    def streams(self) -> int:
        """Streams forwarded: each one's sound and picture to each other one."""
        return 2 * self.seats * (self.seats - 1)


@dataclass
class People:
    """People with real connections."""

    cameras: Sequence[Camera]
    watching: Sequence[Counting]

    async def play(self, pieces: Sequence[Piece], seconds: float) -> Played:
        """Play the reel on every camera."""
        return await play(self.cameras, pieces, seconds)

    def received(self) -> int:
        """Packets so far."""
        return sum(one.received for one in self.watching)


class _Server:
    """A process that is asked in lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, **question: Any) -> dict[str, Any]:
        """The answer to one question. Raises ConnectionError when the process is gone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        line = await asyncio.wait_for(self._process.stdout.readline(), _ANSWERS_WITHIN)
        if not line:
            raise ConnectionError("the server ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


@asynccontextmanager
async def _server(*command: str) -> AsyncIterator[tuple[int, asyncio.subprocess.Process]]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, cwd=ROOT, limit=1 << 20)
    try:
        yield process.pid, process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def ours(seats: int, level: str = "compiled") -> Contender:
    """Our media core with so many people, in machine code if not said otherwise."""
    name = f"ours, {seats} seats" if level == "compiled" else f"ours, level {level}"
    return Contender(name=name, seats=seats, open=lambda: _ours(seats, level))


@asynccontextmanager
async def _ours(seats: int, level: str) -> AsyncIterator[Stage]:
    async with _server(sys.executable, "-m", "benchmarks._media_core", level) as (pid, process), hanging_up() as people:
        server, room = _Server(process), uuid4().hex
        cameras = []
        for person in range(seats):
            joined = await server.ask(room=room, person=str(person))
            counting = people.new()
            await counting.connection.setRemoteDescription(RTCSessionDescription(joined["offer"], "offer"))
            mids = [f"a{joined['seat']}", f"v{joined['seat']}"]
            for transceiver in counting.connection.getTransceivers():
                transceiver.direction = "sendonly" if transceiver.mid in mids else "recvonly"
            await counting.connection.setLocalDescription(await counting.connection.createAnswer())
            text = counting.connection.localDescription.sdp
            await server.ask(room=room, seat=joined["seat"], token=joined["token"], answer=text)
            await counting.connected()
            cameras.append(Camera.of(counting, mids=mids, control=True))
        yield Stage(pid=pid, cast=People(cameras, people.all))


def videoroom(seats: int) -> Contender:
    """Janus with so many people."""
    return Contender(name="Janus", seats=seats, open=lambda: _videoroom(seats))


@asynccontextmanager
async def _videoroom(seats: int) -> AsyncIterator[Stage]:
    async with hanging_up() as people, janus(people) as (pid, desk):
        published = [await desk.publish(str(person)) for person in range(seats)]
        watching = [await desk.watch([feed for _, feed in published if feed != own]) for _, own in published]
        cameras = [camera for camera, _ in published]
        yield Stage(pid=pid, cast=People(cameras, watching))


def media_relay(seats: int) -> Contender:
    """aiortc's MediaRelay with so many people."""
    return Contender(name="MediaRelay", seats=seats, open=lambda: _media_relay(seats))


@asynccontextmanager
async def _media_relay(seats: int) -> AsyncIterator[Stage]:
    async with (
        _server(sys.executable, "-m", "benchmarks._media_core", "relay") as (pid, process),
        hanging_up() as people,
    ):
        server, cameras, watching = _Server(process), [], []
        for person in range(seats):
            counting = await _offer(server, people.new(), direction="sendonly", each=1, person=str(person))
            cameras.append(Camera.of(counting, mids=[one.mid or "" for one in counting.connection.getTransceivers()]))
        for person in range(seats):
            others = [str(other) for other in range(seats) if other != person]
            watching.append(
                await _offer(
                    server, people.new(), direction="recvonly", each=seats - 1, person=str(person), views=others
                )
            )
        yield Stage(pid=pid, cast=People(cameras, watching))


async def _offer(server: _Server, counting: Counting, *, direction: str, each: int, **question: Any) -> Counting:
    for _ in range(each):
        for kind in ("audio", "video"):
            counting.connection.addTransceiver(kind, direction=direction)
    await counting.connection.setLocalDescription(await counting.connection.createOffer())
    answer = await server.ask(offer=counting.connection.localDescription.sdp, **question)
    await counting.connection.setRemoteDescription(RTCSessionDescription(answer["answer"], "answer"))
    await counting.connected()
    return counting


class _Sockets:
    """People of the floor: a socket and a key each, nothing else."""

    def __init__(self, port: int, people: int) -> None:
        self._sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(people)]
        self._cameras = []
        self._count = 0
        for number, one in enumerate(self._sockets):
            one.connect(("127.0.0.1", port))
            one.setblocking(False)
            asyncio.get_running_loop().add_reader(one, self._read, one)
            streams = {"audio": 10 * number + 1, "video": 10 * number + 2}
            self._cameras.append(Camera(_under_an_open_key(one), streams, {"audio": 111, "video": 96}))

    def _read(self, one: socket.socket) -> None:
        one.recv(2_048)
        self._count += 1

    async def play(self, pieces: Sequence[Piece], seconds: float) -> Played:
        """Play the reel on every camera."""
        return await play(self._cameras, pieces, seconds)

    def received(self) -> int:
        """Packets so far."""
        return self._count

    def close(self) -> None:
        """Hang up."""
        for one in self._sockets:
            asyncio.get_running_loop().remove_reader(one)
            one.close()


def _under_an_open_key(one: socket.socket) -> Callable[[bytes], Awaitable[None]]:
    """Sends under the key of zeros that the floor has built in."""
    profile = Policy.SRTP_PROFILE_AEAD_AES_256_GCM
    session = Session(Policy(key=bytes(44), ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))

    async def emit(packet: bytes) -> None:
        one.send(session.protect(packet))

    return emit


def floor(seats: int, folder: Path) -> Contender:
    """The same packets in C. Raises FileNotFoundError without a compiler, or without libsrtp's headers."""
    program = folder / "floor"
    compiler = shutil.which("gcc")
    if compiler is None:
        raise FileNotFoundError("gcc is missing")
    command = [compiler, "-O2", "-o", str(program), str(Path(__file__).with_name("_media_floor.c")), "-lsrtp2"]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        raise FileNotFoundError("libsrtp2-dev is missing: apt-get install libsrtp2-dev")
    return Contender(name="C", seats=seats, open=lambda: _floor(program, seats))


@asynccontextmanager
async def _floor(program: Path, seats: int) -> AsyncIterator[Stage]:
    async with _server(str(program), str(seats)) as (pid, process):
        assert process.stdout is not None
        cast = _Sockets(int(await process.stdout.readline()), seats)
        try:
            yield Stage(pid=pid, cast=cast)
        finally:
            cast.close()
