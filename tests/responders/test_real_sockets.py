"""The socket of the live page through a real web process, with a client that knows nothing of Django."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from alerts import broadcast
from alerts.domain import alerting
from alerts.models import Alert
from alerts.states import AlertState
from tests.responders.rescue import Seated, make_rescue, move, open_link
from tests.web import WebProcess, until, web_process

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rescue(transactional_db: None) -> Alert:
    return make_rescue()


@pytest.fixture
def nadia(rescue: Alert) -> Seated:
    return open_link(rescue, "Nadia")


@pytest.fixture
def web(transactional_db: None) -> Iterator[WebProcess]:
    with web_process() as running:
        yield running


@contextmanager
def page(web: WebProcess, seated: Seated, **options: Any) -> Iterator[ClientConnection]:
    """A live page's socket."""
    headers = {"Cookie": seated.cookie}
    url = f"ws://localhost:{web.port}{seated.path}"
    with connect(url, additional_headers=headers, origin=options.pop("origin", web.url), **options) as socket:
        yield socket


def read(socket: ClientConnection, kind: str, *, seconds: float = 5) -> dict[str, Any]:
    """The next message of this type."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        message: dict[str, Any] = json.loads(socket.recv(timeout=left))
        if message["type"] == kind:
            return message
    raise TimeoutError(kind)


def close_code(socket: ClientConnection) -> int | None:
    """With which code the server closes."""
    try:
        while True:
            socket.recv(timeout=5)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def test_a_page_sees_her_move_and_the_end(web: WebProcess, rescue: Alert, nadia: Seated) -> None:
    with page(web, nadia) as here:
        assert read(here, "snapshot")["victim"]["name"] == "Marie"
        move(rescue, latitude=49.42)
        assert read(here, "position")["positions"][0]["latitude"] == 49.42

        alerting.close(rescue, AlertState.CLOSED, reason="safe", now=timezone.now())
        assert read(here, "ended", seconds=2)["state"] == "closed"
        assert close_code(here) == 4410


def test_two_web_processes_both_deliver(web: WebProcess, rescue: Alert, nadia: Seated) -> None:
    thomas = open_link(rescue, "Thomas")
    with web_process() as other_web, page(web, nadia) as one, page(other_web, thomas) as other:
        for here in (one, other):
            read(here, "snapshot")
        both = sorted([nadia.link.contact_id, thomas.link.contact_id])
        while read(one, "presence")["here"] != both:
            continue
        move(rescue)
        assert read(one, "position")["sequence"] == read(other, "position")["sequence"]

        one.send(json.dumps({"type": "act", "id": str(uuid4()), "action": "take_charge"}))
        assert read(other, "action")["in_charge"] == "Nadia"


def test_a_page_learns_within_two_seconds_what_a_dead_bus_did_not_tell(rescue: Alert, nadia: Seated) -> None:
    with web_process({"SHERIF_BUS_URL": "redis://127.0.0.1:1/0"}) as web, page(web, nadia) as here:
        read(here, "snapshot")
        move(rescue)
        sequence = Alert.objects.get(pk=rescue.pk).sequence
        assert read(here, "gap", seconds=2)["sequence"] == sequence

        alerting.close(rescue, AlertState.CLOSED, reason="safe", now=timezone.now())
        assert read(here, "ended", seconds=2)["state"] == "closed"


def test_a_stopping_server_asks_its_pages_to_come_back(web: WebProcess, nadia: Seated) -> None:
    with page(web, nadia) as here:
        read(here, "snapshot")
        assert web.stop() == 0
        assert close_code(here) == 1012
    web.start()
    with page(web, nadia) as here:
        assert read(here, "snapshot")


def test_a_killed_server_comes_back_on_the_same_port(web: WebProcess, rescue: Alert, nadia: Seated) -> None:
    with page(web, nadia) as here:
        read(here, "snapshot")
        web.stop(signal.SIGKILL)
        web.start()
    with page(web, nadia) as here:
        read(here, "snapshot")
        move(rescue)
        assert read(here, "position")


def test_strangers_are_closed_with_the_contracts_codes(web: WebProcess, nadia: Seated) -> None:
    with page(web, nadia, origin="https://evil.example") as here:
        assert close_code(here) == 4403
    with page(web, Seated(link=nadia.link, key="forged")) as here:
        assert close_code(here) == 4401


def test_a_message_over_64_kib_ends_the_socket_and_memory_stays_flat(web: WebProcess, nadia: Seated) -> None:
    with page(web, nadia) as here:
        read(here, "snapshot")
    before = web.memory()
    for _ in range(40):
        with page(web, nadia) as here:
            read(here, "snapshot")
            here.send("x" * 65_537)
            assert close_code(here) == 1009
    assert web.memory() - before < 12 * 1024 * 1024


def test_a_flood_ends_the_socket_and_nobody_else_feels_it(web: WebProcess, rescue: Alert, nadia: Seated) -> None:
    thomas = open_link(rescue, "Thomas")
    with page(web, nadia) as calm, page(web, thomas) as flooding:
        read(calm, "snapshot")
        read(flooding, "snapshot")
        before = web.memory()
        with pytest.raises(ConnectionClosed):  # noqa: PT012 - whichever message meets the closed door
            for _ in range(20_000):
                flooding.send("[" * 60_000)
        assert web.memory() - before < 24 * 1024 * 1024
        started = time.monotonic()
        move(rescue)
        assert read(calm, "position")
        assert time.monotonic() - started < 1


def test_a_page_that_stops_reading_is_hung_up_and_nobody_else_feels_it(
    web: WebProcess, rescue: Alert, nadia: Seated
) -> None:
    thomas = open_link(rescue, "Thomas")
    with page(web, nadia) as reading, page(web, thomas, max_queue=1) as asleep:
        read(reading, "snapshot")
        read(asleep, "snapshot")
        before = web.memory()
        for number in range(400):
            _publish_large(rescue, number)
            while read(reading, "position")["sequence"] != 1000 + number:
                continue
        assert web.memory() - before < 24 * 1024 * 1024
        assert until(lambda: _sockets(web) == 1, 5)


def _publish_large(rescue: Alert, number: int) -> None:
    broadcast.publish(rescue.pk, {"type": "position", "sequence": 1000 + number, "filling": "x" * 60_000})


def _sockets(web: WebProcess) -> float:
    lines = web.get("/metrics")[1].decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("sherif_sockets "))


def test_a_socket_to_nowhere_is_refused(web: WebProcess) -> None:
    with pytest.raises(InvalidStatus, match="403"), connect(f"ws://localhost:{web.port}/ws/elsewhere/"):
        pass
