"""The live page in a real browser while the network, the bus or the server fail."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from alerts.domain import alerting
from alerts.models import Alert
from alerts.states import AlertState
from tests.browser import Browser
from tests.responders.rescue import Seated, make_rescue, move, open_link
from tests.web import ROOT, WebProcess

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
OWN_SETTINGS = {"DJANGO_SETTINGS_MODULE": "sherif_web.settings"}


@pytest.fixture(scope="module")
def static_files() -> None:
    environment = {**os.environ, **OWN_SETTINGS, "SHERIF_DATA_DIR": str(settings.SHERIF.data_dir)}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


@pytest.fixture(scope="module", autouse=True)
def rows_beside_the_browser() -> Iterator[None]:
    """Playwright's loop runs in this very thread; nothing else does, so rows may be touched from it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def rescue(transactional_db: None) -> Alert:
    return make_rescue()


@pytest.fixture
def nadia(rescue: Alert) -> Seated:
    return open_link(rescue, "Nadia")


@pytest.fixture
def web(static_files: None, rescue: Alert) -> Iterator[WebProcess]:
    running = WebProcess(OWN_SETTINGS)
    running.start()
    yield running
    running.stop()


def live_page(browser: Browser, web: WebProcess, nadia: Seated) -> Page:
    """Nadia's telephone with the live page, connected."""
    window = browser.phone()
    window.forgive("net::ERR_", "WebSocket connection", "Failed to load resource")
    window.context.add_cookies([{"name": "visit", "value": nadia.key, "url": web.url, "httpOnly": True}])
    window.page.goto(f"{web.url}/alert/{nadia.link.place}/")
    expect(state(window.page, "live")).to_be_attached()
    return window.page


def state(page: Page, name: str) -> Locator:
    """Where the page says how it is connected."""
    return page.locator(f"#stream[data-state={name}]")


def test_a_restarted_server_is_found_again_with_everything_that_happened(
    browser: Browser, web: WebProcess, rescue: Alert, nadia: Seated
) -> None:
    page = live_page(browser, web, nadia)
    web.stop(signal.SIGKILL)
    expect(state(page, "offline")).to_be_attached(timeout=8_000)
    open_link(rescue, "Thomas")
    web.start()
    expect(state(page, "live")).to_be_attached(timeout=12_000)
    expect(page.get_by_text("Thomas a ouvert le lien").first).to_be_attached()


def test_a_page_offline_comes_back_as_soon_as_the_network_does(
    browser: Browser, web: WebProcess, rescue: Alert, nadia: Seated
) -> None:
    page = live_page(browser, web, nadia)
    browser.windows[0].go_offline()
    web.stop()  # an open socket survives Chromium's switch
    expect(state(page, "offline")).to_be_attached(timeout=8_000)
    web.start()
    open_link(rescue, "Thomas")
    browser.windows[0].go_online()
    expect(state(page, "live")).to_be_attached(timeout=3_000)
    expect(page.get_by_text("Thomas a ouvert le lien").first).to_be_attached()


def test_a_network_that_blocks_sockets_still_shows_the_end_within_seconds(
    browser: Browser, web: WebProcess, rescue: Alert, nadia: Seated
) -> None:
    window = browser.phone()
    window.forgive("WebSocket connection")
    window.context.route_web_socket("**/ws/**", lambda socket: socket.close(code=1001))
    window.context.add_cookies([{"name": "visit", "value": nadia.key, "url": web.url, "httpOnly": True}])
    window.page.goto(f"{web.url}/alert/{nadia.link.place}/")
    expect(state(window.page, "polling")).to_be_attached(timeout=8_000)
    open_link(rescue, "Thomas")
    expect(window.page.get_by_text("Thomas a ouvert le lien").first).to_be_attached(timeout=5_000)
    alerting.close(rescue, AlertState.CLOSED, reason="safe", now=timezone.now())
    expect(state(window.page, "ended")).to_be_attached(timeout=5_000)


def test_the_end_reaches_the_page_within_two_seconds(
    browser: Browser, web: WebProcess, rescue: Alert, nadia: Seated
) -> None:
    page = live_page(browser, web, nadia)
    move(rescue)
    alerting.close(rescue, AlertState.CLOSED, reason="safe", now=timezone.now())
    expect(state(page, "ended")).to_be_attached(timeout=2_000)
