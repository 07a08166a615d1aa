"""The live page on a cold phone: bytes and requests until it shows everything, beside folium's own page.

Bytes are those on the wire (bodies as sent, compressed). The floor is the page that folium writes by itself for the
same map; its third-party files cannot be fetched on a closed machine, so its requests are counted from its text.
"""

import re
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import folium
from playwright.sync_api import Browser, CDPSession, sync_playwright

from alerts.providers.console import ConsoleProvider
from alerts.states import Channel
from benchmarks import Row
from tests.browser import ARGUMENTS
from tests.phones import Companion, OverHttp, position
from tests.server import Server

MOST_BYTES = 60 * 1024
MOST_REQUESTS, MOST_REQUESTS_IN_ALL = 8, 20
COMPLETE = "() => document.querySelector('.leaflet-container svg path') !== null"
CHROMIUM = "/usr/bin/chromium"
COMPLETE_AFTER_MILLISECONDS = 5000
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}


class Wire:
    """What the browser fetched, as the protocol reports it."""

    def __init__(self, session: CDPSession) -> None:
        self.requests: list[str] = []
        self.arrived = 0
        self.bytes = 0
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_4G)
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.send("Network.setAcceptedEncodings", {"encodings": ["gzip"]})  # the budget; with brotli it is less
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


def cold(chromium: Browser, address: str) -> tuple[int, int, int, int]:
    """Bytes and requests that arrived until the page is complete, and that it asked for five seconds later."""
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.goto(address)
    page.get_by_role("button").first.click()
    page.wait_for_url("**/alert/**")
    place = page.url
    page.goto("about:blank")
    wire = Wire(page.context.new_cdp_session(page))
    page.goto(place, wait_until="commit")
    page.wait_for_function(COMPLETE)
    first = (wire.bytes, wire.arrived)
    page.wait_for_timeout(COMPLETE_AFTER_MILLISECONDS)
    return (*first, wire.bytes, len(wire.requests))


def main() -> Sequence[Row]:
    """Open the page once, cold, on a phone, and count."""
    with tempfile.TemporaryDirectory(prefix="sherif-live-") as folder, Server(Path(folder) / "data") as server:
        address = link(server)
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
            first_bytes, first, all_bytes, everything = cold(chromium, address)
            chromium.close()
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
    ]
