"""What stands around the service in its benchmarks: a telephone network, a mail server, the floor; processes all."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from tests import twilio
from tests.server import ROOT, Server
from tests.telephony.remote import Remote

ANSWERS_IN = 0.2  # seconds


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """A running service between a stand-in for Twilio and a mail server, which answer after 200 ms."""

    server: Server
    telephones: Remote
    mails: Path

    def arrivals(self) -> dict[UUID, float]:
        """When the first request of each delivery reached a network (seconds since 1970)."""
        came: dict[UUID, float] = {}
        for taken in self.telephones.taken:
            delivery = UUID(taken.form["StatusCallback"].rstrip("/").rpartition("/")[2])
            came.setdefault(delivery, taken.at.timestamp())
        for line in self.mails.read_text(encoding="utf-8").splitlines() if self.mails.exists() else ():
            mail = json.loads(line)
            came.setdefault(UUID(mail["delivery"]), mail["at"])
        return came


@contextmanager
def surroundings(data_dir: Path, *, receipts: bool = False) -> Iterator[Surroundings]:
    """Start all of it on this data folder."""
    mails, log = data_dir / "mails.jsonl", data_dir / "telephones.jsonl"
    server = Server(data_dir)
    with (
        _process("benchmarks._mailserver", mails) as port,
        twilio.process(log, delay_seconds=ANSWERS_IN, service=server.url if receipts else "") as telephones,
    ):
        server.environ = dict(_environment(telephones, port))
        with server:
            yield Surroundings(server=server, telephones=telephones, mails=mails)


@contextmanager
def bare_insert(data_dir: Path) -> Iterator[str]:
    """The floor: the URL of a Django that does one INSERT per click."""
    with _process("benchmarks._insert_floor", data_dir / "floor.sqlite3") as said:
        yield f"http://localhost:{said.removeprefix('ready ')}"


def _environment(telephones: Remote, port: str) -> Mapping[str, str]:
    return {
        "SHERIF_TELEPHONY": "twilio",
        "SHERIF_TWILIO_URL": telephones.url,
        "SHERIF_SMS_SENDER": "MonSherif",
        "SHERIF_VOICE_NUMBER": "+33199001234",
        "TWILIO_ACCOUNT_SID": twilio.ACCOUNT,
        "TWILIO_AUTH_TOKEN": twilio.TOKEN,
        "EMAIL_URL": f"smtp://127.0.0.1:{port}?from=alerte@sos.example",
        "SHERIF_LADDER_SECONDS": "3600",
    }


@contextmanager
def _process(module: str, argument: Path) -> Iterator[str]:
    """A module as a process, until the end of the block; what its first line says."""
    command = [sys.executable, "-m", module, str(argument)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline().strip()
        if not said:
            raise RuntimeError(f"{module} did not start")
        try:
            yield said
        finally:
            process.terminate()
