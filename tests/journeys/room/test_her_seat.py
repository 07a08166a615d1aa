"""Her own seat: her microphone and her camera, by her own hand on her telephone and by nothing else."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Browser
from tests.journeys.room.steps import OFF, SLOW, hears, join, open_page, sees, story, telephone, tile
from tests.people import PIN
from tests.server import Server

pytestmark = pytest.mark.journey

RECEIVED = """async () => {
    let packets = 0;
    (await window.peers.at(-1).getStats()).forEach((one) => {
        packets += one.type === "inbound-rtp" ? one.packetsReceived : 0;
    });
    return packets;
}"""


def opens_her_microphone(marie: Page, nadia: Page) -> None:
    """One tap; her page says who listens, and Nadia hears her."""
    marie.get_by_role("button", name="Ouvrir le micro").click()
    expect(marie.locator("#voice-line")).to_have_text("Micro ouvert : un proche écoute.", timeout=SLOW)
    expect(tile(nadia, "Marie")).to_contain_text("micro ouvert", timeout=SLOW)


def test_she_lets_her_relatives_hear_and_see_what_happens_and_her_telephone_stays_silent(
    server: Server, browser: Browser
) -> None:
    scene = story(server)
    thomas = open_page(server, browser.desktop(), scene["links"]["Thomas"])
    nadia = join(open_page(server, browser.phone(), scene["links"]["Nadia"]))
    window = browser.phone(dark=True)
    marie = telephone(server, window, scene["phone"])

    opens_her_microphone(marie, nadia)
    expect(thomas.locator("#room-who")).to_have_text("Le micro de Marie est ouvert")
    expect(tile(nadia, "Marie")).to_contain_text("Marie, téléphone")
    expect(nadia.locator("#room-said")).to_have_text("Marie a ouvert le micro de son téléphone")
    expect(nadia.locator("#room-word")).to_have_text("Marie ne vous entend pas, son téléphone reste muet.")
    hears(nadia, 1)
    assert marie.evaluate(RECEIVED) == 0

    marie.get_by_role("button", name="Ajouter l'image").click()
    expect(marie.locator("#voice-line")).to_contain_text("caméra arrière")
    sees(nadia, "Marie")
    window.assert_accessible()
    marie.get_by_role("button", name="Autre caméra").click()
    expect(marie.locator("#voice-line")).to_contain_text("caméra avant")
    marie.get_by_role("button", name="Retirer l'image").click()
    expect(tile(nadia, "Marie")).not_to_have_attribute("data-picture", "", timeout=SLOW)

    marie.get_by_role("button", name="Entendre tout haut").click()
    expect(nadia.locator("#room-word")).to_contain_text("Marie vous entend tout haut", timeout=SLOW)
    hears(marie, 1)
    hears(nadia, 1)

    marie.get_by_role("button", name="Terminer").click()
    marie.fill("#pin", PIN)
    marie.get_by_role("button", name="Valider").click()
    expect(marie.locator("#word")).to_have_text("Terminé", timeout=SLOW)
    expect(marie.locator("#voice")).to_be_hidden()
    assert marie.evaluate(OFF)


def test_nothing_from_afar_opens_her_microphone_and_whatever_she_does_to_leave_closes_it(
    server: Server, browser: Browser
) -> None:
    """Paul may be one of her contacts, answer for the service, or run a script on her page: it takes her hand."""
    scene = story(server)
    marie = telephone(server, browser.phone(), scene["phone"])
    asked: list[str] = []
    marie.on("request", lambda request: asked.append(request.url))
    nadia = join(open_page(server, browser.phone(), scene["links"]["Nadia"]))
    nadia.locator("#camera").click()
    with marie.expect_response("**/api/v1/alert"):
        marie.evaluate("document.getElementById('voice-main').click()")
        marie.evaluate(
            "document.getElementById('voice-main').dispatchEvent(new MouseEvent('click', { bubbles: true }))"
        )
    expect(tile(nadia, "Vous")).to_have_attribute("data-picture", "", timeout=SLOW)
    assert marie.evaluate("window.asked") == 0
    assert not [url for url in asked if "room" in url]

    opens_her_microphone(marie, nadia)
    marie.reload()
    expect(marie.get_by_role("button", name="Ouvrir le micro")).to_be_visible()
    expect(nadia.locator(".tile")).to_have_count(1, timeout=SLOW)
    assert marie.evaluate("window.asked") == 0

    opens_her_microphone(marie, nadia)
    marie.evaluate(f"addEventListener('leaving', () => sessionStorage.setItem('off', {OFF}))")
    marie.route("**/exit/", lambda route: route.fulfill(body="weather"))
    marie.get_by_role("link", name="Quitter vite").click()
    expect(marie.get_by_text("weather")).to_be_visible()
    assert marie.evaluate("sessionStorage.getItem('off')") == "true", "it is closed before the way out has answered"
    expect(nadia.locator(".tile")).to_have_count(1, timeout=SLOW)
