"""The whole service with a dead telephone network: somebody is told, and everything turns back when it returns."""

import os
import signal
import sqlite3
import time
import urllib.error
import urllib.request
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.states import Gesture
from tests.outside import Listener, Mailbox, listener, mailbox, wait_until
from tests.phones import Companion, OverHttp
from tests.server import Server
from tests.twilio import ACCOUNT, TOKEN, Network, network, post

pytestmark = [pytest.mark.journey, pytest.mark.slow]

HEARTBEAT_SECONDS = 30


def environment(telephones: Network, box: Mailbox, heard: Listener) -> dict[str, str]:
    return {
        "SHERIF_TELEPHONY": "twilio",
        "SHERIF_TWILIO_URL": telephones.url,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "SHERIF_SMS_SENDER": "MonSherif",
        "SHERIF_VOICE_NUMBER": "+33199000000",
        "EMAIL_URL": box.url,
        "SHERIF_OPERATORS": "ops@sos.exmpl.fr",
        "SHERIF_HEARTBEAT_URL": heard.url,
    }


def asked(server: Server, path: str) -> tuple[int, str]:
    """Status and body."""
    try:
        with urllib.request.urlopen(f"{server.url}{path}", timeout=5) as answer:  # noqa: S310 - our own port
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def begun_long_ago(server: Server) -> None:
    """Her click is two minutes old: a minute need not be waited for."""
    at = (datetime.now(UTC) - timedelta(minutes=2)).strftime("%Y-%m-%d %H:%M:%S.%f")
    with closing(sqlite3.connect(server.data_dir / "sherif.sqlite3", timeout=10)) as record, record:
        record.execute("UPDATE alerts_alert SET opened_at = ?", [at])


def auditors(server: Server) -> list[int]:
    """The processes that watch."""
    commands = {pid: Path(f"/proc/{pid}/cmdline") for pid in server.tree()}
    return [pid for pid, path in commands.items() if path.exists() and b"auditor" in path.read_bytes().split(b"\0")]


def last_round(server: Server) -> float:
    """How long ago (seconds) the auditor ended a round."""
    name = "sherif_auditor_age_seconds "
    _, text = asked(server, "/metrics")
    return next(float(line.removeprefix(name)) for line in text.splitlines() if line.startswith(name))


def deliver(server: Server, telephones: Network) -> None:
    """Every text that the network took has arrived."""
    for taken in telephones.taken:
        form = {"MessageSid": taken.sid, "MessageStatus": "delivered"}
        post(taken.form["StatusCallback"], form, public_url=server.url)


def test_a_dead_network_is_shouted_about_and_a_network_that_returns_is_believed(tmp_path: Path) -> None:
    with (
        network() as telephones,
        mailbox() as box,
        listener() as heard,
        Server(tmp_path / "data", environ=environment(telephones, box, heard)) as server,
    ):
        people = server.demo()
        assert wait_until(lambda: asked(server, "/readyz?all")[0] == 200, seconds=30)
        assert wait_until(lambda: heard.beats, seconds=20)

        telephones.die("refuses")
        marie = Companion(wire=OverHttp(server.url), token=people["phone"]["token"])
        alert = marie.click(Gesture.SINGLE).json["alert"]["id"]
        begun_long_ago(server)
        assert wait_until(lambda: asked(server, "/readyz?all")[0] == 503, seconds=20)
        assert '"nobody_reached": 1' in asked(server, "/readyz")[1]
        assert asked(server, "/readyz")[0] == 200
        assert 'sherif_findings{kind="nobody_reached"} 1.0' in asked(server, "/metrics")[1]
        assert marie.alert()["nobody_reached"] is True
        assert wait_until(lambda: box.letters, seconds=20)
        assert "1 alerte que personne n'a reçue" in box.letters[0]
        assert alert in box.letters[0]

        _kill_the_auditor(server)
        silent_for = HEARTBEAT_SECONDS + 6 - (time.monotonic() - heard.beats[-1])
        time.sleep(max(silent_for, 0))
        assert time.monotonic() - heard.beats[-1] > HEARTBEAT_SECONDS + 5

        telephones.revive()
        assert wait_until(lambda: len(telephones.taken) == 5, seconds=20)
        deliver(server, telephones)
        returned = time.monotonic()
        assert wait_until(lambda: asked(server, "/readyz?all")[0] == 200, seconds=20), server.said()
        assert wait_until(lambda: heard.beats[-1] > returned, seconds=20)
        assert marie.alert()["nobody_reached"] is False
    assert "secret-of-the-heartbeat" not in server.said()
    assert "ops@sos.exmpl.fr" not in server.said()


def _kill_the_auditor(server: Server) -> None:
    """It is there again within two seconds, and watches again within twenty."""
    (watching,) = auditors(server)
    killed = time.monotonic()
    os.kill(watching, signal.SIGKILL)
    assert wait_until(lambda: len(auditors(server)) == 1 and auditors(server) != [watching], seconds=2)
    assert wait_until(lambda: last_round(server) < time.monotonic() - killed, seconds=20)
