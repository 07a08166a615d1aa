"""`manage.py run`: the whole service on one machine, in one process tree."""

import ctypes
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from alerts.domain import demonstration
from sherif_web.staticfiles import collect_if_changed

_PARTS = ("web", "worker", "auditor", "media")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 1.0
_GRACE_SECONDS = 8
_HEALTHY_SECONDS = 10
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def _die_with_parent() -> None:
    """In the child, before exec: a kill -9 of the supervisor leaves no process behind (prctl(2), Linux)."""
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGTERM)


@dataclass
class _Part:
    """One process of the tree: started, watched, restarted within a second."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = _FIRST_PAUSE
    due: float = field(default_factory=time.monotonic)

    def tend(self) -> int | None:
        """Start the part when it is due; the exit status of one that just died, else None."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self._start()
            return None
        status = self.process.poll()
        if status is None:
            return None
        self.process = None
        self.pause = _FIRST_PAUSE if now - self.started > _HEALTHY_SECONDS else min(self.pause * 2, _LONGEST_PAUSE)
        self.due = now + self.pause
        return status

    def _start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", self.name],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - no thread runs yet
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which then ends its children in order
        )


class Command(BaseCommand):
    """Prepares the database and static files, then supervises the parts until SIGTERM or Ctrl-C."""

    help = "Run web, worker, auditor and media on this machine, restart each within a second, end them together."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop."""
        call_command("migrate", interactive=False, verbosity=0)
        collect_if_changed()
        self._welcome()
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        parts = [_Part(name=name) for name in _names()]
        try:
            self._supervise(parts, stop)
        finally:
            _end(parts)

    def _supervise(self, parts: list[_Part], stop: threading.Event) -> None:
        while not stop.wait(0.1):
            for part in parts:
                status = part.tend()
                if status is not None:
                    self.stderr.write(f"{part.name} ended with {status}; it starts again in {part.pause:.1f} s")

    def _welcome(self) -> None:
        url = settings.SHERIF.public_url
        lines = [f"MonShérif: {url}/"]
        if settings.SHERIF.console and demonstration.allowed():
            shown = demonstration.create()
            lines += [
                f"  1. Her telephone and five others:  {url}/outbox/   click, then open a link",
                f"  2. Her profile:                    {url}/profile/",
                f"     pseudonym {shown.victim.username}, password {shown.victim.password}",
                f"  3. PIN {shown.victim.pin} ends an alert; {shown.victim.duress_pin} seems to",
            ]
        lines.append("Ctrl-C ends everything.")
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def _names() -> Sequence[str]:
    """The holder of keys too, where the setting says where they lie; first, because the others ask it."""
    evidence = settings.SHERIF.evidence
    return ("keyholder", *_PARTS) if evidence.held and evidence.kept is not None else _PARTS


def _end(parts: list[_Part]) -> None:
    """Ask every part to end, wait, then insist."""
    running = [part.process for part in parts if part.process is not None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + _GRACE_SECONDS
    for process in running:
        try:
            process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
