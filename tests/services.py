"""PostgreSQL and Redis as they are in real life: real servers on private ports, in a folder of their own.

Needs Debian's packages `postgresql` and `redis-server`. Nothing of a server that already runs is touched.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
from psycopg import sql

READY_SECONDS = 30
STOP_SECONDS = 15


class ServiceError(Exception):
    """A server is not installed, or did not come up; the message holds its own last words."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Server:
    """One server process that a test may stop, freeze, kill and start again on the same port and folder."""

    def __init__(
        self, *, url: str, command: Sequence[str], folder: Path, answers: Callable[[], bool], user: str | None = None
    ) -> None:
        self.url = url
        self._command = command
        self._user = user
        self._folder = folder
        self._answers = answers
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        if self._process is None:
            raise ServiceError("not started")
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises ServiceError with its log if it ends or stays silent for READY_SECONDS.
        """
        log = self._folder / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=self._folder, user=self._user
            )
        until = time.monotonic() + READY_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise ServiceError(log.read_text(encoding="utf-8", errors="replace")[-2000:])
            time.sleep(0.02)

    def stop(self) -> None:
        """End it in good order; kill it if that takes longer than STOP_SECONDS. Nothing happens if it is not there."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Make it hang: connections are taken by the kernel, nobody answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def _end(self, way: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for sent in (way, signal.SIGCONT):
            process.send_signal(sent)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _program(name: str) -> str:
    """The path of a server's program. Raises ServiceError naming the package that is missing."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = shutil.which(name) or (str(debian[0]) if debian else None)
    if found is None:
        raise ServiceError(f"{name} is missing: scripts/setup-tests installs it")
    return found


@contextmanager
def postgresql(*, durable: bool = True) -> Iterator[Server]:
    """A PostgreSQL server with one empty database; `url` is what DATABASE_URL wants.

    `durable=False` leaves fsync out and may forget what it confirmed: faster, for tests that kill nothing.
    """
    user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    with tempfile.TemporaryDirectory(prefix="sherif-postgresql-") as name:
        folder, port = Path(name), free_port()
        if user:
            shutil.chown(folder, user)
        _initialise(folder / "rows", user=user)
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": str(port)}
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        url = f"postgresql://sherif@127.0.0.1:{port}/postgres"
        yield from _serve(
            Server(
                url=url,
                command=[_program("postgres"), "-D", str(folder / "rows"), *options],
                folder=folder,
                answers=partial(_postgresql_answers, url),
                user=user,
            )
        )


def empty_database(server: Server, name: str) -> str:
    """The address of a new, empty database in a running PostgreSQL server, whatever others left in its first one."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{server.url.rpartition('/')[0]}/{name}"


def _initialise(rows: Path, *, user: str | None) -> None:
    command = [_program("initdb"), "--username=sherif", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
    options = ["--no-sync", "--no-instructions", f"--pgdata={rows}"]
    subprocess.run([*command, *options], user=user, cwd=rows.parent, check=True, capture_output=True)


@contextmanager
def redis() -> Iterator[Server]:
    """A Redis server that keeps nothing on disk; `url` is what SHERIF_BUS_URL wants."""
    with tempfile.TemporaryDirectory(prefix="sherif-redis-") as name:
        port = free_port()
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        yield from _serve(
            Server(
                url=f"redis://127.0.0.1:{port}/0",
                command=[_program("redis-server"), *options],
                folder=Path(name),
                answers=partial(_redis_answers, port),
            )
        )


def _serve(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _postgresql_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _redis_answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
