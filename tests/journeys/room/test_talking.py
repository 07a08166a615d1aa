"""The relatives see and hear each other on the live page: real browsers, real packets, a media process that dies."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests import browser as chromium_browser
from tests.browser import ARGUMENTS, Browser, Window
from tests.server import Server

pytestmark = pytest.mark.journey

FAKE_DEVICES = ("--use-fake-device-for-media-stream=device-count=2", "--allow-loopback-in-peer-connection")
ALLOWED = "--use-fake-ui-for-media-stream"
PICTURE_WITHIN = 20_000  # milliseconds: five encoders on two busy cores
BACK_WITHIN = 5.0  # seconds after a kill -9
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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """A Chromium with a camera, a microphone that beeps, and an owner who allows everything."""
    with chromium_browser.chromium(*FAKE_DEVICES, ALLOWED) as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A whole installation; every test has a Marie of its own."""
    with Server(tmp_path_factory.mktemp("room") / "data") as running:
        yield running


@pytest.fixture
def links(server: Server) -> dict[str, str]:
    """Marie pressed the button: the links of her relatives."""
    told: dict[str, str] = story(server)["links"]
    return told


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


def test_three_relatives_hear_and_see_each_other(server: Server, browser: Browser, links: dict[str, str]) -> None:
    """Sound first, then cameras; a muted microphone and a dark camera are known to the others; who leaves is gone."""
    nadia = join(open_page(server, browser.phone(), links["Nadia"]))
    thomas = open_page(server, browser.desktop(), links["Thomas"])
    expect(thomas.locator("#room-who")).to_have_text("Nadia attend les autres")
    join(thomas)
    awa = open_page(server, browser.dark(), links["Awa"])
    expect(awa.locator("#room-who")).to_have_text("Nadia et Thomas se parlent")
    join(awa)
    everybody = {"Nadia": nadia, "Thomas": thomas, "Awa": awa}
    for page in everybody.values():
        expect(page.locator(".tile")).to_have_count(3)
        hears(page, 2)
    assert nadia.locator(".tile[data-picture]").count() == 0
    expect(nadia.locator("#room-said")).to_contain_text("Awa a rejoint la conversation")
    expect(tile(thomas, "Nadia")).to_have_attribute("data-speaks", "", timeout=SLOW)

    nadia.locator("#camera").click()
    awa.locator("#camera").click()
    for name, page in everybody.items():
        for other in {"Nadia", "Awa"} - {name}:
            sees(page, other)

    nadia.locator("#microphone").click()
    expect(nadia.locator("#microphone")).to_have_attribute("aria-checked", "false")
    nadia.locator("#camera").click()
    expect(tile(thomas, "Nadia")).to_contain_text("micro coupé", timeout=SLOW)
    expect(tile(thomas, "Nadia")).not_to_have_attribute("data-picture", "", timeout=SLOW)

    nadia.locator("#hang-up").click()
    expect(nadia.locator("#room")).to_have_count(0)
    expect(nadia.locator("#room-who")).to_have_text("Thomas et Awa se parlent")
    expect(thomas.locator(".tile")).to_have_count(2)
    awa.close()
    expect(thomas.locator(".tile")).to_have_count(1)
    expect(nadia.locator("#room-who")).to_have_text("Thomas attend les autres")


def test_the_map_the_roles_and_the_17_stay_within_reach(
    server: Server, browser: Browser, links: dict[str, str]
) -> None:
    for window in (browser.phone(), browser.desktop(dark=True)):
        page = join(open_page(server, window, links["Nadia"]))
        connected(page)
        for key in ("#call", "#microphone", "#camera", "#hang-up"):
            box = page.locator(key).bounding_box()
            assert box is not None
            assert box["height"] >= 48
        for key in ("#call", "#map .canvas", "#microphone"):
            assert page.evaluate(
                """key => {
                    const place = document.querySelector(key).getBoundingClientRect();
                    const found = document.elementFromPoint(place.left + place.width / 4, place.top + place.height / 2);
                    return found?.closest(key) !== null || found?.id === "map-swap";
                }""",
                key,
            ), f"{key} is covered"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        window.assert_accessible()
        page.locator("#map-swap").click()
        height = page.locator("#map").bounding_box()
        assert height is not None
        assert height["height"] >= 300
        expect(page.locator(".tile[data-first]")).to_be_visible()
        window.assert_accessible()
        page.locator("#map-swap").click()
        page.get_by_role("button", name="J'y vais").click()
        expect(tile(page, "Vous")).to_contain_text("y va")
        page.locator("#hang-up").click()
        expect(page.locator("#room-join")).to_be_visible()


