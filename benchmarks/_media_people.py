"""People for the benchmark of the video room: real connections, sound and pictures encoded once and sent over and over.

Whoever receives decrypts and counts; nothing is decoded, so that the load costs little beside the server.
"""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from struct import pack
from typing import NamedTuple

from aiortc import RTCBundlePolicy, RTCConfiguration, RTCDtlsTransport, RTCPeerConnection
from aiortc.codecs.vpx import Vp8Encoder
from av import AudioFrame, CodecContext, VideoFrame

WIDTH, HEIGHT, FRAMES_A_SECOND = 640, 360, 20
BITS = 500_000
_SECONDS = 5
_CONTROL = 3
"""The number of the transport-wide extension in our offers."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One packet of the reel: when it goes, which kind it is, and what it holds."""

    at: float
    kind: str
    timestamp: int
    payload: bytes
    last: bool


def reel() -> Sequence[Piece]:
    """Five seconds of 640x360 at 20 frames and about 500 kbit/s, and of Opus at 32 kbit/s."""
    return sorted([*_pictures(), *_sounds()], key=lambda piece: piece.at)


def _pictures() -> list[Piece]:
    chance, encoder, pieces = random.Random(4), Vp8Encoder(), []  # noqa: S311 - noise
    encoder.target_bitrate = BITS
    noise = [chance.randbytes(120) for _ in range(200)]
    for number in range(_SECONDS * FRAMES_A_SECOND):
        frame = VideoFrame(width=WIDTH, height=HEIGHT, format="yuv420p")
        luma = bytearray(bytes(range(64, 192)) * (frame.planes[0].buffer_size // 128))
        step = frame.planes[0].line_size
        for row, line in enumerate(noise):
            at = (row + 2 * number % 100) * step + 4 * number % 400
            luma[at : at + 120] = line
        frame.planes[0].update(bytes(luma))
        for plane in frame.planes[1:]:
            plane.update(bytes((128,)) * plane.buffer_size)
        frame.pts, frame.time_base = number, Fraction(1, FRAMES_A_SECOND)
        payloads, timestamp = encoder.encode(frame, force_keyframe=number == 0)
        pieces += [
            Piece(number / FRAMES_A_SECOND, "video", timestamp, payload, payload is payloads[-1])
            for payload in payloads
        ]
    return pieces


def _sounds() -> list[Piece]:
    codec = CodecContext.create("libopus", "w")
    codec.bit_rate, codec.sample_rate, codec.time_base = 32_000, 48_000, Fraction(1, 48_000)
    codec.format, codec.layout = "s16", "mono"
    pieces: list[Piece] = []
    for number in range(_SECONDS * 50):
        frame = AudioFrame(format="s16", layout="mono", samples=960)
        frame.planes[0].update(random.Random(number).randbytes(1_920))  # noqa: S311 - noise
        frame.pts, frame.sample_rate, frame.time_base = 960 * number, 48_000, Fraction(1, 48_000)
        pieces += [
            Piece(len(pieces) / 50, "audio", 960 * len(pieces), bytes(packet), True) for packet in codec.encode(frame)
        ]
    return pieces


class Played(NamedTuple):
    """How many packets went, of all cameras, and how late the latest was, in seconds."""

    sent: int
    latest: float


class Counting:
    """A connection whose packets are counted and never decoded."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.received = 0
        self.heard: set[bytes] = set()
        """The streams that came."""

    @property
    def transport(self) -> RTCDtlsTransport:
        """The keys, once the connection is described."""
        return self.connection.getTransceivers()[0].sender.transport

    async def connected(self) -> None:
        """Wait for it; then only count."""
        async with asyncio.timeout(20):
            while self.connection.connectionState != "connected":  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.02)
        self.transport._handle_rtp_data = self._count  # type: ignore[method-assign]  # noqa: SLF001

    async def _count(self, data: bytes, arrival_time_ms: int) -> None:  # noqa: ARG002
        self.received += 1
        self.heard.add(data[8:12])


class Everybody:
    """All connections of one turn."""

    def __init__(self) -> None:
        self.all: list[Counting] = []

    def new(self) -> Counting:
        """One more."""
        self.all.append(Counting())
        return self.all[-1]


@asynccontextmanager
async def hanging_up() -> AsyncIterator[Everybody]:
    """Connections that are closed at the end: what is left of one turn must cost the next nothing."""
    people = Everybody()
    try:
        yield people
    finally:
        await asyncio.gather(*(one.connection.close() for one in people.all))


@dataclass
class Camera:
    """Sends the reel, as the streams that its description declares."""

    emit: Callable[[bytes], Awaitable[None]]
    streams: Mapping[str, int]
    payload_types: Mapping[str, int]
    control: bool = False
    """Whether each packet bears a transport-wide number."""
    turn: int = 0
    """How often the reel was begun."""
    _sequences: dict[str, int] = field(default_factory=lambda: {"audio": 1, "video": 1})
    _number: int = 0

    @classmethod
    def of(cls, counting: Counting, *, mids: Sequence[str], control: bool = False) -> "Camera":
        """Read the streams of these lines from the local description."""
        streams, types = {}, {}
        for section in re.split(r"(?m)^(?=m=)", counting.connection.localDescription.sdp)[1:]:
            found = re.search(r"a=mid:(\S+)", section)
            if found and found[1] in mids and (declared := re.search(r"a=ssrc:(\d+)", section)):
                streams[section[2:7]] = int(declared[1])
                types[section[2:7]] = int(re.findall(r"a=rtpmap:(\d+) (?:opus/48000/2|VP8/90000)", section)[0])
        return cls(counting.transport._send_rtp, streams, types, control)  # noqa: SLF001

    async def send(self, piece: Piece) -> None:
        """Send one packet of the reel."""
        kind = piece.kind
        extension = b""
        if self.control:
            extension = pack("!HHBHB", 0xBEDE, 1, _CONTROL << 4 | 1, self._number, 0)
            self._number = self._number + 1 & 0xFFFF
        clock = 90_000 if kind == "video" else 48_000
        head = pack(
            "!BBHII",
            0x90 if self.control else 0x80,
            (0x80 if piece.last and kind == "video" else 0) | self.payload_types[kind],
            self._sequences[kind],
            piece.timestamp + self.turn * _SECONDS * clock & 0xFFFFFFFF,
            self.streams[kind],
        )
        self._sequences[kind] = self._sequences[kind] + 1 & 0xFFFF
        await self.emit(head + extension + piece.payload)


async def play(cameras: Sequence[Camera], pieces: Sequence[Piece], seconds: float) -> Played:
    """Play the reel on all of them, each a little later than the one before. Raises ConnectionError if one is gone."""
    loop = asyncio.get_running_loop()
    began, sent, latest = loop.time(), 0, 0.0
    schedule = sorted(
        ((piece.at + 0.011 * place, place, piece) for piece in pieces for place in range(len(cameras))),
        key=lambda one: one[:2],
    )
    for turn in count():
        for camera in cameras:
            camera.turn += 1
        for at, place, piece in schedule:
            due = turn * _SECONDS + at
            if due > seconds:
                return Played(sent, latest)
            wait = began + due - loop.time()
            latest = max(latest, -wait)
            if wait > 0:
                await asyncio.sleep(wait)
            await cameras[place].send(piece)
            sent += 1
    raise AssertionError("it never ends by itself")
