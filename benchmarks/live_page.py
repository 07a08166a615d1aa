"""The live page on a cold phone: bytes and requests until it shows everything, beside folium's own page; Lighthouse.

Bytes are those on the wire (bodies as sent, compressed). The floor is the page that folium writes by itself for the
same map; its third-party files cannot be fetched on a closed machine, so its requests are counted from its text.
"""

import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import folium
from playwright.sync_api import Browser, CDPSession, Page, ViewportSize, sync_playwright

from alerts.providers.console import ConsoleProvider
from alerts.states import Channel
from benchmarks import ENOUGH_RUNS, Row, _lighthouse, median
from tests.browser import ARGUMENTS
from tests.phones import Companion, OverHttp, position
from tests.server import Server

MOST_BYTES = 60 * 1024
MOST_REQUESTS, MOST_REQUESTS_IN_ALL = 8, 20
LEAST_SCORE = 98
PHONE: ViewportSize = {"width": 390, "height": 844}
COMPLETE = "() => document.querySelector('.leaflet-container svg path') !== null"
CHROMIUM = "/usr/bin/chromium"
COMPLETE_AFTER_MILLISECONDS = 5000
THREE_G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # bytes, ms
MOST_SECONDS = 5
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}


class Wire:
    """What the browser fetched, as the protocol reports it."""

    def __init__(self, session: CDPSession, network: Mapping[str, Any] = SLOW_4G) -> None:
        self.requests: list[str] = []
        self.arrived = 0
        self.bytes = 0
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", dict(network))
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.send("Network.setExtraHTTPHeaders", {"headers": {"Accept-Encoding": "gzip"}})  # with brotli it is less
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._arrived)

    def _asked(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self.requests.append(event["request"]["url"])

    def _arrived(self, event: dict[str, Any]) -> None:
        self.arrived += 1
        self.bytes += int(event["encodedDataLength"])


def stock_requests() -> int:
    """How many files folium's own page asks for, itself included."""
    page = folium.Map(location=(49.4179, 2.8261), zoom_start=15).get_root().render()
    return 1 + len(re.findall(r"""<(?:script|link)[^>]+(?:src|href)=["']https?://""", page))


def link(server: Server) -> str:
    """The link in the first SMS that arrives after a double click of the demonstration's phone."""
    phone = Companion(wire=OverHttp(server.url), token=server.demo()["phone"]["token"])
    phone.click(where=position(at=datetime.now(UTC)))
    outbox = ConsoleProvider(server.data_dir)
    try:
        while True:
            for entry in outbox.entries():
                if entry.channel is Channel.SMS and (found := re.search(r"https?://\S+/r/\S+", entry.text)):
                    return found.group()
    finally:
        outbox.close()


def entered(page: Page, address: str) -> str:
    """The address of the live page behind this link, which this browser may open from now on."""
    page.goto(address)
    page.get_by_role("button").first.click()
    page.wait_for_url("**/alert/**")
    place = page.url
    page.goto("about:blank")
    return place


def cold(chromium: Browser, address: str) -> tuple[int, int, int, int]:
    """Bytes and requests that arrived until the page is complete, and that it asked for five seconds later."""
    page = chromium.new_page(viewport=PHONE)
    place = entered(page, address)
    wire = Wire(page.context.new_cdp_session(page))
    page.goto(place, wait_until="commit")
    page.wait_for_function(COMPLETE)
    first = (wire.bytes, wire.arrived)
    page.wait_for_timeout(COMPLETE_AFTER_MILLISECONDS)
    return (*first, wire.bytes, len(wire.requests))


def slow(chromium: Browser, address: str) -> float:
    """Seconds on 3G until the page is complete: the median of five."""
    taken = []
    for _ in range(ENOUGH_RUNS):
        page = chromium.new_page(viewport=PHONE)
        place = entered(page, address)
        Wire(page.context.new_cdp_session(page), THREE_G)
        began = time.monotonic()
        page.goto(place, wait_until="commit")
        page.wait_for_function(COMPLETE)
        taken.append(time.monotonic() - began)
        page.close()
    return median(taken)


def judged(address: str, profile: Path) -> Mapping[str, float]:
    """What Lighthouse says of the page behind this link."""
    with _lighthouse.telephone(profile) as (page, port):
        return _lighthouse.judge(entered(page, address), port)


def main() -> Sequence[Row]:
    """Open the page once, cold, on a phone, and count; let Lighthouse judge it five times."""
    _lighthouse.install()
    with tempfile.TemporaryDirectory(prefix="sherif-live-") as folder, Server(Path(folder) / "data") as server:
        address = link(server)
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
            first_bytes, first, all_bytes, everything = cold(chromium, address)
            seconds = slow(chromium, address)
            chromium.close()
        scores = judged(address, Path(folder) / "profile")
    stock = stock_requests()
    return [
        Row(
            claim="live page, cold, until complete",
            measured=f"{first_bytes / 1024:.0f} KB, {first} requests",
            against=f"folium's own page, {stock} requests",
            ratio=first / stock,
            to_reach="60 KB, 8 requests",
            reached=first_bytes <= MOST_BYTES and first <= MOST_REQUESTS,
        ),
        Row(
            claim="live page, cold, five seconds later",
            measured=f"{all_bytes / 1024:.0f} KB, {everything} requests",
            against="",
            ratio=None,
            to_reach="20 requests",
            reached=everything <= MOST_REQUESTS_IN_ALL,
        ),
        Row(
            claim="live page, cold, on 3G (400 ms, 400 kbit/s), until complete",
            measured=f"{seconds:.1f} s",
            against="",
            ratio=None,
            to_reach=f"{MOST_SECONDS} s",
            reached=seconds <= MOST_SECONDS,
        ),
        *(
            Row(
                claim=f"live page, Lighthouse 12 mobile: {name}",
                measured=f"{score:.0f} of 100, median of {_lighthouse.RUNS}",
                against="",
                ratio=None,
                to_reach=f"{LEAST_SCORE}",
                reached=score >= LEAST_SCORE,
            )
            for name, score in scores.items()
        ),
    ]