def test_everybody_is_back_within_five_seconds_when_the_media_process_is_killed(
    server: Server, browser: Browser, links: dict[str, str]
) -> None:
    """Each comes back alone, muted or not; the map and the 17 go on; who never joined notices nothing."""
    nadia, thomas, awa = (open_page(server, browser.phone(), links[name]) for name in ("Nadia", "Thomas", "Awa"))
    for page in (nadia, thomas):
        join(page)
        connected(page)
    hears(nadia, 1)
    hears(thomas, 1)
    said = "Thomas a rejoint la conversation"
    expect(nadia.locator("#room-said")).to_have_text(said)
    thomas.locator("#microphone").click()
    nadia.locator("#camera").click()
    sees(thomas, "Nadia")
    os.kill(server.part("media"), signal.SIGKILL)
    killed = time.monotonic()
    awa.locator("#call").click()
    expect(awa.locator("#seventeen-state")).to_contain_text("Awa appelle le 17")
    expect(nadia.locator("#seventeen-state")).to_contain_text("Awa appelle le 17")
    for page in (nadia, thomas):
        comes_back(page, 1)
    back = time.monotonic() - killed

    assert back <= BACK_WITHIN
    hears(thomas, 1)
    sees(thomas, "Nadia")
    expect(thomas.locator("#microphone")).to_have_attribute("aria-checked", "false")
    expect(tile(nadia, "Thomas")).to_contain_text("micro coupé", timeout=SLOW)
    assert awa.evaluate("window.peers.length") == 0
    assert nadia.locator("#room-said").inner_text() == said


def test_a_telephone_shows_what_is_in_front_of_it_and_goes_on_speaking(
    server: Server, browser: Browser, links: dict[str, str]
) -> None:
    nadia = join(open_page(server, browser.phone(), links["Nadia"]))
    thomas = join(open_page(server, browser.desktop(), links["Thomas"]))
    expect(nadia.locator("#facing")).to_be_hidden()
    nadia.locator("#camera").click()
    expect(nadia.locator("#facing")).to_contain_text("avant")
    expect(tile(nadia, "Vous")).to_have_attribute("data-mirrored", "")

    nadia.locator("#facing").click()

    expect(nadia.locator("#facing")).to_contain_text("arrière")
    expect(tile(nadia, "Vous")).not_to_have_attribute("data-mirrored", "")
    sees(thomas, "Nadia")
    hears(thomas, 1)
    assert nadia.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_end_of_the_alert_is_the_end_of_the_conversation(server: Server, browser: Browser) -> None:
    scene = story(server)
    page = join(open_page(server, browser.phone(), scene["links"]["Nadia"]))
    connected(page)

    server.play("close", alert=scene["alert"])

    expect(page.locator("#title")).to_have_text("Marie a mis fin à l'alerte")
    expect(page.locator("#dock")).to_have_count(0, timeout=2_000)
    assert page.evaluate("window.peers.every((peer) => peer.connectionState === 'closed')")
    expect(page.locator("#call")).to_be_visible()


def test_who_speaks_from_another_telephone_is_in_the_room_once(
    server: Server, browser: Browser, links: dict[str, str]
) -> None:
    first = join(open_page(server, browser.phone(), links["Nadia"]))
    connected(first)
    second = join(open_page(server, browser.desktop(), links["Nadia"]))
    connected(second)

    expect(first.locator("#room-why")).to_have_text("Vous parlez depuis un autre appareil.", timeout=SLOW)
    expect(first.locator("#dock")).to_have_count(0)
    expect(second.locator(".tile")).to_have_count(1)


