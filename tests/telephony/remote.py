"""The stand-in as a process of its own, so that nothing that a test kills or freezes slows it down."""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.telephony.hooks import Service
from tests.telephony.ledger import Taken, read
from tests.telephony.moods import Death
from tests.telephony.network import Network
from tests.telephony.telephones import Device, Pocket
from tests.wires import OverHttp

_ROOT = Path(__file__).resolve().parent.parent.parent
_SETTABLE = frozenset(
    {
        "moods",
        "hang_seconds",
        "delay_seconds",
        "retry_after",
        "lists",
        "listed_after_seconds",
        "share",
        "bad",
        "plan",
        "late_seconds",
    }
)


def behave(network: Network, wanted: Mapping[str, Any]) -> None:
    """Change how it behaves: names of Moods, `plan`, `late_seconds`, `seed`, `dead`, `devices`.

    `devices` is {number: {"pocket": Pocket, "receipts": Plan, "fails": code, "stopped": code}}, each as wanted.
    """
    for name, value in wanted.items():
        if name in _SETTABLE:
            setattr(network, name, value)
        elif name == "seed":
            network.seed(value)
        elif name == "dead":
            network.die(value) if value else network.revive()
        elif name == "devices":
            for number, told in value.items():
                _tell(network.device(number), told)
        else:
            raise ValueError(f"nothing here is called {name}")


def _tell(device: Device, told: Mapping[str, Any]) -> None:
    if "pocket" in told:
        device.pocket = Pocket(told["pocket"])
    if "receipts" in told:
        device.receipts(told["receipts"])
    if "fails" in told:
        device.fails(told["fails"])
    if "stopped" in told:
        device.stopped(told["stopped"])


class _Control(BaseHTTPRequestHandler):
    network: Network

    def do_POST(self) -> None:
        """POST /behaviour with JSON; 204, or 400 with the reason."""
        try:
            behave(self.network, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        except (ValueError, TypeError) as error:
            self.send_error(400, explain=str(error))
        else:
            self.send_response(204)
            self.end_headers()

    def do_GET(self) -> None:
        """How many were taken and refused, and how many receipts were posted."""
        network = self.network
        counts = {"taken": len(network.taken), "refused": len(network.refused), "posted": len(network.posted)}
        body = json.dumps(counts).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


def main(arguments: Sequence[str]) -> int:
    """Serve until SIGTERM or Ctrl-C, or until whoever started it is gone."""
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before the first thread: a signal finds `sigtimedwait` alone
    parent = os.getppid()
    parser = argparse.ArgumentParser(prog="tests.twilio", description="A small Twilio of our own.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True, help="JSON lines; every message, before its answer")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before every answer")
    parser.add_argument("--service", default="", help="URL of the service: receipts are posted there")
    parser.add_argument("--public-url", default="", help="what its links say, if not that")
    given = parser.parse_args(arguments)
    service = Service(wire=OverHttp(given.service), public_url=given.public_url or given.service)
    network = Network(log=given.log, port=given.port, service=service if given.service else None)
    network.delay_seconds = given.delay
    network.open()
    control = ThreadingHTTPServer(("127.0.0.1", 0), type("Control", (_Control,), {"network": network}))
    threading.Thread(target=control.serve_forever, daemon=True).start()
    sys.stdout.write(f"{network.url}\nhttp://127.0.0.1:{control.server_port}\n")
    sys.stdout.flush()
    while signal.sigtimedwait(ends, 0.5) is None and os.getppid() == parent:
        continue
    network.close()
    return 0


@dataclass
class Remote:
    """That process, from outside."""

    process: subprocess.Popen[str]
    url: str
    control: str
    log: Path

    @classmethod
    def start(cls, log: Path, *, delay_seconds: float = 0.0, port: int = 0, service: str = "") -> "Remote":
        """Start and wait until it listens; with the URL of the `service` it posts receipts there."""
        command = [sys.executable, "-m", "tests.twilio", f"--port={port}", f"--log={log}", f"--delay={delay_seconds}"]
        command.append(f"--service={service}")
        process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
        if process.stdout is None:
            raise RuntimeError("a process without an output")
        url, control = process.stdout.readline().strip(), process.stdout.readline().strip()
        if not control:
            raise RuntimeError(f"the stand-in did not start: status {process.wait(5)}")
        return cls(process=process, url=url, control=control, log=log)

    def behave(self, **wanted: Any) -> None:
        """Change how it behaves; see `behave` above."""
        request = urllib.request.Request(  # noqa: S310 - our own port
            f"{self.control}/behaviour", json.dumps(wanted).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10):  # noqa: S310 - our own port
            return

    def die(self, how: Death = "says 503") -> None:
        """See Network.die."""
        self.behave(dead=how)

    def revive(self) -> None:
        """See Network.revive."""
        self.behave(dead="")

    def counts(self) -> Mapping[str, int]:
        """How many were taken and refused, and how many receipts were posted."""
        with urllib.request.urlopen(self.control, timeout=10) as answer:  # noqa: S310 - our own port
            counted: Mapping[str, int] = json.load(answer)
            return counted

    @property
    def taken(self) -> list[Taken]:
        """What its log on disk says."""
        return list(read(self.log))

    def stop(self) -> None:
        """End it; the log stays."""
        self.process.terminate()
        self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()
