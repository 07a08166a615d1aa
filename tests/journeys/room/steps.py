"""What people do around the room, and what they notice."""

import time
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser import Window
from tests.server import Server

FAKE_DEVICES = ("--use-fake-device-for-media-stream=device-count=2", "--allow-loopback-in-peer-connection")
ALLOWED = "--use-fake-ui-for-media-stream"
PICTURE_WITHIN = 20_000  # milliseconds: five encoders on two busy cores
SLOW = 15_000

HEARD = """async () => {
    const seen = {};
    for (const peer of window.peers) {
        if (peer.connectionState === "connected") {
            (await peer.getStats()).forEach((one) => {
                if (one.type === "inbound-rtp" && one.kind === "audio") {
                    seen[one.mid] = one.totalAudioEnergy;
                }
            });
        }
    }
    return Object.values(seen).filter((energy) => energy > 0.001).length;
}"""
FRAMES = """name => new Promise((told) => {
    const tile = [...document.querySelectorAll(".tile")].find((one) => one.innerText.includes(name));
    const video = tile?.querySelector("video");
    let frames = 0;
    const count = () => { frames += 1; frames < 5 ? video.requestVideoFrameCallback(count) : told(frames); };
    video?.requestVideoFrameCallback(count);
    setTimeout(() => told(frames), 8000);
})"""
REMEMBER_PEERS = """window.peers = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) { super(...given); window.peers.push(this); }
};"""
REMEMBER_QUESTIONS = """window.asked = 0;
window.tracks = [];
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
    window.asked += 1;
    const stream = await ask(wanted);
    window.tracks.push(...stream.getTracks());
    return stream;
};"""
OFF = "window.tracks.length > 0 && window.tracks.every((track) => track.readyState === 'ended')"
PAIR = """token => new Promise((done) => {
    indexedDB.open("carnet").onsuccess = ({ target: { result } }) => {
        const written = result.transaction("kept", "readwrite");
        written.objectStore("kept").put({ token }, "phone");
        written.oncomplete = () => { result.close(); done(); };
    };
})"""


def story(server: Server) -> Any:
    """Marie pressed the button."""
    return server.play("rescue", steps=30)


def open_page(server: Server, window: Window, link: str) -> Page:
    """A relative taps the link, then the one button."""
    window.page.add_init_script(REMEMBER_PEERS)
    window.page.goto(server.url + link)
    window.page.locator("main form button").click()
    window.page.wait_for_url("**/alert/*/")
    expect(window.page.locator("#stream")).to_have_attribute("data-state", "live", timeout=SLOW)
    return window.page


def telephone(server: Server, window: Window, token: str) -> Page:
    """Her telephone, paired with this credential."""
    window.page.add_init_script(REMEMBER_PEERS + REMEMBER_QUESTIONS)
    window.page.goto(f"{server.url}/phone/")
    expect(window.page.locator("#code")).to_be_visible()
    window.page.evaluate(PAIR, token)
    window.page.reload()
    expect(window.page.locator("#voice-main")).to_be_visible(timeout=SLOW)
    return window.page


def join(page: Page) -> Page:
    """One tap."""
    page.locator("#room-join").click()
    expect(page.locator("#dock")).to_be_visible(timeout=SLOW)
    return page


def tile(page: Page, name: str) -> Any:
    """The tile of one person."""
    return page.locator(".tile", has_text=name)


def connected(page: Page) -> None:
    """The page says that all is well."""
    expect(page.locator("#room-word[data-about=link_good], #room-word[data-about=alone]")).to_be_attached(timeout=SLOW)


def hears(page: Page, people: int) -> None:
    """So many voices reach this page."""
    deadline = time.monotonic() + SLOW / 1000
    while (heard := page.evaluate(HEARD)) < people:
        assert time.monotonic() < deadline, f"{heard} of {people} are heard"
        time.sleep(0.2)


def comes_back(page: Page, before: int) -> None:
    """A connection later than the first so many ones is up."""
    deadline = time.monotonic() + SLOW / 1000
    while not page.evaluate(f"window.peers.length > {before} && window.peers.at(-1).connectionState === 'connected'"):
        assert time.monotonic() < deadline, page.locator("#room-word").inner_text()
        time.sleep(0.05)


def sees(page: Page, name: str) -> None:
    """This person's picture moves."""
    expect(tile(page, name)).to_have_attribute("data-picture", "", timeout=PICTURE_WITHIN)
    assert page.evaluate(FRAMES, name) == 5
