"""Deaths: about every second one process of the service is killed with -9; now and then everything, or the database."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from tests import services
from tests.server import ROOT, Server

_EVERYTHING, _SUPERVISOR, _DATABASE = 0.05, 0.03, 0.03  # of all deaths
_AGAIN = 0.2  # seconds until somebody who watches starts what died
_READY_SECONDS = 60


class Service:
    """`manage.py run` and a second worker beside it, as a machine's own supervisor would keep them up."""

    def __init__(self, server: Server, database: services.Server | None) -> None:
        self.server = server
        self._database = database
        self._second: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._watch = threading.Thread(target=self._keep_up, name="keep-up", daemon=True)

    def start(self) -> None:
        """Start everything and wait until it takes clicks."""
        self.server.start()
        self._watch.start()

    def stop(self) -> None:
        """End everything."""
        self._stopping.set()
        self._watch.join()
        if self._second is not None and self._second.poll() is None:
            self._second.terminate()
            self._second.wait(30)
        self.server.stop()

    def kill(self, dice: random.Random) -> str:
        """One death; whose it was."""
        chance = dice.random()
        if chance < _EVERYTHING:
            return self.kill_everything()
        if chance < _EVERYTHING + _SUPERVISOR:
            return self._kill_supervisor()
        if self._database is not None and chance < _EVERYTHING + _SUPERVISOR + _DATABASE:
            _cut_the_power(self._database)
            return "database"
        return self._kill_one(dice)

    def kill_everything(self) -> str:
        """The supervisor, its children and the second worker; whoever watches starts them again."""
        with self._lock:
            self.server.kill()
            if self._second is not None:
                self._second.kill()
                self._second.wait()
                self._second = None
        return "everything"

    def wait_until_ready(self) -> datetime:
        """Return when the last of all parts lives and clicks are taken; when that was (UTC)."""
        ends = time.monotonic() + _READY_SECONDS
        while time.monotonic() < ends:
            with self._lock:
                up = self.server.process is not None and self._second is not None
                names = {_name(pid) for pid in self.server.tree()}
            if up and {"web", "worker"} <= names:
                self.server.wait_until_ready()
                return datetime.now(UTC)
            time.sleep(0.05)
        raise RuntimeError(f"the service did not come back:\n{self.server.said()[-4000:]}")

    def _kill_supervisor(self) -> str:
        """Alone: its children hear of it from the kernel and end, while others are started already."""
        with self._lock:
            if self.server.process is None:
                return ""
            self.server.process.kill()
            self.server.process.wait()
            self.server.process = None
        return "supervisor"

    def _kill_one(self, dice: random.Random) -> str:
        with self._lock:
            pids = self.server.tree() + ([self._second.pid] if self._second is not None else [])
            alive = [pid for pid in pids if _name(pid)]
            if not alive:
                return ""
            pid = dice.choice(alive)
            name = "second worker" if self._second is not None and pid == self._second.pid else _name(pid)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return name

    def _keep_up(self) -> None:
        while not self._stopping.wait(_AGAIN):
            with self._lock:
                if self.server.process is None:
                    self.server.launch()
                if self._second is None or self._second.poll() is not None:
                    self._second = self._start_second()

    def _start_second(self) -> "subprocess.Popen[bytes]":
        with self.server.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "manage.py", "worker"],
                cwd=ROOT,
                env=self.server.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


class Killer:
    """Kills about every so many seconds, until it is told to stop or there were `most` deaths."""

    def __init__(self, service: Service, every: float, *, most: int, dice: random.Random) -> None:
        self._service = service
        self._every = every
        self._most = most
        self._dice = dice
        self._stopped = threading.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="killer")
        self._running: Future[None] | None = None
        self.deaths: Counter[str] = Counter()

    def start(self) -> None:
        """The first death comes within a second or so."""
        self._running = self._thread.submit(self._run)

    def stop(self) -> None:
        """No more. Raises what kept the killer from killing: a campaign without deaths proves nothing."""
        self._stopped.set()
        if self._running is not None:
            self._running.result()
        self._thread.shutdown()

    def _run(self) -> None:
        while self.deaths.total() < self._most:
            if self._stopped.wait(self._every * self._dice.uniform(0.5, 1.5)):
                return
            if name := self._service.kill(self._dice):
                self.deaths[name] += 1


def _cut_the_power(database: services.Server) -> None:
    """Kill PostgreSQL and start it again, as soon as the last of its processes has heard of it."""
    database.kill()
    ends = time.monotonic() + _READY_SECONDS
    while True:
        try:
            database.start()
        except services.ServiceError:
            if time.monotonic() > ends:
                raise
            time.sleep(_AGAIN)
        else:
            return


def _name(pid: int) -> str:
    """The part of the service that this process is; empty once it is gone, or not yet one of ours."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    return words[2].decode() if len(words) > 2 and words[1] == b"manage.py" else ""
