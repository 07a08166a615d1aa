"""Tiles of somebody else's server, one at a time for each thread, over a connection that is kept.

That server learns which squares of the country are looked at, and that this service asks: no address of a browser,
no cookie, no name. It is believed in nothing: neither its media types, nor its lengths, nor its redirections.
"""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import SHUT_RDWR, socket
from urllib.parse import urlsplit

from responders.tiles.pictures import MOST_BYTES, AbsentError, Address, AwayError, TilesError, kind_of

CONNECT_SECONDS, SECONDS = 2.0, 5.0  # until it is connected; for everything together
_HEADERS = {
    "User-Agent": "MonSherif/1.0 (tile cache of a service for people in danger)",
    "Accept": "image/png, image/jpeg, image/webp",
    "Accept-Encoding": "identity",
}
_ABSENT = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class Upstream:
    """The server behind an address with {z}, {x} and {y}. Each thread that asks holds one connection."""

    def __init__(self, template: str, *, seconds: float = SECONDS) -> None:
        self._parts = urlsplit(template)
        query = f"?{self._parts.query}" if self._parts.query else ""
        self._path = (self._parts.path or "/") + query
        self._seconds = seconds
        self._own = threading.local()
        self._open: list[HTTPConnection] = []  # one of each thread

    def fetch(self, address: Address) -> bytes:
        """One picture. Raises AbsentError or AwayError, within `seconds` once a name is resolved."""
        until = time.monotonic() + self._seconds
        kept: HTTPConnection | None = getattr(self._own, "connection", None)
        if kept is not None and kept.sock is not None:
            with suppress(ConnectionError):  # the server closed what it kept open: that is no failure
                return self._ask(kept, address, until=until)
        fresh = self._connection()
        try:
            return self._ask(fresh, address, until=until)
        except ConnectionError as error:
            raise AwayError(type(error).__name__, reached=False) from error

    def _ask(self, connection: HTTPConnection, address: Address, *, until: float) -> bytes:
        """Raises ConnectionError where the connection was cut before any answer."""
        try:
            if connection.sock is None:
                connection.connect()
            with _ending(connection.sock, at=until):
                connection.request("GET", self._filled(address), headers=_HEADERS)
                with connection.getresponse() as answer:
                    picture = _body(answer)
            _check(picture, until=until)
        except (TilesError, ConnectionError):
            connection.close()
            raise
        except (OSError, HTTPException) as error:
            connection.close()
            raise AwayError(type(error).__name__, reached=False) from error
        return picture

    def _filled(self, address: Address) -> str:
        path = self._path.replace("{z}", str(address.z))
        return path.replace("{x}", str(address.x)).replace("{y}", str(address.y))

    def close(self) -> None:
        """Hang up; for when nobody asks any more."""
        for connection in self._open:
            connection.close()

    def _connection(self) -> HTTPConnection:
        """The one of this thread, opened when it is used."""
        kept: HTTPConnection | None = getattr(self._own, "connection", None)
        if kept is None:
            kept = self._own.connection = self._made()
            self._open.append(kept)
        kept.close()
        return kept

    def _made(self) -> HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http":
            return HTTPConnection(host, port, timeout=min(CONNECT_SECONDS, self._seconds))
        context = ssl.create_default_context()
        return HTTPSConnection(host, port, timeout=min(CONNECT_SECONDS, self._seconds), context=context)


@contextmanager
def _ending(line: socket, *, at: float) -> Iterator[None]:
    """Whoever sends a drop at a time is heard until then (monotonic seconds); after that we read the end."""
    end = threading.Timer(max(at - time.monotonic(), 0), _hang_up, [line])
    end.daemon = True
    end.start()
    try:
        yield
    finally:
        end.cancel()


def _hang_up(line: socket) -> None:
    with suppress(OSError):
        line.shutdown(SHUT_RDWR)


def _body(answer: HTTPResponse) -> bytes:
    """What was answered, as far as we read. Raises AbsentError, AwayError."""
    if answer.status in _ABSENT:
        answer.read(MOST_BYTES)
        raise AbsentError
    if answer.status != HTTPStatus.OK:
        raise AwayError(f"status {answer.status}", reached=True)
    if answer.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise AwayError("compressed, which nobody asked for", reached=True)
    body = b"" if _is_huge(answer.length) else answer.read(MOST_BYTES + 1)
    if _is_huge(answer.length) or len(body) > MOST_BYTES:
        raise AwayError("too large", reached=True)
    if answer.length:
        raise AwayError("cut short", reached=True)
    return body


def _is_huge(length: int | None) -> bool:
    return length is not None and length > MOST_BYTES


def _check(picture: bytes, *, until: float) -> None:
    """Raises AwayError, or AbsentError for nothing at all. An end that we made ourselves looks like a whole picture."""
    if time.monotonic() >= until:
        raise AwayError("slow", reached=False)
    if not picture:
        raise AbsentError
    kind_of(picture)
