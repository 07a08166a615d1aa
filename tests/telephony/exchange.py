"""The HTTP door of the stand-in: one thread per connection, kept alive, as the real client's pool uses it."""

import json
import socket
import struct
import sys
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.server import free_port

_WAITING = 512  # connections that may wait to be accepted: a burst of workers must not meet a full queue
_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request; `at` is when it arrived (UTC)."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    user: str
    password: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is answered after `after` seconds, or how the line breaks instead: "" | "closes" | "resets"."""

    status: int = 200
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    breaks: str = ""


class _Door(BaseHTTPRequestHandler):
    """Translates between the wire and `Exchange.decide`."""

    exchange: "Exchange"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """A send, a change."""
        self._serve()

    def do_GET(self) -> None:
        """A list, one by its SID."""
        self._serve()

    def _serve(self) -> None:
        at = datetime.now(UTC)
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        user, _, password = _credentials(self.headers.get("Authorization", "")).partition(":")
        answer = self.exchange.decide(
            Request(
                method=self.command,
                path=parts.path,
                query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                form=_joined(parse_qsl(body, keep_blank_values=True)),
                user=user,
                password=password,
                at=at,
            )
        )
        if answer.after:
            time.sleep(answer.after)
        if answer.breaks:
            self.close_connection = True
            if answer.breaks == "resets":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            return
        self._write(answer)

    def _write(self, answer: Answer) -> None:
        text = json.dumps(answer.body).encode()
        lines = [f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('Unwell',))[0]}"]
        sent = {"Content-Type": "application/json", "Content-Length": str(len(text)), **answer.headers}
        lines += [f"{name}: {value}" for name, value in sent.items()]
        try:
            self.wfile.write("\r\n".join([*lines, "", ""]).encode() + text)  # one packet: no 40 ms of Nagle
        except OSError:  # the client stopped waiting, as it should
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


def _credentials(header: str) -> str:
    kind, _, value = header.partition(" ")
    return b64decode(value).decode() if kind == "Basic" else ""


def _joined(pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """A name that is sent several times (StatusCallbackEvent) becomes one, its values apart by spaces."""
    form: dict[str, str] = {}
    for name, value in pairs:
        form[name] = f"{form[name]} {value}" if name in form else value
    return form


class _Server(ThreadingHTTPServer):
    """Knows its open connections, so that a network that dies hangs up on everybody."""

    request_queue_size = _WAITING
    daemon_threads = True

    def __init__(self, address: tuple[str, int], door: type[_Door]) -> None:
        super().__init__(address, door)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        if request.fileno() >= 0 and request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == _AT_ONCE:
            request.close()
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that breaks the line is no news; anything else is a fault of the stand-in and printed."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the other side was first


class Exchange:
    """A port that answers what `decide` says; it can stop listening and begin again on the same port."""

    def __init__(self, decide: Callable[[Request], Answer], *, port: int = 0) -> None:
        self.decide = decide
        # A port that is named stays the socket's own while it does not listen; one that the system chose would not.
        self._server = _Server(("127.0.0.1", port or free_port()), type("Door", (_Door,), {"exchange": self}))
        self._thread: threading.Thread | None = None
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def open(self) -> None:
        """Take connections; Linux lets the same socket listen again after a shutdown, its port stays ours."""
        if self._thread is None:
            self._server.socket.listen(_WAITING)
            self._thread = threading.Thread(
                target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True, name="exchange"
            )
            self._thread.start()

    def refuse(self) -> None:
        """Refuse connections and hang up on those that are open."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
            self._server.socket.shutdown(socket.SHUT_RDWR)
        self._server.hang_up()

    def close(self) -> None:
        """The end."""
        self.refuse()
        self._server.server_close()
