"""A running service, the story that plays in it, and people who open their links."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser import Window
from tests.server import ROOT, Server

SEEN_WITHIN = 10_000  # milliseconds: also where the socket is blocked and the page polls


_NO_ACT_PASSES = """
    const real = window.fetch;
    window.fetch = (address, how) => String(address).endsWith("/act") && !sessionStorage.network
        ? Promise.reject(new TypeError("no network")) : real(address, how);
"""


class Stage:
    """A running service and the story that plays in it."""

    def __init__(self, data_dir: Path) -> None:
        self.server = Server(data_dir=data_dir)

    def play(self, scene: str, **options: Any) -> dict[str, Any]:
        """Let something happen to Marie."""
        command = [sys.executable, "-m", "tests.responders.play", scene, json.dumps(options)]
        done = subprocess.run(
            command, cwd=ROOT, env=self.server.environment, check=True, stdout=subprocess.PIPE, text=True
        )
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    def open(self, window: Window, path: str) -> Page:
        """A person taps the link of the message, then the one button."""
        window.page.goto(self.server.url + path)
        window.page.get_by_role("button", name="Ouvrir").click()
        window.page.wait_for_url("**/alert/*/")
        if window.scripts:
            expect(window.page.locator("#stream")).to_have_attribute("data-state", "live")
        return window.page

    def swallow_acts(self, window: Window) -> None:
        """No action leaves its pages until sessionStorage.network is set; Playwright's routes let keepalive by."""
        window.context.add_init_script(_NO_ACT_PASSES)


def keep_from_dialling(page: Page) -> None:
    """A headless browser hears nothing any more once it was sent to a telephone: write down what would ring instead."""
    page.evaluate(
        """() => {
            window.dialled = [];
            document.addEventListener("click", (event) => {
                const link = event.target.closest("a[href^='tel:'], a[href^='sms:']");
                if (link && !event.defaultPrevented) {
                    window.dialled.push(link.getAttribute("href").split("body")[0]);
                    event.preventDefault();
                }
            });
        }"""
    )


def dialled(page: Page) -> list[str]:
    """What would have rung since `keep_from_dialling`."""
    numbers: list[str] = page.evaluate("window.dialled")
    return numbers


def count_screen_locks(page: Page) -> None:
    """From the next page on, the lock of the screen is one that counts and that is lost whenever the page is hidden."""
    page.add_init_script(
        """window.locks = { asked: 0, released: 0 };
        Object.defineProperty(navigator, "wakeLock", { value: { async request() {
            window.locks.asked += 1;
            const lock = { released: false, async release() { this.released = true; window.locks.released += 1; } };
            window.addEventListener("visibilitychange", () => { lock.released = true; }, true);
            return lock;
        } } });"""
    )


def locks(page: Page) -> dict[str, int]:
    """How often the page asked for the screen to stay on, and gave it back."""
    counted: dict[str, int] = page.evaluate("window.locks")
    return counted
