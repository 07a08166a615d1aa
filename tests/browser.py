"""Debian's Chromium in the hands of the cast: phones, desks, the dark, scripts switched off.

Every window writes down each host that it asks, each error of its console, each refusal of the content security policy
and each uncaught error. When the test ends, whatever was not forgiven beforehand fails it.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, sync_playwright

OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
PHONE = (390, 844)
DESK = (1280, 800)
PATIENCE_MILLISECONDS = 10_000
AXE = Path(__file__).resolve().parent.parent / "node_modules/axe-core/axe.min.js"
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)


@dataclass
class Record:
    """What one window asked for and complained about."""

    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)

    def ask(self, url: str) -> None:
        """Write down the host of an address; addresses without one (data:, blob:) are the page's own."""
        if host := urlsplit(url).hostname:
            self.hosts.add(host)

    def assert_clean(self) -> None:
        """Raise AssertionError for any foreign host, and for any complaint that was not forgiven."""
        foreign = sorted(f"asked {host}" for host in self.hosts - OWN_HOSTS)
        unforgiven = [said for said in self.complaints if not any(part in said for part in self.forgiven)]
        if foreign or unforgiven:
            raise AssertionError("the browser complains:\n" + "\n".join([*foreign, *unforgiven]))


class Window:
    """One person's browser: its own cookies, its own storage, and a first page."""

    def __init__(self, context: BrowserContext, *, scripts: bool = True) -> None:
        self.context = context
        self.scripts = scripts
        self.record = Record()
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        context.on("request", lambda request: self.record.ask(request.url))
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.record.complaints.append(f"uncaught: {error.error}"))
        context.on("page", lambda page: page.on("websocket", lambda socket: self.record.ask(socket.url)))
        self.page: Page = context.new_page()

    def forgive(self, *parts: str) -> None:
        """Expect complaints that contain one of these parts: a page that is not there, a network that is cut."""
        self.record.forgiven.extend(parts)

    def assert_clean(self) -> None:
        """Raise AssertionError for a foreign host, an error of the console, a CSP refusal or an uncaught error."""
        self.record.assert_clean()

    def assert_accessible(self) -> None:
        """Raise AssertionError with every fault that axe finds on the page as it is now (WCAG 2.2 A and AA).

        Raises ValueError where scripts are off: axe is one.
        """
        self._run_axe({"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})

    def assert_readable(self) -> None:
        """The same for contrast alone: for a page that was checked whole, in other colours now."""
        self._run_axe({"runOnly": {"type": "rule", "values": ["color-contrast"]}})

    def _run_axe(self, options: dict[str, object]) -> None:
        if not self.scripts:
            raise ValueError("axe needs scripts: open the same page in another window")
        self.page.evaluate("() => document.getAnimations().forEach((one) => one.finish())")  # half-faded is no state
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        result = self.page.evaluate("options => axe.run(options)", options)
        faults = [
            f"{fault['id']}: {fault['help']}: {node['html'][:200]}"
            for fault in result["violations"]
            for node in fault["nodes"]
        ]
        if faults:
            raise AssertionError("\n".join(faults))

    def go_offline(self) -> None:
        """Cut the network of this window alone."""
        self.context.set_offline(True)

    def go_online(self) -> None:
        """Give it back."""
        self.context.set_offline(False)

    def slow_down(self, *, latency: float, bits: float) -> None:
        """Give its first page a bad network: milliseconds each way there and back, bits a second down and up."""
        session = self.context.new_cdp_session(self.page)
        session.send("Network.enable")
        speed = {"downloadThroughput": bits / 8, "uploadThroughput": bits / 8}
        session.send("Network.emulateNetworkConditions", {"offline": False, "latency": latency, **speed})

    def move_to(self, latitude: float, longitude: float, *, accuracy: float = 10) -> None:
        """Tell its pages that they are there; degrees, and metres of accuracy."""
        self.context.set_geolocation({"latitude": latitude, "longitude": longitude, "accuracy": accuracy})

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.record.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")


class Browser:
    """Opens windows and closes them."""

    def __init__(self, chromium: Chromium) -> None:
        self._chromium = chromium
        self.windows: list[Window] = []

    def phone(self, *, dark: bool = False, scripts: bool = True) -> Window:
        """A window of 390 x 844 under a thumb, allowed to know where it is."""
        return self._open(PHONE, touch=True, dark=dark, scripts=scripts)

    def desktop(self, *, dark: bool = False, scripts: bool = True) -> Window:
        """A window of 1280 x 800 with a mouse."""
        return self._open(DESK, touch=False, dark=dark, scripts=scripts)

    def dark(self) -> Window:
        """A phone at night."""
        return self.phone(dark=True)

    def no_script(self) -> Window:
        """A phone on which no script runs."""
        return self.phone(scripts=False)

    def close(self) -> None:
        """Close every window."""
        while self.windows:
            self.windows.pop().context.close()

    def _open(self, size: tuple[int, int], *, touch: bool, dark: bool, scripts: bool) -> Window:
        context = self._chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            device_scale_factor=2 if touch else 1,
            has_touch=touch,
            is_mobile=touch,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            permissions=["geolocation"] if touch else [],
        )
        window = Window(context, scripts=scripts)
        self.windows.append(window)
        return window


@contextmanager
def chromium(*more: str) -> Iterator[Chromium]:
    """A running Chromium without any window, with `more` arguments. Raises FileNotFoundError where it is missing.

    Playwright occupies the event loop of the thread that calls: nothing asynchronous runs in it until the end.
    """
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path(), args=[*ARGUMENTS, *more])
        try:
            yield running
        finally:
            running.close()


def path() -> str:
    """Where Debian's Chromium is. Raises FileNotFoundError where it is missing."""
    found = shutil.which("chromium")
    if found is None:
        raise FileNotFoundError("chromium is missing: scripts/setup-tests installs it")
    return found
