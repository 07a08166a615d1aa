"""`manage.py media`: the process that carries sound and pictures between the browsers of a room."""

import asyncio
import contextlib
import signal
import socket
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from responders import mediaclient, mediaserver, sfu


class Command(BaseCommand):
    """One process for all rooms: the web says who may sit down, packets are forwarded and never decoded."""

    help = "Carries the video rooms: one UDP port for browsers, one private door for the web process."
    requires_system_checks = ["security"]

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT. Raises CommandError if an address is taken or not ours."""
        try:
            sfu.run(self._serve())
        except OSError as error:
            raise CommandError(f"The media process cannot listen: {error.strerror or type(error).__name__}.") from None

    async def _serve(self) -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        with contextlib.closing(_door()) as listening:
            core = await sfu.Media.open(_config())
            try:
                door = mediaserver.Door(core, token=urlsplit(settings.SHERIF.media.url).username or "")
                self.stdout.write("ready")
                self.stdout.flush()
                await mediaserver.serve(door, listening, until=stopped)
            finally:
                await core.close()


def _config() -> sfu.MediaConfig:
    media = settings.SHERIF.media
    address, port = media.udp
    return sfu.MediaConfig(
        address=address, port=port, announced=media.address or None, only_here=media.only_here, level=media.level
    )


def _door() -> socket.socket:
    """Where the web process knocks. Raises OSError."""
    sherif = settings.SHERIF
    if path := mediaclient.socket_path(sherif.media.url, sherif.data_dir):
        return mediaserver.listen(path)
    parts = urlsplit(sherif.media.url)
    family = socket.AF_INET6 if ip_address(parts.hostname or "").version == 6 else socket.AF_INET  # noqa: PLR2004
    return socket.create_server((parts.hostname or "", parts.port or 0), family=family)
