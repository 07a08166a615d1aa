"""The map in a hand: with pictures, without, in the whole screen, and when her place gets old."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Browser, Window
from tests.server import Server
from tests.tileserver import Mood, TileServer, tile_server

pytestmark = pytest.mark.journey

SEEN_WITHIN = 15_000  # milliseconds
QUIMPER = {"latitude": 47.9960, "longitude": -4.1025}


@pytest.fixture(scope="module")
def tiles() -> Iterator[TileServer]:
    with tile_server() as running:
        yield running


@pytest.fixture(scope="module")
def server(tiles: TileServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("map"), environ={"SHERIF_TILES": f"{tiles.url}#© Les rues"}) as running:
        yield running


def look(server: Server, window: Window, story: dict[str, Any], *, ground: str) -> Page:
    """Nadia opens the link and sees the map."""
    window.page.goto(server.url + story["links"]["Nadia"])
    window.page.get_by_role("button", name="Ouvrir").click()
    window.page.wait_for_url("**/alert/*/")
    expect(window.page.locator("#map")).to_have_attribute("data-ground", ground, timeout=SEEN_WITHIN)
    return window.page


def test_streets_come_from_our_own_origin_and_the_map_follows_her(
    server: Server, browser: Browser, tiles: TileServer
) -> None:
    tiles.mood = Mood.WELL
    story = server.play("rescue", steps=40)
    page = look(server, browser.desktop(), story, ground="pictures")

    expect(page.locator("img.leaflet-tile-loaded").first).to_be_visible()
    expect(page.locator(".map-source")).to_have_text("© Les rues")
    back = page.get_by_role("button", name="Revenir à Marie")
    expect(back).to_be_hidden()
    page.locator("#map_live").focus()
    for _step in range(4):
        page.keyboard.press("ArrowLeft")
    back.click()
    expect(back).to_be_hidden()
    server.play("move", alert=story["alert"], **QUIMPER)
    expect(page.locator(".her-name")).to_be_in_viewport(timeout=SEEN_WITHIN)
    box = page.locator("#map").bounding_box()
    hers = page.locator(".map path.her").bounding_box()
    assert box
    assert hers
    assert abs(hers["x"] + hers["width"] / 2 - box["width"] / 2) < box["width"] / 4


def test_without_streets_the_communes_are_named_and_the_page_falls_quiet(
    server: Server, browser: Browser, tiles: TileServer
) -> None:
    tiles.mood = Mood.FAILING
    story = server.play("rescue")
    server.play("move", alert=story["alert"], latitude=48.5734, longitude=7.7521)
    tiles.asked.clear()
    window = browser.phone()
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url) if "/tiles/" in request.url else None)
    page = look(server, window, story, ground="outlines")

    expect(page.locator(".commune.own")).to_have_text("Strasbourg", timeout=SEEN_WITHIN)
    expect(page.locator(".map-source")).to_have_text("© IGN Admin Express, INSEE")
    expect(page.locator(".ring-name > span").first).to_be_visible()
    assert len(asked) == 1, "one picture is tried, then none"

    server.play("age", alert=story["alert"], seconds=900)
    page.reload()
    expect(page.locator("#map")).to_have_attribute("data-state", "lost")
    expect(page.locator(".her-name")).to_contain_text("PERDUE, vue à")
    page.get_by_role("button", name="Explorer la carte").click()
    expect(page.locator("#title")).to_be_hidden()
    expect(page.locator("#fix")).to_contain_text("PERDUE depuis")
    expect(page.locator("#call")).to_be_in_viewport()
    expect(page.locator(".quick-exit")).to_be_in_viewport()
    assert page.locator("#map_live").evaluate("map => getComputedStyle(map).touchAction") == "none"
    window.assert_accessible()
    page.go_back()
    expect(page.locator("#title")).to_be_visible()
    assert page.locator("#map_live").evaluate("map => getComputedStyle(map).touchAction") == "pan-x pan-y"
