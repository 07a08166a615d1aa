"""One click, five people on a live map: the whole path, as it happens, in the two browsers that Debian carries."""

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from alerts.providers.console import ConsoleProvider, Entry
from alerts.states import Channel, Gesture
from tests.browser import Browser
from tests.firefox import Firefox, Tab
from tests.phones import Companion, OverHttp, OwnTracks, position
from tests.server import Server

pytestmark = pytest.mark.journey

SEEN_SECONDS = 2.0
STREAM = "document.getElementById('stream').dataset.state"  # a tap before that posts the form: it works, and reloads
IN_THE_ROOM = "document.querySelector('#room-word')?.dataset.about === 'link_good'"
PICTURE_MOVES = "[...document.querySelectorAll('.tile video')].some((one) => one.videoWidth && one.currentTime > 1)"
LINK = re.compile(r"https?://\S+/r/\S+")


@dataclass
class Town:
    """The service, the telephones of the relatives, and hers."""

    server: Server
    people: dict[str, Any]

    @property
    def marie(self) -> Companion:
        """Her telephone, through the API."""
        return Companion(wire=OverHttp(self.server.url), token=self.people["phone"]["token"])

    def entries(self) -> list[Entry]:
        """Everything that the console network delivered."""
        outbox = ConsoleProvider(self.server.data_dir)
        try:
            return outbox.entries()
        finally:
            outbox.close()

    def link_for(self, name: str, *, seconds: float = 5) -> str:
        """The link in the newest SMS of this relative, as soon as there is one."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            texts = [entry.text for entry in self.entries() if entry.name == name and entry.channel is Channel.SMS]
            if texts and (found := LINK.search(texts[-1])):
                return found.group()
            time.sleep(0.05)
        raise AssertionError(f"no SMS with a link for {name}")

    def close(self, alert: str, *, pin: str = "pin", reason: str = "safe") -> None:
        """She types a PIN."""
        assert self.marie.close(alert, self.people["victim"][pin], reason).status == 200


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One service for all scenes of this file."""
    with Server(tmp_path_factory.mktemp("whole")) as server:
        yield Town(server, server.demo())


@pytest.fixture
def town(running: Town) -> Iterator[Town]:
    """The service with no alert open and nothing on the telephones."""
    outbox = ConsoleProvider(running.server.data_dir)
    outbox.clear()
    outbox.close()
    yield running
    alert = running.marie.call("GET", "/alert").json["alert"]
    if alert is not None:
        running.close(alert["id"])


