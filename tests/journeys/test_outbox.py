"""Somebody alone with one browser plays all the parts and understands the product in a minute."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser import Browser, Window
from tests.server import Server

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(data_dir=tmp_path_factory.mktemp("outbox")) as running:
        yield running


def open_outbox(window: Window, server: Server) -> None:
    window.forgive("Permissions-Policy", "status of 409")  # a fix on its way while the alert closes is refused
    window.page.goto(f"{server.url}/outbox/")


def close(window: Window, server: Server) -> None:
    """Marie types her PIN."""
    window.page.fill("#pin", server.demo()["victim"]["pin"])
    window.page.click("#close button")
    expect(window.page.locator("#heard")).to_contain_text("Alerte fermée")


def test_two_clicks_ring_five_telephones_and_a_key_takes_charge(browser: Browser, server: Server) -> None:
    window = browser.desktop()
    open_outbox(window, server)
    page = window.page
    page.click("[data-gesture=double]")
    expect(page.locator(".call")).to_have_count(5)
    expect(page.locator(".bubble a")).to_have_count(5)
    expect(page.locator(".mail")).to_have_count(5)

    nadia = page.locator(".telephone").first
    nadia.get_by_role("button", name="1 Je prends en charge").click()
    expect(nadia.locator(".answer")).to_contain_text("vous prenez en charge")
    expect(page.locator("#hers-state")).to_contain_text("En charge : Nadia")
    window.assert_accessible()
    close(window, server)
    expect(page.locator(".bubble", has_text="FIN Marie")).to_have_count(4)  # and one in English


def test_a_walk_without_network_waits_and_leaves_when_it_is_back(browser: Browser, server: Server) -> None:
    window = browser.phone(dark=True)
    open_outbox(window, server)
    page = window.page
    page.click("[data-gesture=single]")
    expect(page.locator("#hers-state")).to_contain_text("Prévention")
    page.click("#network")
    page.select_option("#pace", "20")
    page.click("#walk")
    expect(page.locator("#hers-network")).to_contain_text("en attente d'envoi")
    page.click("#network")
    expect(page.locator("#hers-network")).to_have_text("réseau : oui")
    page.click("#walk")
    window.assert_accessible()
    close(window, server)
