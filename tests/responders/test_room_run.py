"""The room in a whole installation: `manage.py run`, five relatives with microphones, and a media process that dies."""

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from responders.mediaclient import AwayError, MediaClient
from tests.callers import Caller, Callers, callers
from tests.server import Server
from tests.web import until
from tests.wires import OverHttp, Reply

pytestmark = [pytest.mark.slow]

BACK_WITHIN = 5.0  # seconds, as promised
RETRY = 0.25  # seconds between a page's attempts, as long as the room is away


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("room") / "data") as running:
        yield running


@pytest.fixture
def media(server: Server) -> MediaClient:
    client = MediaClient(data_dir=server.data_dir.resolve())
    assert until(lambda: answers(client), 30), server.said()
    return client


def answers(client: MediaClient) -> bool:
    """Whether the media process is there."""
    try:
        client.rooms()
    except AwayError:
        return False
    return True


@dataclass
class Relative:
    """A browser at one place; it knows the contract and nothing else."""

    wire: OverHttp
    cookie: str
    place: str

    @classmethod
    def opening(cls, server: Server, link: str) -> "Relative":
        """Opens the link of the SMS."""
        wire = OverHttp(server.url)
        opened = wire.send("POST", link, headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert opened.status == 303, opened.body
        cookie = opened.headers["Set-Cookie"].partition(";")[0]
        return cls(wire=wire, cookie=cookie, place=opened.headers["Location"])

    def call(self, method: str, path: str, body: object = None) -> Reply:
        """One request."""
        headers = {"Cookie": self.cookie, "Content-Type": "application/json"}
        return self.wire.send(method, self.place + path, headers=headers, body=json.dumps(body or {}).encode())

    def join(self, everybody: Callers) -> Caller:
        """Sits down as soon as that is possible; returns when sound flows."""
        taken = self.call("POST", "room")
        while taken.status == 503:
            time.sleep(RETRY)
            taken = self.call("POST", "room")
        assert taken.status == 201, taken.body
        seat = taken.json["seat"]
        caller = everybody.new()
        answered = self.call("PUT", f"room/{seat}", {"answer": caller.answer(taken.json["offer"], seat)})
        assert answered.status == 204, answered.body
        assert until(lambda: caller.state == "connected", 10)
        return caller


def sit_down(relatives: list[Relative], everybody: Callers) -> list[Caller]:
    """All at once."""
    with ThreadPoolExecutor(len(relatives)) as crowd:
        return list(crowd.map(lambda one: one.join(everybody), relatives))


def rescue(server: Server) -> tuple[Any, list[Relative]]:
    """Marie pressed the button; five relatives opened their links."""
    scene = server.play("rescue")
    return scene, [Relative.opening(server, link) for link in scene["links"].values()]


def connected(media: MediaClient, alert: str) -> int:
    """How many hear each other."""
    rooms = {str(room): seats for room, seats in media.rooms().rooms.items()}
    return sum(one.state == "connected" and one.publishes == ("audio",) for one in rooms.get(alert, ()))


def test_everybody_is_back_within_five_seconds_of_a_kill_and_the_17_never_stops(
    server: Server, media: MediaClient
) -> None:
    scene, relatives = rescue(server)
    with callers() as everybody:
        sit_down(relatives, everybody)
        assert until(lambda: connected(media, scene["alert"]) == 5, 10)
        os.kill(server.part("media"), signal.SIGKILL)
        began = time.monotonic()

        assert relatives[0].call("POST", "act", {"action": "call_17"}).status == 200
        assert relatives[1].call("GET", "snapshot").json["seventeen"]["by"] == "Nadia"
        assert time.monotonic() - began < BACK_WITHIN
        sit_down(relatives, everybody)
        took = time.monotonic() - began

        assert until(lambda: connected(media, scene["alert"]) == 5, 10)
    assert took < BACK_WITHIN


def test_the_end_of_the_alert_is_the_end_of_the_call(server: Server, media: MediaClient) -> None:
    scene, relatives = rescue(server)
    with callers() as everybody:
        calling = sit_down(relatives[:2], everybody)
        server.play("close", alert=scene["alert"])
        began = time.monotonic()
        assert until(lambda: connected(media, scene["alert"]) == 0, 3)
        assert time.monotonic() - began < 2
        assert until(lambda: {caller.state for caller in calling} == {"closed"}, 3)


def test_a_media_process_ends_with_its_supervisor(tmp_path: Path) -> None:
    server = Server(tmp_path / "data").start()
    client = MediaClient(data_dir=server.data_dir.resolve())
    try:
        assert until(lambda: answers(client), 30), server.said()
        pid = server.part("media")
        assert server.process is not None
        os.kill(server.process.pid, signal.SIGKILL)
        assert until(lambda: not Path(f"/proc/{pid}/cmdline").exists() or _is_gone(pid), 10)
        assert not answers(client)
    finally:
        server.kill()


def _is_gone(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split(") ")[1].startswith("Z")
