"""The socket of a live page: snapshot, then events; takes the same actions as the page's forms."""

import json
import re
from datetime import datetime
from functools import partial
from http.cookies import CookieError
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host
from django.utils import timezone
from django.utils.translation import override

from responders import registry
from responders.allowance import Allowance
from responders.domain import coordinating, deeds, snapshot, standing, visiting
from responders.frames import Frame, FrameLine, Line, QueueLine
from responders.models import Visit
from responders.registry import ENDED, NO_SESSION, Registry, Seat

FOREIGN_ORIGIN, NOT_TEXT, FLOOD, TRY_AGAIN = 4403, 1003, 1008, 1013
MOST_ID = 64
MOST_SOCKETS = 20  # of one place in one process
_PLACE = re.compile(r"[A-Za-z0-9_-]{1,32}")


class AlertSocket(AsyncWebsocketConsumer):
    """`WS /ws/alert/<place>/`. Whoever comes is accepted first, because a browser reads close codes only then."""

    registry: Registry
    visit: Visit
    line: Line
    seat: Seat | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """From the first message to the last. However it ends, the registry forgets the socket."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._stand_up()

    async def connect(self) -> None:
        """Check who comes; subscribe, then read the snapshot, then send both in order."""
        await self.accept()
        if not _own_origin(self._header(b"origin"), host=self._header(b"host")):
            await self.close(FOREIGN_ORIGIN)
            return
        self.registry = registry.here()
        self.allowance = Allowance()
        try:
            visit = await self._find(timezone.now())
            if visit is None:
                await self.close(NO_SESSION)
                return
            self.visit = visit
            await self._sit_down()
        except DatabaseError:
            await self.close(TRY_AGAIN)

    async def _sit_down(self) -> None:
        link = self.visit.link
        if self.registry.seats_of(link.alert_id, link.pk) >= MOST_SOCKETS:
            await self.close(TRY_AGAIN)
            return
        self.line = self._line()
        await self.registry.subscribe()
        self.seat = Seat(alert_id=link.alert_id, link_id=link.pk, contact_id=link.contact_id, line=self.line)
        self.registry.join(self.seat)
        first = await self.registry.ask(self._read)
        self._write(first)
        sequence = first["sequence"]
        self.registry.settled(self.seat, sequence if isinstance(sequence, int) else 0)
        alert = first["alert"]
        if isinstance(alert, dict) and alert["ended"]:
            told = await self.registry.ask(partial(standing.ended, link.alert_id))
            if told is not None:
                self._write(told)
            self.seat.end(ENDED)

    async def disconnect(self, code: int) -> None:
        """The page is gone."""
        del code
        self._stand_up()

    def _stand_up(self) -> None:
        seat, self.seat = self.seat, None
        if seat is not None:
            self.registry.leave(seat)
            seat.line.stop()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One message of the page; what is no action is answered by an error, a flood is closed."""
        if self.seat is None or self.seat.ended:
            return
        if text_data is None or bytes_data is not None:
            await self.close(NOT_TEXT)
            return
        if not self.allowance.take():
            if self.allowance.exhausted:
                await self.close(FLOOD)
            else:
                self._refuse(None, "slow_down", "Too many messages. Wait a second.")
            return
        message = _read_message(text_data)
        if message is None:
            self._refuse(None, "invalid", "This message could not be read.")
        elif message.get("type") != "act":
            self._refuse(_named(message), "unknown_type", "Only messages of type act are taken.")
        else:
            await self._act(message)

    async def _act(self, message: dict[str, Any]) -> None:
        now = timezone.now()
        uid = _named(message)
        try:
            sequence = await self.registry.ask(lambda: self._do(message, now))
        except deeds.RefusedError as refused:
            self._write({"type": "refused", "id": uid, **refused.body()})
        except DatabaseError:
            self._refuse(uid, "busy", "The service could not store this. Try again in a second.")
        else:
            self._write({"type": "done", "id": uid, "sequence": sequence})

    def _do(self, message: dict[str, Any], now: datetime) -> int:
        link = self.visit.link
        with override(link.contact.language):
            return coordinating.act(link, deeds.read_deed(message), now=now)

    def _read(self) -> dict[str, object]:
        now = timezone.now()
        visiting.look(self.visit, now=now)
        return snapshot.read(self.visit.link, now=now)

    async def _find(self, now: datetime) -> Visit | None:
        place: str = self.scope["url_route"]["kwargs"]["place"]
        if not _PLACE.fullmatch(place):
            return None
        key = _cookies(self._header(b"cookie")).get(settings.VISIT_COOKIE_NAME, "")
        return await self.registry.ask(lambda: visiting.find(place, key, now=now))

    def _line(self) -> Line:
        """The short way if our own server offers it, else the way of any ASGI server."""
        offered: Any = self.scope.get("extensions") or {}
        if frames := offered.get("sherif.frame"):
            return FrameLine(frames["write"], frames["close"])
        return QueueLine(lambda text: self.send(text_data=text), self.close)

    def _write(self, message: dict[str, object]) -> None:
        self.line.write(Frame(json.dumps(message, ensure_ascii=False, separators=(",", ":"))))

    def _refuse(self, uid: object, code: str, sentence: str) -> None:
        error = {"code": code, "message": sentence, "fields": {}}
        self._write({"type": "refused", "id": uid, "error": error})

    def _header(self, wanted: bytes) -> str:
        return next((value.decode("latin-1") for name, value in self.scope["headers"] if name == wanted), "")


def _own_origin(origin: str, *, host: str) -> bool:
    """Whether a page of ours opened the socket. No Origin at all: not a browser, so nobody's cookie was borrowed."""
    if origin in {"", settings.SHERIF.public_url, settings.SHERIF.her_url}:
        return True
    domain, _port = split_domain_port(host)
    return origin in {f"http://{host}", f"https://{host}"} and validate_host(domain, settings.ALLOWED_HOSTS)


def _cookies(header: str) -> dict[str, str]:
    try:
        return parse_cookie(header)
    except CookieError:
        return {}


def _read_message(text: str) -> dict[str, Any] | None:
    """The JSON object of a message; None for anything else, for NaN, NUL and what is nested without end."""
    try:
        message = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and "\\u0000" not in text else None


def _named(message: dict[str, Any]) -> str | None:
    """The id that an answer repeats, unless it could do harm."""
    uid = message.get("id")
    return uid if isinstance(uid, str) and uid.isascii() and len(uid) <= MOST_ID else None


def _no_constant(name: str) -> None:
    raise ValueError(name)


class Nowhere(AsyncWebsocketConsumer):
    """A socket to an address that does not exist: refused before it opens."""

    async def connect(self) -> None:
        """Refuse."""
        await self.close()
