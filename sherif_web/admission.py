"""So many requests inside Django at once, so many in the queue, and an honest "busy" for the rest.

Without it every request gets a thread and a database connection of its own: a thousand copies of one click would
then stand in each other's way. Sizes measured with a thousand copies of one click at once, SQLite, two busy cores:
4 desks served 978 of them within the patience, 8 served all 1,000 in 9.6 s, 16 served 864, for writers then wait for
each other's lock instead of here.

One credential holds half of the desks at most: a phone that asks for everything at once, or whose end of an alert is
compared with two PINs, stands before nobody else. All sound together, which waits for the disk, holds half as well,
however many record: the other half is for clicks.
"""

import asyncio
import hashlib
import json
import re
from collections import Counter as Tally
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from prometheus_client import Counter, Gauge

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

DESKS = 8
WAITING = 1_500
WAITING_OF_ONE = 200
PATIENCE_SECONDS = 10.0
LARGEST_BODY = 1024 * 1024
_URGENT = re.compile(
    r"/api/v1/(?:clicks|alert/close|alert/cut-off)"
    r"|/hooks/twilio/(?:sms|voice/[^/]+/keys)/"  # a click by text, and somebody who takes charge
    r"|/(?:healthz|readyz|metrics)"
)

_SOUND = "/api/v1/recordings"

_inside = Gauge("sherif_requests_inside", "Requests inside Django")
_queued = Gauge("sherif_requests_waiting", "Requests waiting for their turn")
_refused = Counter("sherif_requests_refused", "Requests answered 503 because the queue was full or too slow")

_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
_PAGE = """<!doctype html><html lang="fr"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>%(title)s</title>
<h1>%(title)s</h1><p>%(advice)s</p><p>En cas de danger, appelez le <a href="tel:17">17</a>.</p>
<p lang="en">%(english)s In danger, call <a href="tel:17">17</a>.</p></html>"""


@dataclass(frozen=True, eq=False)
class _Place:
    """Somebody who waits; `who` is counted: the digest of a credential, where one was sent, and sound as a whole."""

    who: tuple[bytes, ...]
    desk: "asyncio.Future[ThreadPoolExecutor]"


class Admission:
    """An ASGI application in front of Django. A desk is one thread, so that its database connection can be kept."""

    def __init__(self, app: App, *, desks: int = DESKS, waiting: int = WAITING) -> None:
        self._app = app
        self._free = [ThreadPoolExecutor(1, thread_name_prefix=f"desk-{number}") for number in range(desks)]
        self._waiting = waiting
        self._share = max(1, desks // 2)
        self._held: Tally[bytes] = Tally()
        self._waiting_of: Tally[bytes] = Tally()
        self._urgent: deque[_Place] = deque()
        self._ordinary: deque[_Place] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request when its turn comes; clicks, ends, who takes charge by telephone, and probes go first."""
        if _announced_length(scope) > LARGEST_BODY:
            await _too_large(scope, send)
            return
        who = _counted(scope)
        try:
            desk = await self._turn(who, urgent=_URGENT.fullmatch(scope["path"]) is not None)
        except TimeoutError:
            _refused.inc()
            await _busy(scope, send)
            return
        try:
            async with ThreadSensitiveContext(executor=desk):
                await self._app(scope, receive, send)
        finally:
            self._leave(desk, who)

    async def _turn(self, who: tuple[bytes, ...], *, urgent: bool) -> ThreadPoolExecutor:
        """A desk of one's own. Raises TimeoutError if the queue is full or its wait too long."""
        if self._free and self._may_sit(who):
            _inside.inc()
            self._held.update(who)
            return self._free.pop()
        queue = self._urgent if urgent else self._ordinary
        if len(queue) >= self._waiting or any(self._waiting_of[one] >= WAITING_OF_ONE for one in who):
            raise TimeoutError
        place = _Place(who, asyncio.get_running_loop().create_future())
        queue.append(place)
        _queued.inc()
        self._waiting_of.update(who)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await place.desk
        except BaseException:
            if place.desk.done() and not place.desk.cancelled():
                self._leave(place.desk.result(), who)
            raise
        finally:
            _queued.dec()
            _one_less(self._waiting_of, who)

    def _may_sit(self, who: tuple[bytes, ...]) -> bool:
        return all(self._held[one] < self._share for one in who)

    def _leave(self, desk: ThreadPoolExecutor, who: tuple[bytes, ...]) -> None:
        """Hand the desk to the next who still waits and may sit down."""
        _one_less(self._held, who)
        for queue in (self._urgent, self._ordinary):
            if place := self._next(queue):
                self._held.update(place.who)
                place.desk.set_result(desk)
                return
        _inside.dec()
        self._free.append(desk)

    def _next(self, queue: "deque[_Place]") -> _Place | None:
        """The first who may sit down; those who gave up are forgotten on the way."""
        while queue and queue[0].desk.done():
            queue.popleft()
        for number, place in enumerate(queue):
            if not place.desk.done() and self._may_sit(place.who):
                del queue[number]
                return place
        return None


class ByPath:
    """An ASGI application that sends requests to one of several by how their path begins."""

    def __init__(self, apps: Mapping[str, App], *, otherwise: App) -> None:
        self._apps = apps
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        path = scope["path"]
        app = next((app for start, app in self._apps.items() if path.startswith(start)), self._otherwise)
        await app(scope, receive, send)


def _one_less(count: "Tally[bytes]", who: tuple[bytes, ...]) -> None:
    for one in who:
        count[one] -= 1
        if not count[one]:
            del count[one]


def _counted(scope: Scope) -> tuple[bytes, ...]:
    sound = (_SOUND.encode(),) if scope["path"].startswith(_SOUND) else ()
    credential = _credential(scope)
    return (credential, *sound) if credential else sound


def _credential(scope: Scope) -> bytes:
    """Whose request it is, as far as that can be told without asking anybody: the header of a phone."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return hashlib.sha256(value).digest()
    return b""


def _announced_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def _busy(scope: Scope, send: Send) -> None:
    page = {
        "title": "Le service est très sollicité",
        "advice": "Rien n'est perdu : rechargez cette page dans une seconde.",
        "english": "The service is very busy. Nothing is lost: reload this page in a second.",
    }
    error = {"code": "busy", "message": "Too many requests at once. Try again in a second.", "fields": {}}
    await _answer(scope, send, status=503, error=error, page=page)


async def _too_large(scope: Scope, send: Send) -> None:
    page = {
        "title": "Cet envoi est trop grand",
        "advice": "Revenez à la page précédente.",
        "english": "This is too large. Go back to the page before.",
    }
    error = {"code": "too_large", "message": "The body is larger than 1 MiB.", "fields": {}}
    await _answer(scope, send, status=413, error=error, page=page)


async def _answer(scope: Scope, send: Send, *, status: int, error: dict[str, Any], page: dict[str, str]) -> None:
    if scope["path"].startswith("/api/"):
        kind, body = b"application/json", json.dumps({"error": error}).encode()
    else:
        kind, body = b"text/html; charset=utf-8", (_PAGE % page).encode()
    headers = [*_HEADERS, (b"content-type", kind), (b"content-length", str(len(body)).encode())]
    if status == 503:  # noqa: PLR2004 - the number is the word
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
