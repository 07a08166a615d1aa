"""What Marie does with her telephone, what the service remembers of it, and what a test waits for."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser import Window
from tests.phones import Companion, OverHttp
from tests.server import ROOT, Server

OFFLINE = "net::ERR_INTERNET_DISCONNECTED"
COMPIEGNE = (49.4179, 2.8261)
OUR_NUMBER = "+33644600000"

KEPT = """() => new Promise((resolve) => {
    const opening = indexedDB.open("carnet");
    opening.onsuccess = () => {
        const asked = opening.result.transaction("kept").objectStore("kept").getAll();
        asked.onsuccess = () => resolve(asked.result);
    };
})"""


@dataclass
class Service:
    """The service, its demonstration, and what its record says."""

    server: Server
    people: dict[str, Any]

    @property
    def other_phone(self) -> Companion:
        """Another telephone of hers: the one that the demonstration paired."""
        return Companion(wire=OverHttp(self.server.url), token=self.people["phone"]["token"])

    @property
    def pin(self) -> str:
        pin: str = self.people["victim"]["pin"]
        return pin

    @property
    def duress_pin(self) -> str:
        pin: str = self.people["victim"]["duress_pin"]
        return pin

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Lines of the record."""
        with closing(sqlite3.connect(self.server.data_dir / "sherif.sqlite3")) as record:
            return record.execute(query).fetchall()

    def latest(self, column: str) -> Any:
        """One fact of the newest alert."""
        return self.rows(f"SELECT {column} FROM alerts_alert ORDER BY opened_at DESC LIMIT 1")[0][0]  # noqa: S608

    def latitudes(self) -> list[float]:
        """The fixes of the newest alert in their order of arrival."""
        alert = self.latest("id")
        query = f"SELECT latitude, recorded_at FROM alerts_position WHERE alert_id = '{alert}' ORDER BY id"  # noqa: S608
        return [latitude for latitude, _ in self.rows(query)]

    def does(self, script: str) -> str:
        """Let somebody do something in the service; what the script prints."""
        names = (
            "from django.utils import timezone; from alerts.domain import enrolment, responding, stopping; "
            "from alerts.models import Alert, Contact, Victim; "
        )
        printed = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-v", "0", "-c", names + script],
            cwd=ROOT,
            env=self.server.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return printed.stdout

    def clicks(self) -> int:
        """How many clicks of hers the record holds."""
        count: int = self.rows("SELECT count(*) FROM alerts_click")[0][0]
        return count


def pair(window: Window, service: Service, code: str) -> None:
    """Type the code on her telephone."""
    window.page.goto(f"{service.server.url}/phone/")
    window.page.fill("#code", code)
    window.page.get_by_role("button", name="Relier", exact=True).click()
    expect(surface(window.page)).to_be_visible()
    expect(word(window.page)).to_have_text("Prêt")


def word(page: Page) -> Locator:
    return page.locator("#word")


def surface(page: Page) -> Locator:
    return page.locator("#surface")


def until(true: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait for something that the browser does not show."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


def walk(window: Window, *, stops: int, start: int = 0, apart: float = 1.0) -> list[float]:
    """She moves north, a stop each second; the latitudes of her stops."""
    latitudes = [round(COMPIEGNE[0] + (start + stop + 1) * 1e-4, 6) for stop in range(stops)]
    for latitude in latitudes:
        window.move_to(latitude, COMPIEGNE[1])
        window.page.wait_for_timeout(apart * 1000)
    return latitudes


def end(window: Window, pin: str) -> None:
    """Type a code in the window that ends the alert."""
    window.page.get_by_role("button", name="Terminer").click()
    window.page.fill("#pin", pin)
    window.page.get_by_role("button", name="Valider").click()
