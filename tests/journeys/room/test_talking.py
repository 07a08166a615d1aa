"""The relatives see and hear each other on the live page: real browsers, real packets."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Browser, Window
from tests.journeys.room.steps import PICTURE_WITHIN, SLOW, connected, hears, join, open_page, sees, story, tile
from tests.server import Server

pytestmark = pytest.mark.journey


def joins_for_the_first_time(server: Server, window: Window, link: str) -> Page:
    """Until somebody joins nothing of the room is loaded: the page stays light."""
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page = open_page(server, window, link)
    assert not [name for name in asked if name.startswith("room")]
    join(page)
    assert {name.partition(".")[0] for name in asked} >= {"room", "roomcall", "roomtiles"}
    return page


def test_three_relatives_hear_and_see_each_other(server: Server, browser: Browser, links: dict[str, str]) -> None:
    """Sound first, then cameras; a muted microphone and a dark camera are known to the others; who leaves is gone."""
    nadia = joins_for_the_first_time(server, browser.phone(), links["Nadia"])
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
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#microphone")).to_be_focused()
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
