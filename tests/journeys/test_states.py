"""Every state of the live page that the gallery shows: readable by everybody, whole on the smallest telephone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests import gallery
from tests.browser import Browser
from tests.journeys.stage import SEEN_WITHIN, dialled, keep_from_dialling
from tests.server import Server

pytestmark = pytest.mark.journey

SMALLEST = 320  # pixels, which is also 1280 at 400 %: WCAG 1.4.10


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("states") / "data") as running:
        yield running


@pytest.mark.parametrize(
    "state", [state for state in gallery.STATES if state.scripts], ids=lambda state: str(state.name)
)
def test_every_state_is_accessible_by_day_and_by_night_and_fits(
    server: Server, browser: Browser, state: gallery.State
) -> None:
    window = gallery.opened(server, browser, state)
    for scheme in gallery.SCHEMES:
        window.page.emulate_media(color_scheme=scheme, **state.media)
        window.assert_accessible()
    window.page.set_viewport_size({"width": SMALLEST, "height": 568})
    assert window.page.evaluate("document.documentElement.scrollWidth") <= SMALLEST
    window.assert_accessible()


_FOCUSED = """() => {
    const key = document.activeElement;
    if (key === document.body) return null;
    const box = key.getBoundingClientRect();
    const found = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return {
        name: key.getAttribute("aria-label") || key.labels?.[0]?.textContent.trim() || key.textContent.trim(),
        place: key.id || key.closest("[id]")?.id || "",
        hidden: !found || !(key.contains(found) || found.contains(key) || key.labels?.[0]?.contains(found)),
        marked: getComputedStyle(key).outlineStyle !== "none" || key.matches("input[type=radio]"),
    };
}"""
_KEYS = """() => [...document.querySelectorAll("a[href], button, summary, [tabindex='0']")]
    .filter((key) => key.checkVisibility() && !key.disabled).map((key) => key.id || key.closest("[id]")?.id || "")"""


def test_by_keyboard_alone_everything_is_reached_seen_and_done(server: Server, browser: Browser) -> None:
    window = gallery.opened(server, browser, gallery.State(name="keyboard"))
    page = window.page
    keep_from_dialling(page)
    expected = set(page.evaluate(_KEYS))
    reached: list[dict[str, object]] = []
    page.keyboard.press("Tab")
    while (focused := page.evaluate(_FOCUSED)) and len(reached) < 100:
        assert not focused["hidden"], focused  # WCAG 2.4.11
        assert focused["marked"], focused  # WCAG 2.4.7
        reached.append(focused)
        page.keyboard.press("Tab")
    assert expected <= {focused["place"] for focused in reached}

    page.keyboard.press("Tab")
    while "Je prends en charge" not in page.evaluate(_FOCUSED)["name"]:
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#charge")).to_have_text("En charge : vous", timeout=SEEN_WITHIN)
    page.locator("#call").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#seventeen")).to_be_focused()
    assert dialled(page) == ["tel:17"]
    page.keyboard.press("Escape")
    expect(page.locator("#call")).to_be_focused()
