"""The media process's door: the web process relays join, answer and leave, and asks who sits where.

Whoever reaches this door is trusted: it is a socket of this user alone, or asks for a token. It decides nothing about
who may be in a room, except that rooms which no web process has asked about for ten minutes are ended.
"""

import asyncio
import contextlib
import errno
import hashlib
import hmac
import logging
import os
import socket
import time
import traceback
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web

from responders.mediaclient import check_private
from responders.sfu import BadAnswer, Media, NoSeat, RoomFull, Seat

LARGEST_BODY = 128 * 1024
LONGEST_WAIT = 30.0
UNWATCHED_SECONDS = 600.0
_GOODBYE_SECONDS = 1.0
_TAKING = 12

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)


class UnreadableError(ValueError):
    """Not a call of ours."""


_REFUSALS: dict[type[Exception], tuple[HTTPStatus, str]] = {
    RoomFull: (HTTPStatus.CONFLICT, "room_full"),
    NoSeat: (HTTPStatus.NOT_FOUND, "no_seat"),
    BadAnswer: (HTTPStatus.UNPROCESSABLE_ENTITY, "bad_answer"),
    UnreadableError: (HTTPStatus.BAD_REQUEST, "unreadable"),
}


class Door:
    """The calls of `responders.mediaclient`, around one media core."""

    def __init__(self, core: Media, *, token: str = "", unwatched_seconds: float = UNWATCHED_SECONDS) -> None:
        self._core = core
        self._token = token
        self._process = uuid4().hex
        self._number = 0
        self._changed = asyncio.Event()
        self._closing = False
        self._unwatched_seconds = unwatched_seconds
        self._watched_at = time.monotonic()
        self._tokens: dict[tuple[str, int], str] = {}
        core.on_change = self._on_change

    def application(self) -> web.Application:
        """The door as an application of aiohttp."""
        application = web.Application(middlewares=[self._guard], client_max_size=LARGEST_BODY)
        application.add_routes(
            [
                web.post("/rooms/{room}/seats", self._join),
                web.put(r"/rooms/{room}/seats/{seat:\d}", self._answer),
                web.delete(r"/rooms/{room}/seats/{seat:\d}", self._leave),
                web.delete("/rooms/{room}", self._end),
                web.get("/rooms/{room}", self._room),
                web.get("/rooms", self._rooms),
                web.get("/changes", self._changes),
                web.get("/stats", self._stats),
            ]
        )
        return application

    def close(self) -> None:
        """Answer those who wait for changes: this process ends."""
        self._closing = True
        self._changed.set()

    async def end_unwatched(self) -> None:
        """End the rooms when no web process has looked for ten minutes: nobody could be cut off any more."""
        while True:
            await asyncio.sleep(self._unwatched_seconds / 10)
            if time.monotonic() - self._watched_at < self._unwatched_seconds:
                continue
            for room in list(self._core.rooms()):
                log.warning("Room %s ends: no web process has asked for so long that nobody could be cut off.", room)
                await self._core.end(room)

    def _on_change(self, room: str) -> None:
        held = {(room, sitting.seat) for sitting in self._core.rooms().get(room, ())}
        for place in [place for place in self._tokens if place[0] == room and place not in held]:
            del self._tokens[place]
        self._tell_change()

    def _tell_change(self) -> None:
        self._number += 1
        self._changed.set()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Who may knock, and one shape for what goes wrong; nothing of what was sent reaches the log."""
        given = request.headers.get("Authorization", "").encode()
        if self._token and not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            return _refusal(HTTPStatus.UNAUTHORIZED, "unauthorized")
        try:
            return await handler(request)
        except tuple(_REFUSALS) as error:
            if isinstance(error, BadAnswer):
                log.info("An answer was refused: %s.", error.reason)
            return _refusal(*_REFUSALS[type(error)])
        except web.HTTPException as error:
            return _refusal(HTTPStatus(error.status), "refused")
        except Exception as error:  # noqa: BLE001 - one call that fails must not look like a dead process
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("%s failed with %s:\n%s", request.method, type(error).__qualname__, where)  # noqa: TRY400
            return _refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "failed")

    async def _join(self, request: web.Request) -> web.Response:
        room, body = _room_of(request), await _body(request)
        wanted = body.get("wanted")
        joined = await self._core.join(room, _person(body), wanted=wanted if isinstance(wanted, int) else None)
        self._tokens[room, joined.seat] = joined.token
        self._tell_change()
        answer = {"seat": joined.seat, "offer": joined.offer, "taking": _taking(joined.token)}
        return web.json_response(answer, status=HTTPStatus.CREATED)

    async def _answer(self, request: web.Request) -> web.Response:
        room, seat, body = _room_of(request), _seat_of(request), await _body(request)
        sdp = body.get("answer")
        if not isinstance(sdp, str):
            raise UnreadableError
        try:
            await self._core.answer(room, seat, self._token_of(room, seat, body), sdp)
        finally:
            self._on_change(room)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _leave(self, request: web.Request) -> web.Response:
        room, seat, body = _room_of(request), _seat_of(request), await _body(request)
        await self._core.leave(room, seat, self._token_of(room, seat, body))
        self._on_change(room)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _end(self, request: web.Request) -> web.Response:
        room = _room_of(request)
        await self._core.end(room)
        self._on_change(room)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _room(self, request: web.Request) -> web.Response:
        return web.json_response({"seats": self._standing().get(_room_of(request), [])})

    async def _rooms(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({"process": self._process, "number": self._number, "rooms": self._standing()})

    async def _changes(self, request: web.Request) -> web.Response:
        """All rooms, as soon as there is anything that the asker does not know."""
        query = request.query
        self._watched_at = time.monotonic()
        if query.get("process") == self._process and query.get("after") == str(self._number):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_seconds(query.get("wait", ""))):
                    await self._next_change()
        self._watched_at = time.monotonic()
        return await self._rooms(request)

    async def _next_change(self) -> None:
        if not self._closing:
            self._changed.clear()
            await self._changed.wait()

    async def _stats(self, request: web.Request) -> web.Response:
        del request
        rooms = self._core.rooms()
        seats = sum(len(seats) for seats in rooms.values())
        return web.json_response({**self._core.stats(), "rooms": len(rooms), "seats": seats})

    def _standing(self) -> dict[str, list[dict[str, object]]]:
        return {
            room: [self._line(room, sitting) for sitting in seats]
            for room, seats in self._core.rooms().items()
            if seats
        }

    def _line(self, room: str, sitting: Seat) -> dict[str, object]:
        return {
            "seat": sitting.seat,
            "person": sitting.person,
            "state": sitting.state,
            "publishes": sorted(sitting.publishes),
            "hears": sitting.hears,
            "taking": _taking(self._tokens.get((room, sitting.seat), "")),
        }

    def _token_of(self, room: str, seat: int, body: dict[str, Any]) -> str:
        """The core's own token, if this person sits there and means this very taking. Raises NoSeat."""
        person, taking = _person(body), body.get("taking")
        token = self._tokens.get((room, seat), "")
        held = any(one.seat == seat and one.person == person for one in self._core.rooms().get(room, ()))
        if not token or not held or taking not in {None, _taking(token)}:
            raise NoSeat
        return token


