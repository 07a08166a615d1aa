"""People who were not invited: they know the address and the port, and nothing else."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import SRTP_PROFILES
from OpenSSL import SSL


def client_hello() -> bytes:
    """The first datagram of a real handshake."""
    context = RTCCertificate.generateCertificate()._create_ssl_context(SRTP_PROFILES)
    connection = SSL.Connection(context)
    connection.set_connect_state()
    try:
        connection.do_handshake()
    except SSL.WantReadError:
        return connection.bio_read(1_500)
    raise AssertionError("a handshake without a second side")


def garbage(number: int) -> bytes:
    """Looks like a packet of sound."""
    return b"\x80\x6f" + number.to_bytes(10, "big") + bytes(number * step % 256 for step in range(90))


@asynccontextmanager
async def flood(make: Callable[[int], bytes], port: int, *, each_second: int) -> AsyncIterator[list[int]]:
    """Somebody on another address who sends so many a second; the list holds how many went."""
    sent = [0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.setblocking(False)

        async def send() -> None:
            began = asyncio.get_running_loop().time()
            while True:
                due = int((asyncio.get_running_loop().time() - began) * each_second)
                for _ in range(min(200, due - sent[0])):
                    stranger.sendto(make(sent[0]), ("127.0.0.1", port))
                    sent[0] += 1
                await asyncio.sleep(0.01)

        task = asyncio.create_task(send())
        try:
            yield sent
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
