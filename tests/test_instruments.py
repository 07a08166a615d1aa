"""The instruments themselves: a server that cannot be cut, a telephone network that forgets, would prove nothing."""

import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

import psycopg
import pytest
import requests
from twilio.request_validator import RequestValidator

from tests.outside import wait_until
from tests.people import NADIA, THOMAS
from tests.services import Server
from tests.twilio import ACCOUNT, TOKEN, Network, Plan, Remote, Service, network, process, read
from tests.wires import OverHttp


def test_postgresql_keeps_what_it_confirmed_through_a_kill(postgresql_server: Server) -> None:
    with psycopg.connect(postgresql_server.url) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (17)")

    postgresql_server.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgresql_server.url)
    postgresql_server.start()

    with psycopg.connect(postgresql_server.url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(17,)]
        connection.execute("DROP TABLE kept")


def test_redis_hangs_while_frozen(redis_server: Server) -> None:
    host, port = redis_server.url.removeprefix("redis://").removesuffix("/0").split(":")
    redis_server.freeze()
    with socket.create_connection((host, int(port)), timeout=0.2) as connection:
        connection.sendall(b"PING\r\n")
        with pytest.raises(TimeoutError):
            connection.recv(16)
        redis_server.thaw()
        connection.settimeout(5)
        assert connection.recv(16).startswith(b"+PONG")


# ---- The stand-in of Twilio on real wires; its moods and its telephones by hand: test_stand_ins, test_telephones ----

MENU = (
    '<Response><Gather numDigits="1" action="/keys" timeout="6" actionOnEmptyResult="true">'
    '<Say language="fr-FR">Marie appelle au secours</Say></Gather></Response>'
)


@dataclass
class Desk:
    """A service on a port of its own: it believes signatures alone and writes down what was posted."""

    url: str = ""
    believed: list[Mapping[str, str]] = field(default_factory=list)
    refused: list[Mapping[str, str]] = field(default_factory=list)

    def words(self, sid: str) -> list[str]:
        """What receipts that it believed said of one message, in their order."""
        told = [one for one in self.believed if sid in {one.get("MessageSid"), one.get("CallSid")} and "msg" not in one]
        return [one.get("MessageStatus") or one["CallStatus"] for one in told]


class _Hooks(BaseHTTPRequestHandler):
    desk: Desk

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True))
        signed = RequestValidator(TOKEN).validate(
            f"{self.desk.url}{self.path}", form, self.headers["X-Twilio-Signature"]
        )
        (self.desk.believed if signed else self.desk.refused).append(form)
        said = f"<Response><Say>La touche {form.get('Digits') or 'rien'}</Say><Hangup/></Response>".encode()
        self.send_response(200 if signed else 403)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def desk() -> Iterator[Desk]:
    running = Desk()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Hooks", (_Hooks,), {"desk": running})) as server:
        running.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield running
        server.shutdown()
        thread.join()


def send(running: Network | Remote, kind: str = "Messages", **form: str) -> requests.Response:
    """One text or call, as Twilio's client posts it."""
    given = {"To": NADIA.phone_number, "From": "+33199001234", **form}
    url = f"{running.url}/2010-04-01/Accounts/{ACCOUNT}/{kind}.json"
    return requests.post(url, data=given, auth=(ACCOUNT, TOKEN), timeout=5)


@contextmanager
def burst(running: Remote, answered: list[str], *, hands: int = 6) -> Iterator[None]:
    """So many hands send texts one after the other until nobody answers any more; what was answered is noted."""

    def texts() -> None:
        while True:
            try:
                answered.append(send(running, Body="SECOURS").json()["sid"])
            except requests.RequestException:
                return

    threads = [threading.Thread(target=texts) for _ in range(hands)]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()


def test_a_kill_in_the_middle_of_a_burst_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    log, answered, before = tmp_path / "taken.jsonl", list[str](), 0
    for _ in range(3):
        with process(log) as running:
            with burst(running, answered):
                assert wait_until(lambda: len(answered) >= before + 60)  # noqa: B023 - waited for right here
                running.process.kill()
            before = len(answered)
    remembered = [one.sid for one in read(log)]

    assert set(answered) <= set(remembered)
    assert len(remembered) == len(set(remembered))
    assert len(remembered) - len(answered) <= 3 * 6, "what a hand had no answer to, no more"


