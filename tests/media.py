"""`manage.py media` as a real process, behind a socket of the test's own: several test runs share a data folder."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from responders.mediaclient import AwayError, MediaClient
from sherif_web.env import Environment

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30


class MediaProcess:
    """One media process that a test may freeze, kill and start again."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="sherif-media-", dir="/tmp")
        self.environment = {"SHERIF_MEDIA_URL": f"unix:{self._folder.name}/door", **(environment or {})}
        self.url = self.environment["SHERIF_MEDIA_URL"]
        self._process: subprocess.Popen[bytes] | None = None
        self._log = settings.SHERIF.data_dir / f"media-{uuid4().hex[:8]}.log"

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def said(self) -> str:
        """Its log so far."""
        return self._log.read_text(encoding="utf-8")

    @property
    def client(self) -> MediaClient:
        """Whoever may knock at its door."""
        return MediaClient(url=self.url, data_dir=settings.SHERIF.data_dir)

    @property
    def settings(self) -> Environment:
        """Those of this test, with this media process."""
        sherif: Environment = settings.SHERIF
        return replace(sherif, media=replace(sherif.media, url=self.url))

    def launch(self) -> None:
        """Start it, and wait for nothing."""
        own = {"DJANGO_SETTINGS_MODULE": "tests.settings", "SHERIF_DATA_DIR": str(settings.SHERIF.data_dir)}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "media"],
                cwd=ROOT,
                env={**os.environ, **own, **self.environment},
                stdout=log,
                stderr=log,
            )

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.launch()
        assert self.answers(), self.said

    def answers(self) -> bool:
        """Whether it answers within half a minute."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process is not None and self._process.poll() is None:
            try:
                self.client.rooms()
            except AwayError:
                time.sleep(0.05)
            else:
                return True
        return False

    def stop(self, way: signal.Signals = signal.SIGTERM) -> int:
        """End it; its exit status. Nothing happens if it is not there."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(way)
        process.send_signal(signal.SIGCONT)
        return process.wait(15)

    def forget(self) -> None:
        """Its socket too."""
        self._folder.cleanup()

    def freeze(self) -> None:
        """It hangs: the kernel takes calls, nobody answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        os.kill(self.pid, signal.SIGCONT)


@contextmanager
def media_process(environment: Mapping[str, str] | None = None) -> Iterator[MediaProcess]:
    """A running media process."""
    media = MediaProcess(environment)
    media.start()
    try:
        yield media
    finally:
        media.stop()
        media.forget()
