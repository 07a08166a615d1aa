"""Chromium in the room: pages of the test's own, without the product's, so that only the media core is judged."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route

from responders.sfu import Media, MediaConfig
from responders.sfu.running import loop_factory
from tests.responders.sfu.callers import ROOM
from tests.responders.sfu.relay import Network, Way, network

T = TypeVar("T")
FAKE_DEVICES = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
)
_PAGE = """async ({codec, width, height}) => {
    const seated = await window.takeSeat();
    const connection = new RTCPeerConnection({iceServers: [], bundlePolicy: "max-bundle"});
    window.connection = connection;
    const times = window.times = {connected: null, first: {}};
    const listen = setInterval(async () => {
        (await connection.getStats()).forEach((one) => {
            if (one.kind === "audio" && one.jitterBufferEmittedCount) times.first[one.mid] ??= performance.now();
        });
    }, 50);
    connection.onconnectionstatechange = () => {
        if (connection.connectionState !== "connected") return;
        times.connected ??= performance.now();
        setTimeout(() => clearInterval(listen), 3000);
    };
    connection.ontrack = (event) => {
        const element = document.createElement(event.track.kind);
        element.muted = true; element.autoplay = true; element.playsInline = true; element.width = 160;
        element.srcObject = new MediaStream([event.track]);
        document.body.append(element);
        element.requestVideoFrameCallback?.((now) => times.first[event.transceiver.mid] = now);
    };
    await connection.setRemoteDescription({type: "offer", sdp: seated.offer});
    const own = connection.getTransceivers().filter((one) => one.mid[1] === String(seated.seat));
    const tracks = (await navigator.mediaDevices.getUserMedia(
        {audio: true, video: {width, height, frameRate: 20}})).getTracks();
    for (const one of own) {
        one.direction = "sendonly";
        const kind = one.receiver.track.kind;
        await one.sender.replaceTrack(tracks.find((track) => track.kind === kind));
    }
    await connection.setLocalDescription(await connection.createAnswer());
    const film = own.find((one) => one.receiver.track.kind === "video").sender;
    const parameters = film.getParameters();
    if (codec) parameters.encodings[0].codec = parameters.codecs.find((one) => one.mimeType === codec);
    await film.setParameters(parameters);
    await window.handIn(seated.seat, seated.token, connection.localDescription.sdp);
}"""
_STATS = """async ([type, counter]) => {
    const found = {};
    (await window.connection.getStats()).forEach((one) => {
        if (one.type === type && one[counter]) found[one.mid] = one;
    });
    return found;
}"""
Statistics = Mapping[str, Mapping[str, Any]]
"""What WebRTC's statistics say of each line."""


class Seats(Protocol):
    """Whoever gives seats: a core in this process, or one in its own."""

    def take(self, person: str) -> Mapping[str, Any]:
        """`seat`, `token` and `offer`."""

    def hand_in(self, seat: int, token: str, text: str) -> None:
        """The browser's answer."""


class Loop:
    """An event loop on a thread of its own: Playwright occupies the test's."""

    def __init__(self) -> None:
        self._loop = (loop_factory or asyncio.new_event_loop)()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._networks = AsyncExitStack()

    def do(self, what: Coroutine[Any, Any, T]) -> T:
        """Run it there, and wait."""
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(30)

    def network_to(self, port: int, *, up: Way | None = None, down: Way | None = None) -> Network:
        """A way to this port that loses, or is narrow."""
        return self.do(self._networks.enter_async_context(network(port, up=up, down=down)))

    def close(self) -> None:
        """End everything."""
        self.do(self._networks.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Studio(Loop):
    """A media core on that loop."""

    def __init__(self) -> None:
        super().__init__()
        self.media = self.do(Media.open(MediaConfig()))

    def take(self, person: str) -> Mapping[str, Any]:
        """A seat for this person."""
        joined = self.do(self.media.join(ROOM, person))
        return {"seat": joined.seat, "token": joined.token, "offer": joined.offer}

    def hand_in(self, seat: int, token: str, text: str) -> None:
        """The browser's answer."""
        self.do(self.media.answer(ROOM, seat, token, text))

    def network(self, *, up: Way | None = None, down: Way | None = None) -> Network:
        """A way to the core that loses, or is narrow."""
        return self.network_to(self.media.port, up=up, down=down)

    def repeated(self, seat: int) -> float:
        """All bytes of sound and pictures that went to this seat, of those that went for the first time."""
        viewing = self.media._rooms[ROOM].peers[seat].viewing
        assert viewing is not None
        outlets = viewing._outlets.values()
        return 1 + sum(outlet.repeated for outlet in outlets) / sum(outlet.sent for outlet in outlets)

    def close(self) -> None:
        """End everything."""
        self.do(self.media.close())
        super().close()


@dataclass(frozen=True)
class Filmed:
    """What somebody's camera is asked for."""

    codec: str = ""
    width: int = 640
    height: int = 360


Opens = Callable[..., Page]


@contextmanager
def pages(seats: Seats, chromium: Chromium) -> Iterator[Opens]:
    """Opens a page for somebody, in a window of their own."""
    contexts = []

    def opens(person: str, *, through: Network | None = None, film: Filmed = Filmed()) -> Page:
        context = chromium.new_context(permissions=["microphone", "camera"])
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", _blank)
        page.goto("http://localhost/")

        def take_seat() -> dict[str, Any]:
            taken = dict(seats.take(person))
            if through:
                taken["offer"] = through.rewrite(taken["offer"])
            return taken

        page.expose_function("takeSeat", take_seat)
        page.expose_function("handIn", seats.hand_in)
        page.evaluate(_PAGE, {"codec": film.codec, "width": film.width, "height": film.height})
        return page

    yield opens
    for context in contexts:
        context.close()


def _blank(route: Route) -> None:
    route.fulfill(body="<!doctype html><title>room</title>", content_type="text/html")


def received(page: Page) -> Statistics:
    """What came in on each line."""
    found: Statistics = page.evaluate(_STATS, ["inbound-rtp", "packetsReceived"])
    return found


def sent(page: Page) -> Statistics:
    """What went out on its own two lines."""
    found: Statistics = page.evaluate(_STATS, ["outbound-rtp", "packetsSent"])
    return found


def first_after(page: Page) -> dict[str, float]:
    """Milliseconds from the moment the transport was up to the first picture, or the first sound, of each line."""
    times = page.evaluate("window.times")
    return {line: at - times["connected"] for line, at in times["first"].items()}


def concealed(before: Statistics, after: Statistics, line: str) -> float:
    """The share of sound between the two looks that had to be made up."""
    heard = after[line]["totalSamplesReceived"] - before[line]["totalSamplesReceived"]
    return float((after[line]["concealedSamples"] - before[line]["concealedSamples"]) / heard)


def rate(before: Statistics, after: Statistics, what: tuple[str, str]) -> float:
    """How much a counter of a line, `(line, counter)`, grew in a second between the two looks."""
    line, counter = what
    passed = (after[line]["timestamp"] - before[line]["timestamp"]) / 1000
    return float((after[line][counter] - before[line][counter]) / passed)


def wait_for_pictures(page: Page, *lines: str, frames: int, seconds: float = 40) -> Statistics:
    """Until so many frames of each of these lines were decoded. Raises TimeoutError."""
    found: Statistics = {}
    for _ in range(int(seconds * 2)):
        found = received(page)
        if all(found.get(line, {}).get("framesDecoded", 0) >= frames for line in lines):
            return found
        page.wait_for_timeout(500)
    raise TimeoutError(str({line: found.get(line, {}).get("framesDecoded") for line in lines}))
