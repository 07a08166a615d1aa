"""`manage.py web` as a real process on a free port, beside the rows of the test."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from django.conf import settings
from django.db import connection

from tests.services import free_port

ROOT = Path(__file__).resolve().parent.parent


class WebProcess:
    """One web process that a test may stop, kill and start again on the same port."""

    def __init__(self, environment: Mapping[str, str] | None = None, *, port: int | None = None) -> None:
        self.port = port or free_port()
        self._environment = {**os.environ, **_environment(self.port), **(environment or {})}
        self._process: subprocess.Popen[str] | None = None
        self._log = settings.SHERIF.data_dir / f"web-{self.port}.log"

    @property
    def url(self) -> str:
        """Its origin, without a slash."""
        return f"http://localhost:{self.port}"

    @property
    def said(self) -> str:
        """Its log so far."""
        return self._log.read_text(encoding="utf-8")

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    def manage(self, *command: str) -> None:
        """Run another command in its environment."""
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=self._environment, check=True)

    def start(self) -> None:
        """Start it and wait until it says that it accepts."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "web", "--port", str(self.port)],
                cwd=ROOT,
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == f"ready 127.0.0.1:{self.port}\n", self.said

    def stop(self, way: signal.Signals = signal.SIGTERM) -> int:
        """End it; returns its exit status. Nothing happens if it is not there."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(way)
        status = process.wait(15)
        assert process.stdout is not None
        process.stdout.close()
        return status

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of a page that exists."""
        with urlopen(self.url + path, timeout=10) as answer:  # noqa: S310 - our own server
            return answer.status, answer.read()

    def memory(self) -> int:
        """Resident bytes."""
        fields = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    def threads(self) -> int:
        """How many threads it has."""
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))


@contextmanager
def web_process(
    environment: Mapping[str, str] | None = None, *, first: Sequence[str] | None = None
) -> Iterator[WebProcess]:
    """A running web process; `first` is a command of manage.py that runs before it."""
    web = WebProcess(environment)
    if first:
        web.manage(*first)
    web.start()
    try:
        yield web
    finally:
        web.stop()


def until(condition: Callable[[], bool], seconds: float = 15) -> bool:
    """Whether a condition comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def _environment(port: int) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "SHERIF_DATA_DIR": str(settings.SHERIF.data_dir),
        "SHERIF_PUBLIC_URL": f"http://localhost:{port}",
        "DATABASE_URL": database_url(),
    }


def database_url() -> str:
    """The test's own database, not the one of the settings."""
    row = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{row['NAME']}"
    return f"postgresql://{row['USER']}:{row['PASSWORD']}@{row['HOST']}:{row['PORT']}/{row['NAME']}"
