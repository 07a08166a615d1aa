"""Chromium in the room: pages of the test's own, without the product's, so that only the media core is judged."""

import asyncio
import re
import shutil
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, sync_playwright

from responders.sfu import Media, MediaConfig
from responders.sfu.running import loop_factory
from tests.browser import ARGUMENTS
from tests.responders.sfu.callers import ROOM
from tests.responders.sfu.relay import Network, Way, network

pytestmark = [pytest.mark.journey, pytest.mark.slow]
_T = TypeVar("_T")
_MEDIA = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
)
_PAGE = """async (codec) => {
    const seated = await window.takeSeat();
    const connection = new RTCPeerConnection({iceServers: [], bundlePolicy: "max-bundle"});
    window.connection = connection;
    connection.ontrack = (event) => {
        const element = document.createElement(event.track.kind);
        element.muted = true; element.autoplay = true; element.playsInline = true;
        element.srcObject = new MediaStream([event.track]);
        document.body.append(element);
    };
    await connection.setRemoteDescription({type: "offer", sdp: seated.offer});
    const own = connection.getTransceivers().filter((one) => one.mid[1] === String(seated.seat));
    const wanted = {audio: true, video: {width: 640, height: 360, frameRate: 20}};
    const tracks = (await navigator.mediaDevices.getUserMedia(wanted)).getTracks();
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
_STATS = """async () => {
    const found = {};
    (await window.connection.getStats()).forEach((one) => {
        if (one.type === "inbound-rtp" && one.packetsReceived) found[one.mid] = one;
    });
    return found;
}"""


class Studio:
    """A media core on a loop and a thread of its own: Playwright occupies the test's."""

    def __init__(self) -> None:
        self._loop = (loop_factory or asyncio.new_event_loop)()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._networks = AsyncExitStack()
        self.media = self.do(Media.open(MediaConfig()))

    def do(self, what: Coroutine[Any, Any, _T]) -> _T:
        """Run it there, and wait."""
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(30)

    def network(self, *, up: Way | None = None, down: Way | None = None) -> Network:
        """A way to the core that loses, or is narrow."""
        return self.do(self._networks.enter_async_context(network(self.media.port, up=up, down=down)))

    def close(self) -> None:
        """End everything."""
        self.do(self._networks.aclose())
        self.do(self.media.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def studio() -> Iterator[Studio]:
    running = Studio()
    yield running
    running.close()


@pytest.fixture(scope="module")
def chromium_that_films() -> Iterator[Chromium]:
    path = shutil.which("chromium")
    assert path is not None
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *_MEDIA])
        yield running
        running.close()


@pytest.fixture
def people(studio: Studio, chromium_that_films: Chromium) -> Iterator[Callable[..., Page]]:
    """Opens a page for somebody, in a window of their own."""
    with _people(studio, chromium_that_films) as opens:
        yield opens


@contextmanager
def _people(studio: Studio, chromium: Chromium) -> Iterator[Callable[..., Page]]:
    contexts = []

    def opens(person: str, *, through: Network | None = None, codec: str = "") -> Page:
        context = chromium.new_context(permissions=["microphone", "camera"])
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", _blank)
        page.goto("http://localhost/")

        def take_seat() -> dict[str, object]:
            joined = studio.do(studio.media.join(ROOM, person))
            offer = through.rewrite(joined.offer) if through else joined.offer
            return {"seat": joined.seat, "token": joined.token, "offer": offer}

        page.expose_function("takeSeat", take_seat)
        page.expose_function(
            "handIn", lambda seat, token, text: studio.do(studio.media.answer(ROOM, seat, token, text))
        )
        page.evaluate(_PAGE, codec)
        return page

    yield opens
    for context in contexts:
        context.close()


def _blank(route: Route) -> None:
    route.fulfill(body="<!doctype html><title>room</title>", content_type="text/html")


def received(page: Page) -> dict[str, dict[str, Any]]:
    """What WebRTC's statistics say of each line that came in."""
    found: dict[str, dict[str, Any]] = page.evaluate(_STATS)
    return found


def wait_for_pictures(page: Page, *lines: str, frames: int, seconds: float = 40) -> dict[str, dict[str, Any]]:
    """Until so many frames of each of these lines were decoded."""
    found: dict[str, dict[str, Any]] = {}
    for _ in range(int(seconds * 2)):
        found = received(page)
        if all(found.get(line, {}).get("framesDecoded", 0) >= frames for line in lines):
            return found
        page.wait_for_timeout(500)
    raise TimeoutError(str({line: found.get(line, {}).get("framesDecoded") for line in lines}))


def test_three_pages_hear_and_see_each_other(people: Callable[..., Page]) -> None:
    pages = [people(person) for person in ("nadia", "thomas", "awa")]

    for seat, page in enumerate(pages):
        others = [other for other in range(3) if other != seat]
        found = wait_for_pictures(page, *(f"v{other}" for other in others), frames=100)
        for other in others:
            assert found[f"v{other}"]["packetsLost"] == 0
            assert found[f"v{other}"]["frameWidth"] >= 320
            assert found[f"a{other}"]["packetsLost"] == 0
            assert found[f"a{other}"]["packetsReceived"] > 100
            assert found[f"a{other}"]["concealedSamples"] < found[f"a{other}"]["totalSamplesReceived"] / 4


def test_h264_is_forwarded_as_well(people: Callable[..., Page]) -> None:
    people("nadia", codec="video/H264")
    thomas = people("thomas")

    found = wait_for_pictures(thomas, "v0", frames=40)

    codec = thomas.evaluate(
        "async (id) => (await window.connection.getStats()).get(id).mimeType", found["v0"]["codecId"]
    )
    assert codec == "video/H264"


@pytest.mark.parametrize("way", ["up", "down"])
def test_no_picture_freezes_where_one_packet_in_twenty_is_lost(
    studio: Studio, people: Callable[..., Page], way: str
) -> None:
    between = studio.network(**{way: Way(loss=0.05)})
    nadia, thomas = people("nadia", through=between), people("thomas")
    watching, line = (thomas, "v0") if way == "up" else (nadia, "v1")
    before = wait_for_pictures(watching, line, frames=40)[line]

    after = wait_for_pictures(watching, line, frames=before["framesDecoded"] + 200)[line]

    assert (between.up if way == "up" else between.down).lost > 10
    assert after["totalFreezesDuration"] - before["totalFreezesDuration"] < 1
    assert studio.media.stats()["pictures_paused"] == 0


def test_a_thin_link_keeps_the_sound_and_gets_the_picture_back(studio: Studio, people: Callable[..., Page]) -> None:
    people("thomas")
    people("awa")
    between = studio.network(down=Way(bits=300_000))
    nadia = people("nadia", through=between)
    nadia.wait_for_timeout(12_000)
    before = received(nadia)

    nadia.wait_for_timeout(20_000)

    after = received(nadia)
    for line in ("a0", "a1"):
        heard = after[line]["totalSamplesReceived"] - before[line]["totalSamplesReceived"]
        concealed = after[line]["concealedSamples"] - before[line]["concealedSamples"]
        assert concealed < 0.04 * heard
    assert studio.media.stats()["pictures_paused"] > 0
    between.down.bits = None
    decoded = {line: after[line]["framesDecoded"] for line in after if re.match("v", line)}
    for _ in range(50):
        nadia.wait_for_timeout(500)
        found = received(nadia)
        if any(found[line]["framesDecoded"] > decoded[line] + 20 for line in decoded):
            return
    raise AssertionError("no picture came back within 25 seconds")