def until(true: Callable[[], bool], *, seconds: float) -> float:
    """How long it took until this was true; fails after so many seconds."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.02)
    return time.monotonic() - began


def enter(page: Page, link: str) -> Page:
    """A relative taps the link of the SMS, then the one button."""
    page.goto(link)
    page.get_by_role("button", name="Ouvrir").click()
    page.wait_for_url("**/alert/*/")
    expect(page.locator("#stream")).to_have_attribute("data-state", "live")
    return page


def test_a_click_brings_two_relatives_to_a_map_that_moves_until_she_is_safe(town: Town, browser: Browser) -> None:
    """Click, SMS, link, map, charge seen by the other, 17, end: everything within two seconds of its cause."""
    where = position(49.4179, 2.8261, at=datetime.now(UTC))
    alert = town.marie.click(Gesture.DOUBLE, where=where).json["alert"]["id"]
    nadia = enter(browser.phone().page, town.link_for("Nadia"))
    thomas = enter(browser.desktop().page, town.link_for("Thomas"))
    expect(nadia.locator("#title")).to_contain_text("Marie")
    expect(nadia.locator("#geo")).to_have_text("49.41790, 2.82610")

    for step in itertools.count(1):
        fix = position(49.4179 + step / 2000, 2.8261, at=datetime.now(UTC))
        assert town.marie.call("POST", "/positions", {"sent_at": fix["recorded_at"], "positions": [fix]}).status == 202
        expect(nadia.locator("#geo")).to_have_text(f"{fix['latitude']:.5f}, 2.82610", timeout=SEEN_SECONDS * 1000)
        expect(thomas.locator("#geo")).to_have_text(f"{fix['latitude']:.5f}, 2.82610", timeout=SEEN_SECONDS * 1000)
        if step == 5:
            break
    assert nadia.locator("#map .leaflet-overlay-pane path").count() > 0

    nadia.get_by_role("button", name="Je prends en charge").click()
    expect(thomas.locator("#charge")).to_have_text("En charge : Nadia", timeout=SEEN_SECONDS * 1000)
    assert town.marie.call("GET", "/alert").json["alert"]["in_charge"] == "Nadia"

    town.close(alert)
    closed = time.monotonic()
    for page in (nadia, thomas):
        expect(page.locator("#title")).to_contain_text("a mis fin à l'alerte", timeout=SEEN_SECONDS * 1000)
    assert time.monotonic() - closed <= SEEN_SECONDS


def test_under_duress_her_phone_sees_an_end_and_the_relatives_go_on(town: Town, browser: Browser) -> None:
    alert = town.marie.click(where=position(at=datetime.now(UTC))).json["alert"]["id"]
    nadia = enter(browser.phone().page, town.link_for("Nadia"))

    town.close(alert, pin="duress_pin")

    assert town.marie.call("GET", "/alert").json == {"alert": None}
    expect(nadia.locator("#duress")).to_contain_text("considérez Marie en danger", timeout=SEEN_SECONDS * 1000)
    fix = position(49.43, 2.84, at=datetime.now(UTC))
    refused = town.marie.call("POST", "/positions", {"sent_at": fix["recorded_at"], "positions": [fix]})
    assert refused.status == 409
    expect(nadia.locator("#geo")).to_have_text("49.43000, 2.84000", timeout=SEEN_SECONDS * 1000)


def test_an_unmodified_owntracks_moves_her_on_the_map(town: Town, browser: Browser) -> None:
    town.marie.click(where=position(at=datetime.now(UTC)))
    nadia = enter(browser.phone().page, town.link_for("Nadia"))

    owntracks = OwnTracks(wire=OverHttp(town.server.url), token=town.people["phone"]["token"])
    owntracks.report(48.8566, 2.3522, at=datetime.now(UTC) + timedelta(seconds=1))  # it counts whole seconds

    expect(nadia.locator("#geo")).to_have_text("48.85660, 2.35220", timeout=SEEN_SECONDS * 1000)


def test_alone_with_one_browser_somebody_sees_the_whole_product(town: Town, browser: Browser) -> None:
    """The outbox: her three gestures, a walk, a link, a key pressed on the call."""
    desk = browser.desktop()
    desk.forgive("409")  # her walk may send one more fix while the alert closes
    page = desk.page
    page.goto(f"{town.server.url}/outbox/")
    page.get_by_role("button", name="Deux clics").click()
    telephone = page.locator(".telephone", has_text="Nadia")
    link = telephone.locator("a[href*='/r/']:visible").first
    expect(link).to_be_visible()
    page.get_by_role("button", name="Rejouer une marche").click()
    with desk.context.expect_page() as opened:
        link.click()
    live = opened.value
    live.get_by_role("button", name="Ouvrir").click()
    expect(live.locator("#stream")).to_have_attribute("data-state", "live")
    first = live.locator("#geo").inner_text()
    expect(live.locator("#geo")).not_to_have_text(first, timeout=10_000)

    page.locator(".telephone", has_text="Thomas").get_by_role("button", name="Je prends en charge").first.click()
    expect(live.locator("#charge")).to_have_text("En charge : Thomas", timeout=SEEN_SECONDS * 1000)

    page.locator("#pin").fill(town.people["victim"]["pin"])
    page.get_by_role("button", name="Fermer l'alerte").click()
    expect(live.locator("#title")).to_contain_text("a mis fin à l'alerte", timeout=SEEN_SECONDS * 1000)


def test_the_whole_path_in_firefox(town: Town, firefox: Firefox) -> None:
    alert = town.marie.click(where=position(49.4179, 2.8261, at=datetime.now(UTC))).json["alert"]["id"]
    tabs: list[Tab] = []
    for name in ("Nadia", "Thomas"):
        tab = firefox.phone()
        tab.open(town.link_for(name))
        tab.click("main button")
        tab.wait_for_text("49.41790")
        until(lambda tab=tab: tab.evaluate(STREAM) == "live", seconds=10)  # type: ignore[misc]
        tabs.append(tab)
    nadia, thomas = tabs

    fix = position(49.43, 2.84, at=datetime.now(UTC))
    assert town.marie.call("POST", "/positions", {"sent_at": fix["recorded_at"], "positions": [fix]}).status == 202
    nadia.wait_for_text("49.43000", seconds=SEEN_SECONDS)

    nadia.click("#charge-take")
    thomas.wait_for_text("En charge : Nadia", seconds=SEEN_SECONDS)

    for tab in tabs:  # as the demonstration is started: Firefox makes no call over loopback
        tab.click("#room-join")
    for tab in tabs:
        until(lambda tab=tab: tab.evaluate(IN_THE_ROOM), seconds=20)  # type: ignore[misc]
    nadia.click("#camera")
    until(lambda: thomas.evaluate(PICTURE_MOVES), seconds=20)

    town.close(alert)
    for tab in tabs:
        tab.wait_for_text("a mis fin à l'alerte", seconds=SEEN_SECONDS)


def test_nothing_of_hers_is_in_the_log(running: Town) -> None:
    said = running.server.said()
    secrets = [running.people["phone"]["token"], running.people["phone"]["osmand_id"], "+3363998", "49.4", "2.82610"]
    secrets += [LINK.search(entry.text).group() for entry in running.entries() if LINK.search(entry.text)]  # type: ignore[union-attr]
    assert [secret for secret in secrets if secret in said] == []
    assert (
        json.loads((running.server.data_dir / "demo.json").read_text())["victim"]["pin"]
        not in said.partition("PIN")[2][30:]
    )
