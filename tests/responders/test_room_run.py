"""The room in a whole installation: `manage.py run`, five relatives with microphones, and a media process that dies."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from responders.mediaclient import AwayError, MediaClient
from tests.callers import Caller, Callers, callers
from tests.relatives import Relative
from tests.server import Server
from tests.web import until

pytestmark = [pytest.mark.slow]

BACK_WITHIN = 5.0  # seconds, as promised


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
        back = sit_down(relatives, everybody)
        assert until(lambda: connected(media, scene["alert"]) == 5, 10)
        took = time.monotonic() - began
        for seat, caller in enumerate(back):
            assert until(lambda caller=caller, other=(seat + 1) % 5: caller.hears(other) > 0, 10)  # type: ignore[misc]

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
