"""A mail server as a process of its own: takes every mail after a while and writes down when its connection began.

Prints its port; appends `{"delivery", "at"}` to a file, `at` in seconds since 1970.
"""

import asyncio
import json
import sys
import time
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

_ANSWERS_IN = 0.2  # seconds


class _Handler:
    def __init__(self, log: Path) -> None:
        self._log = log.open("a", buffering=1, encoding="utf-8")

    async def handle_EHLO(  # noqa: N802, PLR0917 - aiosmtpd's signature
        self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        del server, envelope
        session.host_name, session.began = hostname, time.time()
        return responses

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        del server
        headers = BytesHeaderParser().parsebytes(envelope.content)
        delivery = str(headers["Message-ID"]).strip("<> ").partition("@")[0]
        self._log.write(json.dumps({"delivery": delivery, "at": session.began}) + "\n")
        await asyncio.sleep(_ANSWERS_IN)
        return "250 2.0.0 taken"


async def main(log: Path) -> None:
    """Serve until the process is ended."""
    handler = _Handler(log)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, hostname="bench", loop=loop), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
