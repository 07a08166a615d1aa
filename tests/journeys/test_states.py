"""Every state of the live page that the gallery shows: readable by everybody, whole on the smallest telephone."""

from collections.abc import Iterator

import pytest

from tests import gallery
from tests.browser import Browser
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
