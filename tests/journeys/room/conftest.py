"""One installation and one Chromium for all journeys of the room; every test has a Marie of its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium

from tests import browser as chromium_browser
from tests.journeys.room.steps import ALLOWED, FAKE_DEVICES, story
from tests.server import Server


@pytest.fixture(scope="package")
def chromium() -> Iterator[Chromium]:
    """A Chromium with a camera, a microphone that beeps, and an owner who allows everything."""
    with chromium_browser.chromium(*FAKE_DEVICES, ALLOWED) as running:
        yield running


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A whole installation."""
    with Server(tmp_path_factory.mktemp("room") / "data") as running:
        yield running


@pytest.fixture
def links(server: Server) -> dict[str, str]:
    """Marie pressed the button: the links of her relatives."""
    told: dict[str, str] = story(server)["links"]
    return told
