"""The one UDP socket. Who shows a valid check is let in from that address; everything else is dropped and counted."""

import asyncio
import logging
import socket
import time
from dataclasses import dataclass, field
from typing import Protocol

from responders.sfu import addresses, checks, pings
from responders.sfu.addresses import Address
from responders.sfu.config import MediaConfig
from responders.sfu.rtp import MAX_PACKET

log = logging.getLogger(__name__)

_AT_ONCE = 64
_WANTED_BUFFER = 4 << 20
_ENOUGH_BUFFER = 1 << 20
MEMORY = 2_048


class Guest(Protocol):
    """Somebody who may be let in."""

    password: bytes

    def expects(self, theirs: str) -> bool:
        """Whether a check may bear this name."""

    def checked(self, address: Address, *, nominated: bool, now: float) -> None:
        """A valid check came from there."""

    def deliver(self, size: int, now: float) -> None:
        """A datagram of so many bytes stands at the beginning of the door's memory."""

    def answered(self, datagram: bytes, now: float) -> None:
        """An answer to one of our own checks, perhaps."""

    def failed(self) -> None:
        """Delivering it raised an error that nobody foresaw."""


@dataclass(slots=True)
class Counts:
    """What came and went through the socket, in datagrams."""

    received: int = 0
    sent: int = 0
    unsent: int = 0
    strangers: int = 0
    """From addresses without a valid check."""
    refused_checks: int = 0
    odd: int = 0


class Door:
    """Listens on one port for all rooms."""

    def __init__(self, config: MediaConfig) -> None:
        self._family = socket.AF_INET6 if ":" in config.address else socket.AF_INET
        self.socket = socket.socket(self._family, socket.SOCK_DGRAM)
        try:
            self._prepare(config)
        except OSError:
            self.socket.close()
            raise
        self.port: int = self.socket.getsockname()[1]
        self._config = config
        self.counts = Counts()
        self.memory = bytearray(MEMORY)
        self._view = memoryview(self.memory)
        self._guests: dict[str, Guest] = {}
        self._let_in: dict[Address, Guest] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.socket.fileno(), self._readable)

    def _prepare(self, config: MediaConfig) -> None:
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WANTED_BUFFER)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _WANTED_BUFFER)
        if self._family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.socket.bind((config.address, config.port))
        self.buffer = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2  # the kernel doubles it
        if self.buffer < _ENOUGH_BUFFER:
            log.warning("The media socket holds %d bytes only: raise net.core.rmem_max to 4194304.", self.buffer)

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """What browsers are told, best first; asked anew each time, because networks come and go under a machine."""
        return [(address, self.port) for address in addresses.told(self._config, self._family)]

    def close(self) -> None:
        """Stop listening."""
        self._loop.remove_reader(self.socket.fileno())
        self.socket.close()

    def expect(self, name: str, guest: Guest) -> None:
        """Somebody was told to come under this name."""
        self._guests[name] = guest

    def dismiss(self, name: str, guest: Guest) -> None:
        """They are expected no more, and nothing of theirs is let in."""
        self._guests.pop(name, None)
        for address in [address for address, whose in self._let_in.items() if whose is guest]:
            del self._let_in[address]

    def forget(self, address: Address, guest: Guest) -> None:
        """They come from elsewhere now."""
        if self._let_in.get(address) is guest:
            del self._let_in[address]

    def _readable(self) -> None:
        receive, view = self.socket.recvfrom_into, self._view
        now = time.monotonic()
        for _ in range(_AT_ONCE):
            try:
                size, address = receive(view)
            except BlockingIOError:
                return
            except OSError:  # an ICMP error of an earlier datagram
                self.counts.odd += 1
                continue
            self.counts.received += 1
            if 0 < size <= MAX_PACKET:
                self._sort(size, address, now)
            else:
                self.counts.odd += 1

    def _sort(self, size: int, address: Address, now: float) -> None:
        """By the first byte, as all that shares a port is told apart (RFC 7983)."""
        first = self._view[0]
        if 127 < first < 192 or 19 < first < 64:  # RTP and RTCP; DTLS  # noqa: PLR2004
            guest = self._let_in.get(address)
            if guest is None:
                self.counts.strangers += 1
            else:
                self._deliver(guest, size, now)
        elif first < 4:  # noqa: PLR2004
            datagram = bytes(self._view[:size])
            guest = self._let_in.get(address) if pings.is_answer(datagram) else None
            if guest is None:
                self._check(datagram, address, now)
            else:
                guest.answered(datagram, now)
        else:
            self.counts.odd += 1

    def _deliver(self, guest: Guest, size: int, now: float) -> None:
        try:
            guest.deliver(size, now)
        except Exception:  # whatever somebody sends, everybody else is still heard
            log.exception("A datagram broke what reads it; that seat is freed.")
            guest.failed()

    def _check(self, datagram: bytes, address: Address, now: float) -> None:
        named = checks.names(datagram)
        guest = self._guests.get(named[0]) if named else None
        if named is None or guest is None or not guest.expects(named[1]):
            self.counts.refused_checks += 1
            return
        check = checks.read(datagram, guest.password, addresses.seen(address))
        elsewhere = self._config.only_here and not addresses.is_here(address, self._family)
        if check is None or elsewhere:
            self.counts.refused_checks += 1
            return
        self.send(check.reply, address)
        if check.accepted:
            self._let_in[address] = guest
            guest.checked(address, nominated=check.nominated, now=now)

    def send(self, datagram: bytes | memoryview, address: Address) -> None:
        """One datagram, or none when the socket is full or the network refuses: media is late rather than never."""
        try:
            self.socket.sendto(datagram, address)
            self.counts.sent += 1
        except OSError:
            self.counts.unsent += 1


@dataclass
class Path:
    """Where one browser is, by its own signed checks, which also follow it from one network to another.

    A browser names the address it chose (nominates) in each check of it. Where it does not, another address is believed
    once the chosen one has been silent: that is how a network that renumbers looks.
    """

    door: Door
    guest: Guest
    address: Address | None = None
    heard_at: float = 0.0
    _known: dict[Address, float] = field(default_factory=dict)

    def checked(self, address: Address, *, nominated: bool, now: float) -> None:
        """It is there."""
        silent = self.address is None or now - self._known[self.address] > _SILENT
        if nominated or silent:
            self.address = address
        self.heard_at = self._known[address] = now
        if len(self._known) > _MOST_ADDRESSES:
            oldest = min((one for one in self._known if one != self.address), key=self._known.__getitem__)
            del self._known[oldest]
            self.door.forget(oldest, self.guest)


_MOST_ADDRESSES = 8
_SILENT = 3.5
"""Seconds; browsers check the address they chose every 2.5."""
