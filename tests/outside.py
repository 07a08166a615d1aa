"""Who watches over the service from outside: an operator's mailbox, and the one who waits for signs of life."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller

from tests.server import free_port

if TYPE_CHECKING:
    from aiosmtpd.smtp import Envelope


def wait_until(true: Callable[[], object], *, seconds: float = 10) -> bool:
    """Whether something came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return bool(true())


@dataclass
class Listener:
    """Waits for signs of life; `beats` are the moments (monotonic seconds) at which one came."""

    url: str = ""
    status: int = 200
    hangs: float = 0.0  # seconds
    beats: list[float] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


class _Door(BaseHTTPRequestHandler):
    listener: Listener

    def do_GET(self) -> None:
        """One sign of life."""
        self.listener.asked.append(self.path)
        self.listener.beats.append(time.monotonic())
        time.sleep(self.listener.hangs)
        self.send_response(self.listener.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def listener() -> Iterator[Listener]:
    """A running one; its address ends with a secret."""
    heard = Listener()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (_Door,), {"listener": heard})) as server:
        heard.url = f"http://127.0.0.1:{server.server_port}/secret-of-the-heartbeat"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield heard
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Mailbox:
    """A mail server and what it took; `url` is what EMAIL_URL wants."""

    url: str = ""
    envelopes: "list[Envelope]" = field(default_factory=list)

    @property
    def letters(self) -> list[str]:
        """Subject and body of each mail, oldest first."""
        contents = [one.content for one in self.envelopes]
        read = [message_from_bytes(one, policy=policy.default) for one in contents if isinstance(one, bytes)]
        bodies = [one.get_body(("plain",)) for one in read]
        return [
            f"{one['Subject']}\n{body.get_content() if body else ''}" for one, body in zip(read, bodies, strict=True)
        ]

    async def handle_DATA(self, *given: Any) -> str:  # noqa: N802 - the library names it
        """Keep the mail."""
        _server, _session, envelope = given
        self.envelopes.append(envelope)
        return "250 OK"


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A running mail server."""
    box = Mailbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.url = f"smtp://127.0.0.1:{port}?from=alerte@sos.exmpl.fr"
    try:
        yield box
    finally:
        controller.stop()
