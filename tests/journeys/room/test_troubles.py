"""What goes wrong around the room, and what goes on: a process that dies, networks, refused and missing devices."""

import os
import signal
import time

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests import browser as chromium_browser
from tests.browser import ARGUMENTS, Browser
from tests.journeys.room.steps import (
    ALLOWED,
    FAKE_DEVICES,
    OFF,
    SLOW,
    comes_back,
    connected,
    hears,
    join,
    open_page,
    sees,
    story,
    telephone,
    tile,
)
from tests.phones import Companion, OverHttp, position
from tests.server import Server

pytestmark = pytest.mark.journey

BACK_WITHIN = 5.0  # seconds after a kill -9
HALF_IS_LOST = """() => {
    const counts = new Map([["lost", { type: "remote-inbound-rtp", fractionLost: 0.5 }]]);
    window.peers.at(-1).getStats = () => Promise.resolve(counts);
}"""


def the_page_goes_on(pages: list[Page], phone: Companion, call: Page) -> None:
    """Her telephone says where she is, somebody taps 17: every page shows both."""
    assert phone.send([position(49.42001, 2.83001, at=phone.now())]).status == 202
    call.locator("#call").click()
    for page in pages:
        expect(page.locator("#seventeen-state")).to_contain_text("Awa appelle le 17")
        expect(page.locator("#geo")).to_have_text("49.42001, 2.83001")


def test_everybody_is_back_within_five_seconds_when_the_media_process_is_killed(
    server: Server, browser: Browser
) -> None:
    """Each comes back alone, muted or not, and she too; map and 17 go on; who never joined notices nothing."""
    scene = story(server)
    nadia, thomas, awa = (
        open_page(server, browser.phone(), scene["links"][name]) for name in ("Nadia", "Thomas", "Awa")
    )
    for page in (nadia, thomas):
        join(page)
        connected(page)
    marie = telephone(server, browser.phone(), scene["phone"])
    marie.locator("#voice-main").click()
    expect(marie.locator("#voice-line")).to_contain_text("2 proches écoutent", timeout=SLOW)
    for window in browser.windows:
        window.forgive("503")  # who asks for a seat meanwhile
    expect(nadia.locator("#room-said")).to_contain_text("Marie a ouvert le micro de son téléphone")
    said = nadia.locator("#room-said").inner_text()  # perhaps together with who came before her
    thomas.locator("#microphone").click()
    nadia.locator("#camera").click()
    sees(thomas, "Nadia")
    os.kill(server.part("media"), signal.SIGKILL)
    killed = time.monotonic()
    the_page_goes_on([awa, nadia], Companion(wire=OverHttp(server.url), token=scene["phone"]), awa)
    for page in (nadia, thomas):
        comes_back(page, 1)

    assert time.monotonic() - killed <= BACK_WITHIN
    comes_back(marie, 1)
    expect(marie.locator("#voice-line")).to_contain_text("2 proches écoutent", timeout=SLOW)
    hears(thomas, 2)
    sees(thomas, "Nadia")
    expect(thomas.locator("#microphone")).to_have_attribute("aria-checked", "false")
    expect(tile(nadia, "Thomas")).to_contain_text("micro coupé", timeout=SLOW)
    assert awa.evaluate("window.peers.length") == 0
    assert nadia.locator("#room-said").inner_text() == said
    marie.get_by_role("button", name="Fermer le micro").click()
    assert marie.evaluate(OFF)
    expect(nadia.locator(".tile")).to_have_count(2, timeout=SLOW)


def test_a_network_that_comes_back_brings_the_conversation_back_and_says_when_it_is_weak(
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

    page.evaluate(HALF_IS_LOST)
    told = "Votre connexion est très faible : répétez l'essentiel."
    expect(page.locator("#room-word")).to_have_text(told, timeout=SLOW)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (FAKE_DEVICES, "Micro refusé :"),
        (("--allow-loopback-in-peer-connection", ALLOWED), "Aucun micro trouvé :"),
    ],
    ids=["refused", "no microphone"],
)
def test_who_gives_no_microphone_listens_and_from_her_nothing_leaves(
    server: Server, browser: Browser, chromium: Chromium, arguments: tuple[str, ...], sentence: str
) -> None:
    scene = story(server)
    thomas = join(open_page(server, browser.desktop(), scene["links"]["Thomas"]))
    other = chromium.browser_type.launch(executable_path=chromium_browser.path(), args=[*ARGUMENTS, *arguments])
    try:
        person = Browser(other)
        nadia = join(open_page(server, person.phone(), scene["links"]["Nadia"]))
        expect(nadia.locator("#room-word")).to_contain_text(f"{sentence} vous écoutez.")
        hears(nadia, 1)
        expect(tile(thomas, "Nadia")).to_contain_text("micro coupé", timeout=SLOW)
        expect(nadia.locator("#microphone")).to_contain_text("à autoriser")
        nadia.locator("#camera").click()
        expect(nadia.locator("#room-word")).to_contain_text("le son continue.")
        expect(nadia.locator("#call")).to_be_visible()
        hears(nadia, 1)
        marie = telephone(server, person.phone(), scene["phone"])
        marie.locator("#voice-main").click()
        expect(marie.locator("#voice-line")).to_contain_text(f"{sentence} rien n'est parti.", timeout=SLOW)
        expect(marie.locator("#voice-main")).to_have_text("Ouvrir le micro")
        expect(thomas.locator(".tile")).to_have_count(2)
        for window in person.windows:
            window.assert_clean()
        person.close()
    finally:
        other.close()


def test_a_browser_without_calls_says_so_and_keeps_everything_else(server: Server, browser: Browser) -> None:
    scene = story(server)
    marie = telephone(server, browser.phone(), scene["phone"])
    page = open_page(server, browser.phone(), scene["links"]["Nadia"])
    for one in (marie, page):
        one.evaluate("delete window.RTCPeerConnection; window.RTCPeerConnection = undefined")
    marie.locator("#voice-main").click()
    expect(marie.locator("#voice-line")).to_have_text("Ce navigateur n'envoie pas de son : micro fermé.")
    assert marie.evaluate("window.asked") == 0

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