def test_nothing_is_answered_before_the_disk_has_confirmed_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def worn_out(file: int) -> None:
        raise OSError(5, f"the disk of {file} is worn out")

    with network(log=tmp_path / "taken.jsonl") as running:
        with monkeypatch.context() as broken:
            broken.setattr(os, "fsync", worn_out)
            with pytest.raises(requests.ConnectionError):
                send(running, Body="SECOURS")
        assert running.taken == []
        sid = send(running, Body="SECOURS").json()["sid"]
        assert [one.sid for one in running.taken] == [sid]


def test_a_process_posts_receipts_in_order_twice_backwards_late_never_and_forged(tmp_path: Path, desk: Desk) -> None:
    told = {
        Plan.PROMPT: ["sent", "delivered"],
        Plan.TWICE: ["sent", "sent", "delivered", "delivered"],
        Plan.REVERSED: ["delivered", "sent"],
        Plan.LATE: ["sent", "delivered"],
        Plan.NEVER: [],
        Plan.FORGED: [],
    }
    numbers = {plan: f"+336399801{number:02}" for number, plan in enumerate(told)}
    with process(tmp_path / "taken.jsonl", service=desk.url) as running:
        running.behave(late_seconds=1.5, devices={number: {"receipts": plan} for plan, number in numbers.items()})
        began = time.monotonic()
        sids = {
            plan: send(running, To=number, Body="SECOURS", StatusCallback=f"{desk.url}/status?d=1").json()["sid"]
            for plan, number in numbers.items()
        }
        assert wait_until(lambda: len(desk.words(sids[Plan.TWICE])) == 4)
        early = desk.words(sids[Plan.LATE]), time.monotonic() - began
        assert wait_until(lambda: len(desk.words(sids[Plan.LATE])) == 2 and len(desk.refused) == 2)
        assert early[0] == [] or early[1] > 1.5
        assert running.counts()["posted"] == sum(len(words) for words in told.values()) + 2
    assert {plan: desk.words(sid) for plan, sid in sids.items()} == told
    assert {one["MessageSid"] for one in desk.refused} == {sids[Plan.FORGED]}


def test_a_machine_in_a_process_listens_to_the_end_and_a_person_presses_a_key(tmp_path: Path, desk: Desk) -> None:
    form = {"Twiml": MENU.replace("/keys", f"{desk.url}/keys"), "StatusCallback": f"{desk.url}/status?d=2"}
    with process(tmp_path / "taken.jsonl", service=desk.url) as running:
        running.behave(devices={NADIA.phone_number: {"pocket": "voicemail"}, THOMAS.phone_number: {"pocket": "busy"}})
        machine = send(running, "Calls", **form).json()["sid"]
        busy = send(running, "Calls", **form, To=THOMAS.phone_number).json()["sid"]
        assert wait_until(lambda: desk.words(machine) == ["completed"] and desk.words(busy) == ["busy"])
    assert [one["Digits"] for one in desk.believed if "Digits" in one] == [""], "nobody pressed"

    with network(service=Service(wire=OverHttp(desk.url), public_url=desk.url)) as here:
        person = send(here, "Calls", **form).json()["sid"]
        here.device(NADIA).expect_call(saying="Marie").press("1").expect("La touche 1")
        assert wait_until(lambda: desk.words(person) == ["completed"])


def test_who_waits_long_enough_hears_what_a_hanging_network_took(tmp_path: Path) -> None:
    with process(tmp_path / "taken.jsonl") as running:
        running.behave(hang_seconds=0.7, retry_after=17, moods=["hang", 429])
        began = time.monotonic()
        assert send(running, Body="SECOURS").status_code == 201
        assert time.monotonic() - began >= 0.7
        assert send(running, Body="SECOURS").headers["Retry-After"] == "17"
        assert running.counts() == {"taken": 1, "refused": 1, "posted": 0}