async def serve(door: Door, listening: socket.socket, *, until: asyncio.Event) -> None:
    """Answer at this listening socket until the event is set."""
    runner = web.AppRunner(door.application(), access_log=None, shutdown_timeout=_GOODBYE_SECONDS)
    await runner.setup()
    watching = asyncio.create_task(door.end_unwatched())
    try:
        await web.SockSite(runner, listening).start()
        await until.wait()
    finally:
        watching.cancel()
        door.close()
        await runner.cleanup()


def listen(path: Path) -> socket.socket:
    """A socket at this path, which this user alone may open. Raises OSError: taken, too long, not private."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_private(path.parent)
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as probe:
        if probe.connect_ex(str(path)) == 0:
            raise OSError(errno.EADDRINUSE, "another media process answers there")
    path.unlink(missing_ok=True)  # what a killed one left
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listening.bind(str(path))
    finally:
        os.umask(mask)
    return listening


def _refusal(status: HTTPStatus, code: str) -> web.Response:
    return web.json_response({"error": code}, status=status)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        raise UnreadableError from None
    if not isinstance(body, dict):
        raise UnreadableError
    return body


def _person(body: dict[str, Any]) -> str:
    person = body.get("person")
    if not isinstance(person, str) or not person:
        raise UnreadableError
    return person


def _room_of(request: web.Request) -> str:
    """The room's name: an alert's id."""
    try:
        return str(UUID(request.match_info["room"]))
    except ValueError:
        raise UnreadableError from None


def _seat_of(request: web.Request) -> int:
    return int(request.match_info["seat"])


def _taking(token: str) -> str:
    """The name of a taking, which everybody in the room may know."""
    return hashlib.sha256(token.encode()).hexdigest()[:_TAKING] if token else ""


def _seconds(wait: str) -> float:
    try:
        return min(max(float(wait), 0.0), LONGEST_WAIT)  # also for NaN
    except ValueError:
        return 0.0
