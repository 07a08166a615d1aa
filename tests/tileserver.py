"""Somebody else's tile server: pictures of streets that do not exist, and every way in which such a server fails."""

import gzip
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

JPEG = b"\xff\xd8\xff\xe0 a picture of streets"
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 streets"
_SIDE, _GROUND, _WOOD, _ROAD, _STREET = 256, 0, 1, 2, 3
_COLOURS = bytes((245, 243, 238, 214, 232, 200, 255, 214, 140, 255, 255, 255))
_DRIP_SECONDS = 0.05


class Mood(StrEnum):
    """How it answers."""

    WELL = "pictures"
    JPEG = "pictures of another kind"
    WEBP = "pictures of a third kind"
    SLOW = "pictures, each after a while"
    HANGING = "takes every question and says nothing"
    DRIPPING = "a byte now and then"
    FAILING = "500"
    FORBIDDEN = "403"
    ABSENT = "404"
    EMPTY = "200 and nothing in it"
    GARBAGE = "a page that calls itself a picture"
    HUGE = "a picture of ten megabytes"
    ENDLESS = "a picture whose length nobody says"
    BOMB = "a picture packed a thousand times smaller"
    ELSEWHERE = "another address"
    CUT = "half a picture"


def picture(z: int = 14, x: int = 8320, y: int = 5600) -> bytes:
    """A PNG of 256 pixels: woods, a main road and streets, another one for each tile."""
    step, shift = 24 + (x + y) % 17, (x * 37 + y * 61 + z) % 64
    rows = bytearray()
    for row in range(_SIDE):
        rows.append(0)  # no filter
        rows += bytes(_pixel(row, column, step=step, shift=shift) for column in range(_SIDE))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 3, 0, 0, 0)),
        (b"PLTE", _COLOURS),
        (b"IDAT", zlib.compress(bytes(rows), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _pixel(row: int, column: int, *, step: int, shift: int) -> int:
    if abs(row - column - shift) < 4:
        return _ROAD
    if (row + shift) % (step * 2) < 3 or (column - shift) % (step * 3) < 3:
        return _STREET
    return _WOOD if (row // 64 + column // 64 + shift) % 5 == 0 else _GROUND


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@dataclass
class TileServer:
    """What it does next, and what it was asked; `url` is what SHERIF_TILES wants."""

    url: str = ""
    mood: Mood = Mood.WELL
    seconds: float = 0.3  # of a slow answer
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    inside: int = 0
    most_inside: int = 0
    connections: int = 0
    gone: threading.Event = field(default_factory=threading.Event)


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of_tiles: TileServer

    def setup(self) -> None:
        """One more connection."""
        super().setup()
        self.server_of_tiles.connections += 1

    def handle(self) -> None:
        """One question after the other, until whoever asks hangs up."""
        with suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        """One tile."""
        tiles = self.server_of_tiles
        tiles.asked.append(self.path)
        tiles.headers.append({name.lower(): value for name, value in self.headers.items()})
        tiles.inside += 1
        tiles.most_inside = max(tiles.most_inside, tiles.inside)
        with suppress(ConnectionError):
            self._answer(tiles)
        tiles.inside -= 1

    def _answer(self, tiles: TileServer) -> None:
        if tiles.mood is Mood.HANGING:
            tiles.gone.wait(30)
            self.close_connection = True
            return
        if tiles.mood is Mood.SLOW:
            time.sleep(tiles.seconds)
        plain = {
            Mood.JPEG: JPEG,
            Mood.WEBP: WEBP,
            Mood.EMPTY: b"",
            Mood.GARBAGE: b"<svg onload=alert(1)>",
            Mood.HUGE: picture() + bytes(10 * 1024 * 1024),
        }
        status = {Mood.FAILING: 500, Mood.FORBIDDEN: 403, Mood.ABSENT: 404}.get(tiles.mood)
        if status is not None:
            self._send(status, b"no")
        elif tiles.mood is Mood.ELSEWHERE:
            self._send(302, b"", Location="/elsewhere/1/1/1.png")
        elif tiles.mood is Mood.BOMB:
            packed = gzip.compress(picture() + bytes(50 * 1024 * 1024), 1)
            self._send(200, packed, **{"Content-Encoding": "gzip"})
        elif tiles.mood in {Mood.ENDLESS, Mood.DRIPPING, Mood.CUT}:
            self._pour(tiles)
        else:
            self._send(200, plain.get(tiles.mood) if tiles.mood in plain else self._drawn())

    def _drawn(self) -> bytes:
        z, x, y = (int(part.partition(".")[0]) for part in self.path.partition("?")[0].split("/")[-3:])
        return picture(z, x, y)

    def _send(self, status: int, body: bytes | None, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "image/png", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def _pour(self, tiles: TileServer) -> None:
        """Without a length, until whoever asked hangs up."""
        self.close_connection = True
        self.send_response(200)
        if tiles.mood is Mood.CUT:
            self.send_header("Content-Length", str(len(picture())))
        self.end_headers()
        body = picture()
        self.wfile.write(body[: len(body) // 2])
        if tiles.mood is Mood.CUT:
            return
        drop = bytes(1) if tiles.mood is Mood.DRIPPING else bytes(64 * 1024)
        while not tiles.gone.wait(_DRIP_SECONDS if tiles.mood is Mood.DRIPPING else 0):
            self.wfile.write(drop)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def tile_server() -> Iterator[TileServer]:
    """A running one."""
    tiles = TileServer()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (_Door,), {"server_of_tiles": tiles})) as server:
        server.daemon_threads = True
        tiles.url = f"http://127.0.0.1:{server.server_port}/plan/{{z}}/{{x}}/{{y}}.png?key=of-an-account"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield tiles
        finally:
            tiles.gone.set()
            server.shutdown()
            thread.join()
