"""The web process as it is started: what it says, what it answers, how it leaves."""

import http.client
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings

from tests.people import make_marie, make_phone
from tests.phones import Companion
from tests.services import Server, empty_database
from tests.web import ROOT, WebProcess, database_url, web_process
from tests.wires import OverHttp

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(transactional_db: None) -> Iterator[WebProcess]:
    with web_process() as running:
        yield running


def test_it_is_alive_ready_and_counts(web: WebProcess) -> None:
    assert web.get("/healthz") == (200, b'{"status": "alive"}')
    assert web.get("/readyz") == (200, b'{"status": "ready", "auditor": "silent", "findings": {}, "room": "away"}')
    assert b"sherif_sockets 0.0" in web.get("/metrics")[1]


def test_a_thousand_requests_at_once_make_neither_a_thousand_threads_nor_an_error(web: WebProcess) -> None:
    web.get("/healthz")
    most = [web.threads()]
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.01):
            most.append(web.threads())

    def ask(number: int) -> int:
        asked = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
        asked.request("GET", f"/nothing/{number}")
        status = asked.getresponse().status
        asked.close()
        return status

    watching = threading.Thread(target=watch)
    watching.start()
    with ThreadPoolExecutor(200) as crowd:
        statuses = set(crowd.map(ask, range(1_000)))
    stop.set()
    watching.join()
    assert statuses <= {404, 503}
    assert max(most) < 40


def test_sigterm_lets_the_request_inside_finish(web: WebProcess) -> None:
    """A click whose answer is under way is answered, although the process was told to go."""
    with _locked_rows(seconds=0.8), ThreadPoolExecutor(1) as phone:
        asked = phone.submit(web.get, "/readyz")
        time.sleep(0.3)
        assert web.stop(signal.SIGTERM) == 0
        assert asked.result()[0] == 200


def test_a_request_that_outlives_the_drain_keeps_no_process_alive(web: WebProcess) -> None:
    """Seen after kills of the supervisor: web processes that nobody could reach any more, and that never ended."""
    make_phone(make_marie())
    marie = Companion(wire=OverHttp(web.url))
    with ThreadPoolExecutor(1) as phone, _locked_rows():
        asked = phone.submit(marie.click)
        time.sleep(0.5)
        assert web.stop(signal.SIGTERM) == 0
        assert asked.exception(10) is not None or asked.result().status == 503


def test_a_taken_port_is_said_and_ends_the_process(web: WebProcess) -> None:
    command = [sys.executable, "manage.py", "web", "--port", str(web.port)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert str(web.port) in ended.stderr


def test_half_a_request_keeps_nobody_else_waiting(web: WebProcess) -> None:
    with socket.create_connection(("127.0.0.1", web.port)) as slow:
        slow.sendall(b"POST /api/v1/clicks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        assert web.get("/readyz")[0] == 200


def test_it_says_nothing_of_what_was_asked_and_not_what_it_is(transactional_db: None) -> None:
    with web_process() as web:
        asked = http.client.HTTPConnection("127.0.0.1", web.port, timeout=10)
        asked.request("GET", "/r/some-secret-token", headers={"Upgrade": "websocket"})
        assert asked.getresponse().getheader("Server") in {None, ""}
        asked.close()
        web.get("/healthz")
        web.stop()
        assert "some-secret-token" not in web.said


def test_a_locked_database_is_not_ready_and_says_so_in_time(client: Client) -> None:
    with _locked_rows():
        started = time.monotonic()
        assert client.get("/readyz").status_code == 503
        assert time.monotonic() - started < 2.5
    assert client.get("/readyz").status_code == 200


def test_a_frozen_database_is_not_ready_and_says_so_in_time(client: Client, postgresql_server: Server) -> None:
    environment = {"DATABASE_URL": empty_database(postgresql_server, "frozen"), "SHERIF_BUS_URL": ""}
    with web_process(environment, first=["migrate", "-v0"]) as web:
        assert web.get("/readyz")[0] == 200
        postgresql_server.freeze()
        try:
            for _ in range(2):
                assert _status(web, "/readyz", seconds=2.8) == 503
            assert web.get("/healthz")[0] == 200
        finally:
            postgresql_server.thaw()


def test_figures_are_for_this_machine_or_the_holder_of_the_token(client: Client) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    with override_settings(SHERIF=replace(settings.SHERIF, metrics_token="a-long-token")):
        for sent, status in (("a-long-token", 200), ("another", 404), ("", 404)):
            asked = client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"Authorization": f"Bearer {sent}"})
            assert asked.status_code == status
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"Authorization": "Bearer "}).status_code == 404


@contextmanager
def _locked_rows(*, seconds: float = 60) -> Iterator[None]:
    """Somebody writes and does not finish for so long, or until the end of this."""
    locked, over = threading.Event(), threading.Event()

    def hold() -> None:
        row = connection.settings_dict
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(row["NAME"], isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                locked.set()
                over.wait(seconds)
                other.execute("ROLLBACK")
            return
        with psycopg.connect(database_url()) as other_server:
            other_server.execute("LOCK TABLE alerts_alert IN EXCLUSIVE MODE")
            locked.set()
            over.wait(seconds)
            other_server.rollback()

    holding = threading.Thread(target=hold)
    holding.start()
    assert locked.wait(5)
    try:
        yield
    finally:
        over.set()
        holding.join()


def _status(web: WebProcess, path: str, *, seconds: float) -> int:
    """Status of an answer that must come in time."""
    asked = http.client.HTTPConnection("127.0.0.1", web.port, timeout=seconds)
    asked.request("GET", path)
    status = asked.getresponse().status
    asked.close()
    return status
