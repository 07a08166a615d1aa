"""The usual way with Channels: a group for each alert, the in-memory layer, Daphne."""

from daphne.server import Server  # isort: skip
import asyncio
import json
import sys
from pathlib import Path
from uuid import UUID

import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.conf import settings
from twisted.internet import reactor

from alerts.broadcast.local import LocalBus

FOLDER = Path(sys.argv[1])
ALERTS = {path: UUID(alert) for path, alert in json.loads((FOLDER / "paths.json").read_text()).items()}


class Page(AsyncWebsocketConsumer):
    """One live page."""

    async def connect(self) -> None:
        """Join the group of the alert."""
        await self.channel_layer.group_add(ALERTS[self.scope["path"]].hex, self.channel_name)
        await self.accept()

    async def told(self, event: dict[str, str]) -> None:
        """One message of the group."""
        await self.send(text_data=event["text"])


async def listen() -> None:
    """From the bus to the groups."""
    layer = get_channel_layer()
    assert layer is not None
    async for envelope in LocalBus(FOLDER).listen():
        await layer.group_send(envelope.alert_id.hex, {"type": "told", "text": envelope.text})


def main() -> None:
    """Serve until the process is ended."""
    settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}})
    django.setup()
    server = Server(Page.as_asgi(), endpoints=["tcp:0:interface=127.0.0.1"], verbosity=1)
    tasks = []

    def ready() -> None:
        tasks.append(asyncio.ensure_future(listen()))
        print(f"ready 127.0.0.1:{server.listening_addresses[0][1]}", flush=True)

    reactor.callWhenRunning(ready)
    server.run()


if __name__ == "__main__":
    main()
