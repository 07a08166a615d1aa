"""A network between one person and the server that loses, delays and narrows: one UDP port, both ways."""

import asyncio
import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

_OVERHEAD = 28
Address = tuple[str, int]


@dataclass
class Way:
    """One direction: the share of packets it loses; if it is narrow, its bits a second and its queue in seconds."""

    loss: float = 0.0
    bits: float | None = None
    queue: float = 0.25
    longer: float = 0.0
    """Seconds that everything takes longer, in its order."""
    passed: int = 0
    passed_bytes: int = 0
    lost: int = 0
    _chance: random.Random = field(default_factory=lambda: random.Random(7))
    _free_at: float = 0.0

    def delay(self, size: int, now: float) -> float | None:
        """How long a datagram of this size takes; None if it never arrives."""
        if self._chance.random() < self.loss:
            self.lost += 1
            return None
        delay = self.longer
        if self.bits is not None:
            start = max(now, self._free_at)
            if start - now > self.queue:
                self.lost += 1
                return None
            self._free_at = start + 8 * (size + _OVERHEAD) / self.bits
            delay += self._free_at - now
        self.passed += 1
        self.passed_bytes += size
        return delay


@dataclass
class Network:
    """The two directions, seen from the person, and the port to send to."""

    port: int
    up: Way
    down: Way
    _outside: "_Outside"

    def forge(self, datagram: bytes) -> None:
        """Send this to the server from the person's own address."""
        self._outside.forge(datagram)

    def renumber(self) -> None:
        """From now on the server sees the person at another address."""
        self._outside.renumber()

    def rewrite(self, offer: str) -> str:
        """An offer that leads here."""
        return re.sub(r"(a=candidate:\S+ 1 udp \d+ )\S+ \d+ ", rf"\g<1>127.0.0.1 {self.port} ", offer)


class _Inside(asyncio.DatagramProtocol):
    """The socket that the server sees, one for each address of the person's."""

    def __init__(self, outside: "_Outside", person: Address) -> None:
        self._outside = outside
        self._person = person

    def datagram_received(self, data: bytes, addr: Address) -> None:  # noqa: ARG002
        self._outside.down(data, self._person)


class _Outside(asyncio.DatagramProtocol):
    def __init__(self, server: Address, up: Way, down: Way) -> None:
        self._server = server
        self._up, self._down = up, down
        self._loop = asyncio.get_running_loop()
        self._inside: dict[Address, asyncio.DatagramTransport] = {}
        self._opening: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        inside = self._inside.get(addr)
        if inside is None:
            task = self._loop.create_task(self._open(addr))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
            return
        delay = self._up.delay(len(data), self._loop.time())
        if delay is not None:
            self._later(delay, inside, (data, self._server))

    async def _open(self, person: Address) -> None:
        inside, _ = await self._loop.create_datagram_endpoint(
            lambda: _Inside(self, person), local_addr=("127.0.0.1", 0)
        )
        if person in self._inside:
            inside.close()
        else:
            self._inside[person] = inside

    def down(self, datagram: bytes, person: Address) -> None:
        delay = self._down.delay(len(datagram), self._loop.time())
        if delay is not None:
            self._later(delay, self._transport, (datagram, person))

    def _later(self, delay: float, transport: asyncio.DatagramTransport, what: tuple[bytes, Address]) -> None:
        if delay:
            self._loop.call_later(delay, self._send, transport, what)
        else:
            self._send(transport, what)

    @staticmethod
    def _send(transport: asyncio.DatagramTransport, what: tuple[bytes, Address]) -> None:
        if not transport.is_closing():
            transport.sendto(*what)

    def forge(self, datagram: bytes) -> None:
        for inside in self._inside.values():
            inside.sendto(datagram, self._server)

    def renumber(self) -> None:
        while self._inside:
            self._inside.popitem()[1].close()

    def close(self) -> None:
        for transport in (self._transport, *self._inside.values()):
            transport.close()


@asynccontextmanager
async def network(server_port: int, *, up: Way | None = None, down: Way | None = None) -> AsyncIterator[Network]:
    """A way to the server at this port on loopback."""
    up, down = up or Way(), down or Way()
    transport, outside = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Outside(("127.0.0.1", server_port), up, down), local_addr=("127.0.0.1", 0)
    )
    try:
        yield Network(transport.get_extra_info("sockname")[1], up, down, outside)
    finally:
        outside.close()
