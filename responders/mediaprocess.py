"""What `manage.py media` runs: the media core, and its door for the web process."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from responders import mediaclient, mediaserver, sfu


def run(ready: Callable[[], None]) -> None:
    """Carry the rooms until SIGTERM or SIGINT; `ready` is called once both doors are open. Raises OSError."""
    sfu.run(_serve(ready))


async def _serve(ready: Callable[[], None]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    with contextlib.closing(_door()) as listening:
        core = await sfu.Media.open(_config())
        try:
            door = mediaserver.Door(core, token=urlsplit(settings.SHERIF.media.url).username or "")
            ready()
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
