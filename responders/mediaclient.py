"""How the web speaks with the media process: JSON over HTTP, through a socket of this machine or a private network.

Every call takes seconds at most, and one that gets no answer raises AwayError: the page and the 17 go on without video.
"""

import hashlib
import json
import os
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings

SECONDS = 3.0  # to wait for an answer
WAIT_SECONDS = 20.0  # how long a question for changes stays open
_LONGEST_PATH = 107  # bytes: sockaddr_un of Linux, without its final zero
_FAULTS = HTTPStatus.INTERNAL_SERVER_ERROR


class MediaError(Exception):
    """The media process did not do it."""


class AwayError(MediaError):
    """It does not answer, or failed: it is restarted within a second."""


class FullError(MediaError):
    """All eight seats are taken."""


class NoSeatError(MediaError):
    """This person does not sit there (any more)."""


class AnswerError(MediaError):
    """What the browser answered to the offer is no use: that seat is free again."""


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """Who sits where: `state` is "joining" or "connected", `publishes` holds "audio" and "video".

    `taking` names this very taking of the seat: the same person who sits down again has another one. `hears` is false
    for who takes nobody's sound.
    """

    seat: int
    person: str
    state: str
    publishes: tuple[str, ...]
    taking: str
    hears: bool = True


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A seat was taken: the session description (SDP, RFC 8866) that the browser answers within fifteen seconds."""

    seat: int
    sdp: str = field(repr=False)
    taking: str


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """Every room that somebody sits in, when the media process `process` had counted `number` changes."""

    process: str
    number: int
    rooms: Mapping[UUID, tuple[Sitting, ...]]


class _SocketConnection(HTTPConnection):
    """HTTP through a socket of this machine."""

    def __init__(self, path: Path, *, timeout: float) -> None:
        super().__init__("media", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Open the socket, unless others could have put theirs there."""
        check_private(self._path.parent)
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


@dataclass(frozen=True, kw_only=True)
class MediaClient:
    """One installation's media process; `url` is SHERIF_MEDIA_URL, empty for the socket in the data folder."""

    url: str = field(default="", repr=False)
    data_dir: Path
    seconds: float = SECONDS

    def join(self, room: UUID, person: str, *, wanted: int | None) -> Offer:
        """Take a seat, this one if it is free, or this person's own again. Raises FullError, AwayError."""
        taken = self._call("POST", f"/rooms/{room}/seats", {"person": person, "wanted": wanted})
        return Offer(seat=taken["seat"], sdp=taken["offer"], taking=taken["taking"])

    def answer(self, room: UUID, sitting: "Claim", sdp: str) -> None:
        """What the browser says to the offer, once. Raises AnswerError, NoSeatError, AwayError."""
        self._call("PUT", _seat(room, sitting), {**sitting.body(), "answer": sdp})

    def leave(self, room: UUID, sitting: "Claim") -> None:
        """Free the seat. Raises NoSeatError, AwayError."""
        self._call("DELETE", _seat(room, sitting), sitting.body())

    def end(self, room: UUID) -> None:
        """Everybody out. Raises AwayError."""
        self._call("DELETE", f"/rooms/{room}")

    def rooms(self) -> Rooms:
        """Who sits where, now. Raises AwayError."""
        return _rooms(self._call("GET", "/rooms"))

    def changes(self, known: Rooms | None, *, wait: float = WAIT_SECONDS) -> Rooms:
        """Who sits where, as soon as it differs from what is known; the same again after `wait` seconds.

        Raises AwayError.
        """
        query = {"wait": wait} | ({"after": known.number, "process": known.process} if known else {})
        return _rooms(self._call("GET", f"/changes?{urlencode(query)}", longer=wait))

    def stats(self) -> dict[str, float]:
        """The figures of the media process. Raises AwayError."""
        return {str(name): float(value) for name, value in self._call("GET", "/stats").items()}

    def _call(self, method: str, path: str, body: object = None, *, longer: float = 0) -> dict[str, Any]:
        connection = self._connection(timeout=self.seconds + longer)
        try:
            connection.request(method, path, body=json.dumps(body), headers=self._headers())
            answer = connection.getresponse()
            return _read(answer)
        except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
            raise AwayError(type(error).__name__) from error
        finally:
            connection.close()

    def _connection(self, *, timeout: float) -> HTTPConnection:
        if path := socket_path(self.url, self.data_dir):
            return _SocketConnection(path, timeout=timeout)
        parts = urlsplit(self.url)
        return HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        token = urlsplit(self.url).username
        return headers | {"Authorization": f"Bearer {token}"} if token else headers


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Whose seat is meant; with `taking` only that very taking of it, not a later one of the same person."""

    seat: int
    person: str
    taking: str | None = None

    def body(self) -> dict[str, str | None]:
        """As it travels."""
        return {"person": self.person, "taking": self.taking}


def of_installation() -> MediaClient:
    """The media process of these settings."""
    return MediaClient(url=settings.SHERIF.media.url, data_dir=settings.SHERIF.data_dir)


def socket_path(url: str, data_dir: Path) -> Path | None:
    """The socket of the media process, None if it listens in a network.

    A path may have 107 bytes at most: for a data folder that lies deeper it stands in a private folder under /tmp.
    """
    if url.startswith("unix:"):
        return Path(url.removeprefix("unix:"))
    if url:
        return None
    path = data_dir / "run" / "media.sock"
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        return path
    name = hashlib.sha256(f"{os.getuid()}:{data_dir}".encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir())
    if len(os.fsencode(folder)) > _LONGEST_PATH // 2:
        folder = Path("/tmp")  # noqa: S108 - checked to be ours and private before each use
    return folder / f"sherif-media-{name}" / path.name


def check_private(folder: Path) -> None:
    """Raise PermissionError unless the folder is ours or the system's, and nobody else writes there."""
    found = folder.lstat()
    if found.st_uid not in {0, os.getuid()} or found.st_mode & 0o022:
        raise PermissionError(f"{folder} belongs to somebody else, or others may write there")


def _seat(room: UUID, sitting: Claim) -> str:
    return f"/rooms/{room}/seats/{sitting.seat}"


def _read(answer: HTTPResponse) -> dict[str, Any]:
    """The body. Raises one of ours, or ValueError for what no media process of ours says."""
    body = answer.read()
    refused = {HTTPStatus.CONFLICT: FullError, HTTPStatus.NOT_FOUND: NoSeatError, 422: AnswerError}
    if error := refused.get(answer.status):
        raise error
    if answer.status not in {200, 201, 204}:
        raise AwayError(f"status {answer.status}")
    read = json.loads(body) if body else {}
    if not isinstance(read, dict):
        raise ValueError("no object")  # noqa: TRY004 - to whoever asks, it is one of many kinds of nonsense
    return read


def _rooms(body: Mapping[str, Any]) -> Rooms:
    rooms = {UUID(room): tuple(_sitting(one) for one in seats) for room, seats in body["rooms"].items()}
    return Rooms(process=str(body["process"]), number=int(body["number"]), rooms=rooms)


def _sitting(body: Mapping[str, Any]) -> Sitting:
    return Sitting(
        seat=int(body["seat"]),
        person=str(body["person"]),
        state=str(body["state"]),
        publishes=tuple(body["publishes"]),
        hears=bool(body["hears"]),
        taking=str(body["taking"]),
    )
