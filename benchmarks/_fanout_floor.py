"""The floor of the fan-out: sockets by path, and the `websockets` library's own broadcast."""

import asyncio
import json
import sys
from collections import defaultdict
from pathlib import Path
from uuid import UUID

from websockets.asyncio.server import ServerConnection, broadcast, serve

from alerts.broadcast.local import LocalBus


async def main(folder: Path) -> None:
    """Serve until the process is ended."""
    alerts = {path: UUID(alert) for path, alert in json.loads((folder / "paths.json").read_text()).items()}
    pages: dict[UUID, set[ServerConnection]] = defaultdict(set)

    async def page(connection: ServerConnection) -> None:
        assert connection.request is not None
        own = pages[alerts[connection.request.path]]
        own.add(connection)
        await connection.wait_closed()
        own.discard(connection)

    async with serve(page, "127.0.0.1", 0, compression=None) as server:
        print(f"ready 127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}", flush=True)
        async for envelope in LocalBus(folder).listen():
            broadcast(pages[envelope.alert_id], envelope.text)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
