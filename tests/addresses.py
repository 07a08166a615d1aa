"""A stand-in for the address base (BAN): the true shape of its answers, and its worse days."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


def feature(**facts: object) -> dict[str, Any]:
    """One address as `/reverse` answers it."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [2.826, 49.418]},
        "properties": {
            "label": "12 Rue des Lombards 60200 Compiègne",
            "score": 0.9999,
            "housenumber": "12",
            "id": "60159_0880_00012",
            "banId": "5c9a6d7e-0000-4000-8000-000000000012",
            "name": "12 Rue des Lombards",
            "postcode": "60200",
            "citycode": "60159",
            "x": 687383.0,
            "y": 6924312.0,
            "city": "Compiègne",
            "context": "60, Oise, Hauts-de-France",
            "type": "housenumber",
            "importance": 0.61,
            "street": "Rue des Lombards",
            "_type": "address",
            "distance": 8,
            **facts,
        },
    }


def answer(*features: object) -> bytes:
    """The whole answer."""
    return json.dumps({"type": "FeatureCollection", "features": list(features), "query": None}).encode()


@dataclass
class AddressBase:
    """What it answers and what it was asked: (latitude, longitude) as it came."""

    url: str = ""
    status: int = 200
    body: bytes = field(default_factory=lambda: answer(feature()))
    waits: float = 0.0
    """Seconds before it answers."""
    drips: float = 0.0
    """Seconds between the bytes of its answer."""
    asked: list[tuple[float, float]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


class _Door(BaseHTTPRequestHandler):
    base: AddressBase

    def do_GET(self) -> None:
        """One question."""
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        self.base.paths.append(parts.path)
        self.base.asked.append((float(query["lat"][0]), float(query["lon"][0])))
        time.sleep(self.base.waits)
        try:
            self._answer()
        except ConnectionError:
            return  # who asked has gone

    def _answer(self) -> None:
        self.send_response(self.base.status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Location", "/elsewhere?lat=0&lon=0")
        self.send_header("Content-Length", str(len(self.base.body)))
        self.end_headers()
        if not self.base.drips:
            self.wfile.write(self.base.body)
            return
        for byte in self.base.body:
            self.wfile.write(bytes([byte]))
            time.sleep(self.base.drips)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def address_base() -> Iterator[AddressBase]:
    """A running one."""
    base = AddressBase()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (_Door,), {"base": base}))
    base.url = f"http://127.0.0.1:{server.server_address[1]}/geocodage"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield base
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
