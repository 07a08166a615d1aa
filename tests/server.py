"""The real service in its own process tree, on a data folder and a port of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests import collected

ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 60


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """`manage.py run` (or one of its parts) as an operator would start it."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    environ: dict[str, str] = field(default_factory=dict)
    command: str = "run"
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The origin of the service; localhost, because browsers trust that name without TLS."""
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What the processes see: nothing of the test run's own settings."""
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SHERIF_", "DJANGO_", "DATABASE_", "EMAIL_", "TWILIO_"))
        }
        own = {"SHERIF_DATA_DIR": str(self.data_dir), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        return clean | own | {"SHERIF_TILES": "none"} | self.environ

    def start(self) -> Self:
        """Start and wait until the service can accept a click."""
        self.launch()
        try:
            self.wait_until_ready()
            collected.keep(self.data_dir)
        except BaseException:
            self.kill()  # a service that does not start would go on trying for ever
            raise
        return self

    def launch(self) -> None:
        """Start, and wait for nothing."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        collected.lend(self.data_dir)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", self.command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Return once /readyz says so; raise with the log if that does not come."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:  # noqa: S310 - our own port
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        raise RuntimeError(f"the service did not start:\n{self.said()}")

    def stop(self) -> None:
        """End the tree as Ctrl-C would."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(15)
        self.process = None

    def kill(self) -> None:
        """kill -9 of every process of the tree, children first found, no goodbye."""
        if self.process is None:
            return
        for pid in [*reversed(self.tree()), self.process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(5)
        self.process = None

    def tree(self) -> list[int]:
        """The processes below the supervisor."""
        if self.process is None:
            return []
        found, waiting = [], [self.process.pid]
        while waiting:
            pid = waiting.pop()
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                children = [int(child) for child in task.read_text().split()]
                found += children
                waiting += children
        return found

    @property
    def log(self) -> Path:
        """Everything that the processes printed."""
        return self.data_dir / "server.log"

    def said(self) -> str:
        """The log so far."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    def demo(self) -> dict[str, Any]:
        """`manage.py demo --json`: who plays in this installation."""
        printed = subprocess.run(
            [sys.executable, "manage.py", "demo", "--json"],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
        )
        people: dict[str, Any] = json.loads(printed.stdout)
        return people

    def play(self, scene: str, **options: Any) -> dict[str, Any]:
        """A scene of `tests.responders.play` in this installation."""
        command = [sys.executable, "-m", "tests.responders.play", scene, json.dumps(options)]
        printed = subprocess.run(command, cwd=ROOT, env=self.environment, check=True, capture_output=True)
        told: dict[str, Any] = json.loads(printed.stdout)
        return told

    def part(self, name: str) -> int:
        """The process id of one part of the tree. Raises ProcessLookupError if it does not run now."""
        for pid in self.tree():
            with suppress(FileNotFoundError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if words[1:3] == [b"manage.py", name.encode()]:
                    return pid
        raise ProcessLookupError(name)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
