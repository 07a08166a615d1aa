"""People in the room without a browser: aiortc's own peers, which speak, show a picture, listen and look."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from fractions import Fraction

from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

from responders.sfu import Joined, Media, MediaConfig
from responders.sfu.layout import LINES, Kind, stream
from tests.responders.sfu.relay import Network

ROOM = "alert"
_SAMPLES, _RATE = 960, 48_000
_PICTURE_TICKS, _CLOCK = 9_000, 90_000
_WIDTH, _HEIGHT = 96, 64
PATIENCE = 30.0
_LOUD = 2_000


class Voice(MediaStreamTrack):
    """A square wave of this loudness, fifty packets a second."""

    kind = "audio"

    def __init__(self, loudness: int = 8_000) -> None:
        super().__init__()
        self._loudness = loudness
        self._next = 0
        self._began: float | None = None

    async def recv(self) -> AudioFrame:
        """The next 20 ms, when it is time."""
        await self._wait(self._next / _RATE)
        wave = b"".join(
            (self._loudness if at // 48 % 2 else -self._loudness).to_bytes(2, "little", signed=True)
            for at in range(_SAMPLES)
        )
        frame = AudioFrame(format="s16", layout="mono", samples=_SAMPLES)
        frame.planes[0].update(wave)
        frame.pts, frame.sample_rate, frame.time_base = self._next, _RATE, Fraction(1, _RATE)
        self._next += _SAMPLES
        return frame

    async def _wait(self, until: float) -> None:
        now = asyncio.get_running_loop().time()
        self._began = now if self._began is None else self._began
        await asyncio.sleep(max(0.0, self._began + until - now))


class Picture(Voice):
    """A small plain picture of this brightness, ten a second."""

    kind = "video"

    async def recv(self) -> VideoFrame:  # type: ignore[override]
        """The next picture, when it is time."""
        await self._wait(self._next / _CLOCK)
        frame = VideoFrame(width=_WIDTH, height=_HEIGHT, format="yuv420p")
        for number, plane in enumerate(frame.planes):
            plane.update(bytes((128 if number else self._loudness,)) * plane.buffer_size)
        frame.pts, frame.time_base = self._next, Fraction(1, _CLOCK)
        self._next += _PICTURE_TICKS
        return frame


class Caller:
    """One person's peer connection, and what came out of it."""

    def __init__(self, media: Media, person: str, *, brightness: int = 60) -> None:
        self.media = media
        self.person = person
        self.brightness = brightness
        self.heard: Counter[int] = Counter()
        """How many loud pieces of sound came from each seat."""
        self.seen: Counter[int] = Counter()
        """How many pictures came from each seat."""
        self.bright: dict[int, int] = {}
        """How bright the newest picture of each seat is."""
        self._streams = {
            stream(kind, seat): (self.heard if kind is Kind.AUDIO else self.seen, seat) for kind, seat in LINES
        }
        self.joined: Joined | None = None
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.connection.on("track", self._watch)
        self._watching: list[asyncio.Task[None]] = []

    @property
    def seat(self) -> int:
        """Where they sit."""
        assert self.joined is not None
        return self.joined.seat

    async def answer(self, *, wanted: int | None = None, through: Network | None = None) -> str:
        """Take a seat and write the answer, without handing it in."""
        self.joined = await self.media.join(ROOM, self.person, wanted=wanted)
        offer = through.rewrite(self.joined.offer) if through else self.joined.offer
        await self.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        for transceiver in self._own():
            track = Voice() if transceiver.kind == "audio" else Picture(self.brightness)
            transceiver.sender.replaceTrack(track)
            transceiver.direction = "sendonly"
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        return self.connection.localDescription.sdp

    def _own(self) -> list[RTCRtpTransceiver]:
        return [one for one in self.connection.getTransceivers() if one.mid in {f"a{self.seat}", f"v{self.seat}"}]

    async def join(self, *, wanted: int | None = None, through: Network | None = None) -> None:
        """Take a seat, and be connected."""
        text = await self.answer(wanted=wanted, through=through)
        await self.hand_in(text)
        await until(lambda: self.connection.connectionState == "connected")

    async def hand_in(self, text: str) -> None:
        """Give the server this answer."""
        assert self.joined is not None
        await self.media.answer(ROOM, self.seat, self.joined.token, text)

    def count_only(self) -> None:
        """From now on what arrives is counted by packets and not decoded: eight people's decoders are too many."""

        async def count(data: bytes, arrival_time_ms: int) -> None:
            counter, seat = self._streams.get(int.from_bytes(data[8:12], "big"), (Counter(), 0))
            counter[seat] += 1

        transport = self.connection.getTransceivers()[0].sender.transport
        transport._handle_rtp_data = count  # type: ignore[method-assign]

    async def leave(self) -> None:
        """Say goodbye to the server."""
        assert self.joined is not None
        await self.media.leave(ROOM, self.seat, self.joined.token)

    async def close(self) -> None:
        """Close the page."""
        await self.connection.close()
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)

    async def receives(self, *seats: int, pictures: int = 3, sounds: int = 10) -> None:
        """Wait until so much more sound and so many more pictures came from each of these seats.

        Raises TimeoutError.
        """
        heard, seen = Counter(self.heard), Counter(self.seen)
        await until(
            lambda: all(
                self.heard[seat] - heard[seat] >= sounds and self.seen[seat] - seen[seat] >= pictures for seat in seats
            )
        )

    def _watch(self, track: MediaStreamTrack) -> None:
        self._watching.append(asyncio.ensure_future(self._pump(track)))

    async def _pump(self, track: MediaStreamTrack) -> None:
        seat = int(track.id[1])
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    self.seen[seat] += 1
                    self.bright[seat] = bytes(frame.planes[0])[0]
                elif isinstance(frame, AudioFrame):
                    piece = bytes(frame.planes[0])
                    self.heard[seat] += abs(int.from_bytes(piece[:2], "little", signed=True)) > _LOUD
        except MediaStreamError:
            return


async def until(true: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
    """Wait for it. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for says nothing when it comes
            await asyncio.sleep(0.02)


@asynccontextmanager
async def server(config: MediaConfig) -> AsyncIterator[Media]:
    """A media core for one test."""
    media = await Media.open(config)
    try:
        yield media
    finally:
        await media.close()
