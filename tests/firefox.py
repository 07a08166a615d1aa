"""Firefox ESR as Debian ships it, through its own remote protocol (WebDriver BiDi, a W3C draft): no driver between.

Small on purpose: open, look, click, type, wait. One `Firefox` holds several people, each in a container of their own.
"""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.browser import DESK, PHONE, Record

PATIENCE_SECONDS = 10.0
START_SECONDS = 60.0
PREFERENCES: Mapping[str, bool | int | str] = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "geo.prompt.testing": True,
    "geo.prompt.testing.allow": True,
    "intl.accept_languages": "fr, en",
    "media.navigator.permission.disabled": True,
    "media.navigator.streams.fake": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    # Whatever is not this machine ends at a port where nobody listens.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "services.settings.server": "data:,nothing",
    "toolkit.telemetry.enabled": False,
}


class FirefoxError(Exception):
    """Firefox did not start, or refused a command; the message is its own."""


class _Wire:
    """Commands with their answers, one at a time; events are handed to the record as they come."""

    def __init__(self, connection: ClientConnection, record: Record) -> None:
        self._connection = connection
        self._record = record
        self._sent = 0

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of one command. Raises FirefoxError with Firefox's reason, TimeoutError without any answer."""
        self._sent += 1
        self._connection.send(json.dumps({"id": self._sent, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(timeout=START_SECONDS))
            if message["type"] == "event":
                self._hear(message["method"], message["params"])
            elif message["id"] == self._sent:
                if message["type"] == "error":
                    raise FirefoxError(f"{method}: {message['error']}: {message['message']}")
                result: dict[str, Any] = message["result"]
                return result

    def _hear(self, method: str, event: Mapping[str, Any]) -> None:
        if method == "network.beforeRequestSent":
            self._record.ask(event["request"]["url"])
        elif method == "network.responseCompleted" and event["response"]["status"] >= HTTPStatus.BAD_REQUEST:
            self._record.complaints.append(f"answer {event['response']['status']}: {event['response']['url']}")
        elif method == "log.entryAdded" and event["level"] == "error":
            self._record.complaints.append(f"{event['type']}: {event['text']}")


class Tab:
    """One person's page, with cookies of its own."""

    def __init__(self, wire: _Wire, context: str) -> None:
        self._wire = wire
        self._context = context

    def open(self, url: str) -> None:
        """Go there and wait until it is loaded."""
        self._wire.ask("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited if it is a promise, as JSON carries it."""
        wrapped = f"(async () => JSON.stringify(await ({expression})) ?? 'null')()"
        target = {"context": self._context}
        answer = self._wire.ask("script.evaluate", expression=wrapped, target=target, awaitPromise=True)
        if answer["type"] != "success":
            raise FirefoxError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def address(self) -> str:
        """Where the page is now."""
        return str(self.evaluate("location.href"))

    def text(self) -> str:
        """What a person reads on the page."""
        return str(self.evaluate("document.body?.innerText ?? ''"))

    def click(self, selector: str, *, held: float = 0.0) -> None:
        """Press the first visible element that matches a CSS selector, where a person would, `held` seconds long."""
        element = self._find(selector)
        self._call("element => element.scrollIntoView({block: 'center', behavior: 'instant'})", element)
        origin = {"type": "element", "element": element}
        gesture = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pause", "duration": int(held * 1000)},
            {"type": "pointerUp", "button": 0},
        ]
        pointer = {"type": "pointer", "id": "hand", "parameters": {"pointerType": "mouse"}, "actions": gesture}
        self._wire.ask("input.performActions", context=self._context, actions=[pointer])

    def type(self, selector: str, text: str) -> None:
        """Put the cursor into a field and type."""
        self.click(selector)
        keys = [{"type": press, "value": key} for key in text for press in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": keys}
        self._wire.ask("input.performActions", context=self._context, actions=[keyboard])

    def wait_for_text(self, text: str, *, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until the page says this. Raises AssertionError with what it says instead."""
        until = time.monotonic() + seconds
        while True:
            try:
                read = self.text()
            except FirefoxError as error:  # between two pages there is none to read
                read = str(error)
            if text in read:
                return
            if time.monotonic() > until:
                raise AssertionError(f"{text!r} not read within {seconds} s, but: {read[:1000]}")
            time.sleep(0.05)

    def screenshot(self, path: Path) -> None:
        """Write what is seen as a PNG."""
        shot = self._wire.ask("browsingContext.captureScreenshot", context=self._context)
        path.write_bytes(base64.b64decode(shot["data"]))

    def go_offline(self) -> None:
        """Cut the network of this tab alone."""
        self._network({"type": "offline"})

    def go_online(self) -> None:
        """Give it back."""
        self._network(None)

    def _network(self, conditions: Mapping[str, str] | None) -> None:
        self._wire.ask("emulation.setNetworkConditions", contexts=[self._context], networkConditions=conditions)

    def _find(self, selector: str, *, seconds: float = PATIENCE_SECONDS) -> Mapping[str, Any]:
        until = time.monotonic() + seconds
        locator = {"type": "css", "value": selector}
        while True:
            found = self._wire.ask("browsingContext.locateNodes", context=self._context, locator=locator)["nodes"]
            for node in found:
                element = {"sharedId": node["sharedId"]}
                if self._call("element => element.checkVisibility()", element):
                    return element
            if time.monotonic() > until:
                raise AssertionError(f"nothing visible matches {selector!r} within {seconds} s")
            time.sleep(0.05)

    def _call(self, function: str, element: Mapping[str, Any]) -> Any:
        answer = self._wire.ask(
            "script.callFunction",
            functionDeclaration=function,
            arguments=[element],
            target={"context": self._context},
            awaitPromise=False,
        )
        return answer.get("result", {}).get("value")


class Firefox:
    """A running Firefox; `record` holds what all its tabs asked for and complained about."""

    def __init__(self, connection: ClientConnection) -> None:
        self.record = Record()
        self._wire = _Wire(connection, self.record)
        self._wire.ask("session.new", capabilities={})
        events = ["log.entryAdded", "network.beforeRequestSent", "network.responseCompleted"]
        self._wire.ask("session.subscribe", events=events)

    def phone(self) -> Tab:
        """A tab of 390 x 844 for one more person."""
        return self._open(PHONE)

    def desktop(self) -> Tab:
        """A tab of 1280 x 800 for one more person."""
        return self._open(DESK)

    def forgive(self, *parts: str) -> None:
        """Expect complaints that contain one of these parts."""
        self.record.forgiven.extend(parts)

    def assert_clean(self) -> None:
        """Raise AssertionError for a foreign host, a refused address, an error of a console or a refusal by the CSP."""
        self._wire.ask("session.status")  # what was said before is heard before
        self.record.assert_clean()

    def _open(self, size: tuple[int, int]) -> Tab:
        person = self._wire.ask("browser.createUserContext")["userContext"]
        context = self._wire.ask("browsingContext.create", type="tab", userContext=person)["context"]
        viewport = {"width": size[0], "height": size[1]}
        self._wire.ask("browsingContext.setViewport", context=context, viewport=viewport, devicePixelRatio=2)
        self._wire.ask("emulation.setTimezoneOverride", contexts=[context], timezone="Europe/Paris")
        return Tab(self._wire, context)


def _write_preferences(profile: Path) -> None:
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")


def _protocol_address(log: Path, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        if said := re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text(errors="replace")):
            return f"{said[1]}/session"
        time.sleep(0.05)
    raise FirefoxError(log.read_text(errors="replace")[-2000:])


@contextmanager
def firefox() -> Iterator[Firefox]:
    """A running Firefox ESR with a fresh profile. Raises FileNotFoundError where Debian's package is missing."""
    path = shutil.which("firefox-esr")
    if path is None:
        raise FileNotFoundError("firefox-esr is missing: scripts/setup-tests installs it")
    with tempfile.TemporaryDirectory(prefix="sherif-firefox-", ignore_cleanup_errors=True) as name:
        profile = Path(name)
        _write_preferences(profile)
        options = ["--headless", "--no-remote", "--profile", name, "--remote-debugging-port=0"]
        log = profile / "firefox.log"
        with log.open("wb") as output:
            process = subprocess.Popen([path, *options], stdout=output, stderr=output, start_new_session=True)
        try:
            with connect(_protocol_address(log, process), max_size=None) as connection:
                yield Firefox(connection)
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # its own children with it; the profile is thrown away
            process.wait()
