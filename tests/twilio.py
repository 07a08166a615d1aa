"""A small Twilio of our own: takes what the real client sends, remembers it, misbehaves on request, signs its hooks."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

from twilio.request_validator import RequestValidator

ACCOUNT = "AC" + "0" * 32
TOKEN = "token-of-the-stand-in"
SECOND_TOKEN = "second-token-of-the-stand-in"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One text or call that the network took."""

    sid: str
    kind: str
    form: Mapping[str, str]
    at: datetime


@dataclass
class Network:
    """What the network took so far, and how it behaves: one `mood` per coming request, then it is well again.

    Moods: "drop" takes the message and closes the line without an answer, "hang" takes it and answers after
    `hang_seconds`, a number answers that HTTP status, (status, code) adds an error code of Twilio.
    """

    url: str = ""
    taken: list[Taken] = field(default_factory=list)
    moods: list[Any] = field(default_factory=list)
    hang_seconds: float = 2.0
    lists: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock)

    def to(self, number: str) -> list[Taken]:
        """What this telephone got."""
        with self.lock:
            return [one for one in self.taken if one.form["To"] == number]

    def take(self, kind: str, form: Mapping[str, str]) -> Taken:
        """Remember one more."""
        prefix = "SM" if kind == "Messages" else "CA"
        taken = Taken(sid=prefix + uuid4().hex, kind=kind, form=form, at=datetime.now(UTC))
        with self.lock:
            self.taken.append(taken)
        return taken


def signature(url: str, form: Mapping[str, str], token: str = TOKEN) -> str:
    """As Twilio signs a hook."""
    return str(RequestValidator(token).compute_signature(url, form))


def post(url: str, form: Mapping[str, str], *, public_url: str, token: str = TOKEN) -> int:
    """Send a signed hook to a running server whose links say `public_url`. Returns the status."""
    signed = public_url + urlsplit(url).path
    request = urllib.request.Request(  # noqa: S310 - our own port
        url, urlencode(form).encode(), {"X-Twilio-Signature": signature(signed, form, token)}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own port
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _described(taken: Taken) -> dict[str, Any]:
    at = format_datetime(taken.at)
    return {
        "sid": taken.sid,
        "account_sid": ACCOUNT,
        "to": taken.form["To"],
        "from": taken.form["From"],
        "body": taken.form.get("Body"),
        "status": "queued",
        "date_created": at,
        "date_updated": at,
        "date_sent": None,
    }


class _Door(BaseHTTPRequestHandler):
    network: Network
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Messages.json and Calls.json, form-encoded as the client sends them."""
        length = int(self.headers["Content-Length"])
        form = dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
        kind = self._kind()
        mood = self.network.moods.pop(0) if self.network.moods else None
        if isinstance(mood, int):
            return self._answer(mood, {"code": None, "message": "unwell", "status": mood})
        if isinstance(mood, tuple):
            return self._answer(mood[0], {"code": mood[1], "message": "refused", "status": mood[0]})
        taken = self.network.take(kind, form)
        if mood == "drop":
            self.close_connection = True
            return None
        if mood == "hang":
            time.sleep(self.network.hang_seconds)
        return self._answer(201, _described(taken))

    def do_GET(self) -> None:
        """Lists, newest first."""
        if not self.network.lists:
            return self._answer(503, {"message": "unwell", "status": 503})
        asked = dict(parse_qsl(urlsplit(self.path).query))
        kind = self._kind()
        found = [one for one in reversed(self.network.to(asked.get("To", ""))) if one.kind == kind]
        listed = [_described(one) for one in found]
        return self._answer(200, {kind.lower(): listed, "next_page_uri": None, "page": 0, "page_size": 50})

    def _kind(self) -> str:
        return urlsplit(self.path).path.rpartition("/")[2].removesuffix(".json")

    def _answer(self, status: int, body: Mapping[str, Any]) -> None:
        text = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
        except (BrokenPipeError, ConnectionResetError):  # the client stopped waiting, as it should
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


@contextmanager
def network() -> Iterator[Network]:
    """A running stand-in on a free port."""
    remembered = Network()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (_Door,), {"network": remembered}))
    remembered.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield remembered
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