def test_a_network_that_comes_back_brings_the_conversation_back(
    server: Server, browser: Browser, links: dict[str, str]
) -> None:
    window = browser.phone()
    window.forgive("ERR_INTERNET_DISCONNECTED", "WebSocket")
    page = join(open_page(server, window, links["Nadia"]))
    connected(page)
    window.go_offline()
    page.evaluate("window.peers[0].close(); window.peers[0].onconnectionstatechange?.()")
    window.go_online()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    comes_back(page, 1)
    connected(page)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (FAKE_DEVICES, "Micro refusé : vous écoutez."),
        (("--allow-loopback-in-peer-connection", ALLOWED), "Aucun micro trouvé : vous écoutez."),
    ],
    ids=["refused", "no microphone"],
)
def test_who_gives_no_microphone_listens(
    server: Server, browser: Browser, chromium: Chromium, arguments: tuple[str, ...], sentence: str
) -> None:
    links = story(server)["links"]
    thomas = join(open_page(server, browser.desktop(), links["Thomas"]))
    other = chromium.browser_type.launch(executable_path=chromium_browser.path(), args=[*ARGUMENTS, *arguments])
    try:
        person = Browser(other)
        nadia = join(open_page(server, person.phone(), links["Nadia"]))
        expect(nadia.locator("#room-word")).to_contain_text(sentence)
        hears(nadia, 1)
        expect(tile(thomas, "Nadia")).to_contain_text("micro coupé", timeout=SLOW)
        expect(nadia.locator("#microphone")).to_contain_text("à autoriser")
        nadia.locator("#camera").click()
        expect(nadia.locator("#room-word")).to_contain_text("le son continue.")
        expect(nadia.locator("#call")).to_be_visible()
        hears(nadia, 1)
        person.windows[0].assert_clean()
        person.close()
    finally:
        other.close()


def test_a_browser_without_calls_says_so_and_keeps_everything_else(
    server: Server, browser: Browser, links: dict[str, str]
) -> None:
    window = browser.phone()
    page = open_page(server, window, links["Nadia"])
    page.evaluate("delete window.RTCPeerConnection; window.RTCPeerConnection = undefined")

    page.locator("#room-join").click()

    expect(page.locator("#room-why")).to_contain_text("Ce navigateur ne permet pas de se parler ici.")
    expect(page.locator("#dock")).to_have_count(0)
    page.get_by_role("button", name="J'y vais").click()
    expect(page.locator("#people")).to_contain_text("Nadia (vous) y va")


def test_without_the_code_of_the_room_a_second_tap_tries_again(
    server: Server, browser: Browser, links: dict[str, str]
) -> None:
    window = browser.phone()
    window.forgive("net::ERR_FAILED")
    page = open_page(server, window, links["Nadia"])
    page.route("**/room/page", lambda route: route.abort())
    page.locator("#room-join").click()
    expect(page.locator("#room-who")).to_have_text("Pas de réseau : touchez pour réessayer")
    page.unroute("**/room/page")
    join(page)
    connected(page)


def test_nothing_of_the_room_is_loaded_before_somebody_joins(
    server: Server, browser: Browser, links: dict[str, str]
) -> None:
    window = browser.phone()
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url))
    page = open_page(server, window, links["Nadia"])
    page.wait_for_timeout(1_000)
    assert [url for url in asked if "room" in url.rpartition("/")[2]] == []
    join(page)
    assert [url for url in asked if "room" in url.rpartition("/")[2]]


def test_five_relatives_hear_and_see_each_other(server: Server, browser: Browser, links: dict[str, str]) -> None:
    windows = [browser.phone(), browser.desktop(), browser.dark(), browser.phone(), browser.desktop(dark=True)]
    pages = {
        name: join(open_page(server, window, links[name]))
        for name, window in zip(("Nadia", "Thomas", "Awa", "Lucie", "Yann"), windows, strict=True)
    }
    for page in pages.values():
        expect(page.locator(".tile")).to_have_count(5)
        hears(page, 4)
    for page in pages.values():
        page.locator("#camera").click()
    for name, page in pages.items():
        for other in pages.keys() - {name}:
            expect(tile(page, other)).to_have_attribute("data-picture", "", timeout=PICTURE_WITHIN)
