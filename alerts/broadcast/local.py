"""Datagrams between the processes of one machine: each listener owns a socket in a folder of this installation."""

import asyncio
import contextlib
import hashlib
import os
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

from alerts.broadcast.base import Envelope

_MOST_BYTES = 128 * 1024
_ID_BYTES = 16


class LocalBus:
    """The folder stands under the system's temporary one, because a socket's path may have 107 bytes at most."""

    def __init__(self, data_dir: Path) -> None:
        name = hashlib.sha256(f"{os.getuid()}:{data_dir.resolve()}".encode()).hexdigest()[:16]
        self._folder = Path(tempfile.gettempdir()) / f"sherif-{name}"
        self._socket: socket.socket | None = None

    def send(self, envelope: Envelope) -> None:
        """One datagram to each listener; a dead listener's socket is swept away, a full one misses this message."""
        datagram = envelope.alert_id.bytes + envelope.text.encode()
        for path in self._listeners():
            try:
                self._sender().sendto(datagram, str(path))
            except (ConnectionRefusedError, FileNotFoundError):
                path.unlink(missing_ok=True)
            except BlockingIOError:
                continue

    async def listen(self) -> AsyncIterator[Envelope]:
        """Every envelope sent from now on."""
        self._make_folder()
        path = self._folder / f"{os.getpid()}-{uuid4().hex[:8]}"
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
            listener.bind(str(path))
            path.chmod(0o600)
            loop = asyncio.get_running_loop()
            try:
                while True:
                    datagram = await loop.sock_recv(listener, _MOST_BYTES)
                    yield Envelope(alert_id=UUID(bytes=datagram[:_ID_BYTES]), text=datagram[_ID_BYTES:].decode())
            finally:
                path.unlink(missing_ok=True)

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if self._folder.stat().st_uid != os.getuid():
            raise PermissionError(f"{self._folder} belongs to somebody else")

    def _listeners(self) -> list[Path]:
        return list(self._folder.iterdir()) if self._folder.is_dir() else []

    def _sender(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        return self._socket
