"""Datagrams between the processes of one machine: each listener owns a socket in a folder of this installation."""

import asyncio
import contextlib
import hashlib
import os
import socket
import stat
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from uuid import uuid4

from alerts.broadcast.base import Envelope, UnreadableError, unpacked
from alerts.broadcast.outbound import Outbound

LARGEST = 96 * 1024
_LONGEST_PATH = 107  # bytes: sockaddr_un of Linux, without its final zero
_NAME = 24
_AT_ONCE = 64
_MOST_UNSENT = 4_096
_FIRST_PAUSE, _LONGEST_PAUSE = 0.0005, 0.05
_SETTLED_NS = 50_000_000


class LocalBus:
    """The folder stands under the system's temporary one, because a socket's path may have 107 bytes at most."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = _folder(data_dir)
        self._outbound = Outbound(self._carry)
        self._listeners: dict[Path, _Listener] = {}
        self._listed_ns = 0

    def send(self, envelope: Envelope) -> None:
        """One datagram to each listener; one too large travels as a gap."""
        self._outbound.put(envelope.within(LARGEST))

    async def listen(self, *, standing: Callable[[], None] = lambda: None) -> AsyncIterator[Envelope]:
        """Every envelope sent from now on. Raises PermissionError if somebody else owns the folder."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        _check_private(self._folder)
        path = self._folder / f"{os.getpid()}-{uuid4().hex[:8]}"
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
            listener.bind(str(path))
            path.chmod(0o600)
            inbox = _Inbox(listener)
            loop = asyncio.get_running_loop()
            loop.add_reader(listener.fileno(), inbox.read)
            standing()
            try:
                while True:
                    yield await inbox.next()
            finally:
                loop.remove_reader(listener.fileno())
                path.unlink(missing_ok=True)

    def _carry(self, batch: Sequence[Envelope]) -> float | None:
        self._look_around()
        datagrams = [envelope.packed().encode() for envelope in batch]
        for path, listener in list(self._listeners.items()):
            if not listener.take(datagrams):
                self._listeners.pop(path).close()
                path.unlink(missing_ok=True)
        return min((listener.pause for listener in self._listeners.values() if listener.pause), default=None)

    def _look_around(self) -> None:
        """Who listens, read again only when the folder changed."""
        try:
            changed_ns = _check_private(self._folder)
        except FileNotFoundError:
            changed_ns = 0
        if changed_ns == self._listed_ns and time.time_ns() - changed_ns > _SETTLED_NS:
            return
        self._listed_ns = changed_ns
        present = set(self._folder.iterdir()) if changed_ns else set()
        for path in self._listeners.keys() - present:
            self._listeners.pop(path).close()
        for path in present - self._listeners.keys():
            if listener := _Listener.reach(path):
                self._listeners[path] = listener


class _Listener:
    """The sending end towards one process, with what that process has not read yet.

    Linux keeps ten unread datagrams for a listener (net.unix.max_dgram_qlen); a burst has more.
    """

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._unsent: deque[bytes] = deque(maxlen=_MOST_UNSENT)  # the oldest go first: pages catch up by themselves
        self.pause = 0.0

    @classmethod
    def reach(cls, path: Path) -> "_Listener | None":
        """The sending end, or None: nobody is there, and what a dead process left is swept away."""
        connected = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            connected.connect(str(path))
        except OSError:
            connected.close()
            path.unlink(missing_ok=True)
            return None
        return cls(connected)

    def take(self, datagrams: Sequence[bytes]) -> bool:
        """Send what it reads now and keep the rest; `pause` then says when to try again (seconds, 0: nothing left).

        False if nobody is there any more.
        """
        self._unsent.extend(datagrams)
        try:
            while self._unsent:
                self._socket.send(self._unsent[0])
                self._unsent.popleft()
        except BlockingIOError:
            self.pause = min(max(2 * self.pause, _FIRST_PAUSE), _LONGEST_PAUSE)
            return True
        except OSError:
            return False
        self.pause = 0.0
        return True

    def close(self) -> None:
        """Let go."""
        self._socket.close()


class _Inbox:
    """Empties a socket in gulps, so that a thousand messages a second do not cost a thousand rounds of the loop."""

    def __init__(self, listener: socket.socket) -> None:
        self._socket = listener
        self._envelopes: deque[Envelope] = deque()
        self._arrived = asyncio.Event()

    def read(self) -> None:
        """Take what is there."""
        for _ in range(_AT_ONCE):
            try:
                packed = self._socket.recv(LARGEST + 1)
            except BlockingIOError:
                break
            with contextlib.suppress(UnreadableError, UnicodeDecodeError):
                self._envelopes.append(unpacked(packed.decode()))
        self._arrived.set()

    async def next(self) -> Envelope:
        """The next envelope, whenever it comes."""
        while not self._envelopes:
            self._arrived.clear()
            await self._arrived.wait()
        return self._envelopes.popleft()


def _folder(data_dir: Path) -> Path:
    name = "sherif-" + hashlib.sha256(f"{os.getuid()}:{data_dir.resolve()}".encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / name
    if len(os.fsencode(folder)) + _NAME > _LONGEST_PATH:
        folder = Path("/tmp") / name  # noqa: S108 - checked to be ours and private before each use
    return folder


def _check_private(folder: Path) -> int:
    """When the folder last changed (ns). Raises PermissionError unless it is a folder of ours that nobody else enters.

    Positions travel through it: another user of this machine could have made it first, with sockets of her own in it.
    """
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} belongs to somebody else, or is open to others")
    return found.st_mtime_ns
