"""The keys between us and one browser: aiortc's DTLS (RFC 5763) over our own ICE, and SRTP made of them.

Two levels of one interface. `FastLink` hands every packet to libsrtp itself, in place, from the socket's own memory.
`StockLink` lets aiortc receive and send, and replaces two of its methods; it is the way back should a release break the
other. The names of theirs that are used although private stand here and in a test, and nowhere else.
"""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Protocol, cast

from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport, RTCIceTransport
from pylibsrtp import Error as SrtpError
from pylibsrtp import _binding

from responders.sfu.config import Level
from responders.sfu.door import Door, Path

_MOST_WAITING = 512
_OUT = 4_096
_ffi, _libsrtp = _binding.ffi, _binding.lib


class Listener(Protocol):
    """Who hears what the browser sends, decrypted and authenticated."""

    def hear_rtp(self, packet: bytearray, now: float) -> None:
        """A packet of sound or picture."""

    def hear_rtcp(self, datagram: bytes, now: float) -> None:
        """A compound of reports."""

    def link_ended(self) -> None:
        """The browser closed, or the keys are gone."""


class Lane:
    """What aiortc takes for its ICE transport: datagrams in, datagrams out."""

    role = "controlled"
    state = "completed"

    def __init__(self, door: Door, path: Path) -> None:
        self._door = door
        self._path = path
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()

    def put(self, datagram: bytes | None) -> bool:
        """Hand one over; None ends it. False when too many wait."""
        if datagram is not None and self._waiting.qsize() >= _MOST_WAITING:
            return False
        self._waiting.put_nowait(datagram)
        return True

    async def _recv(self) -> bytes:
        datagram = await self._waiting.get()
        if datagram is None:
            raise ConnectionError
        return datagram

    async def _send(self, datagram: bytes) -> None:
        if self._path.address is not None:
            self._door.send(datagram, self._path.address)


def run_now(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run to its end what never waits: aiortc's methods are coroutines although our lane sends at once."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("it waited")


class Link:
    """What both levels share: the handshake and the end."""

    def __init__(self, door: Door, path: Path, listener: Listener) -> None:
        self.broken = 0
        """Packets that did not decrypt: forged, repeated, or from before the keys."""
        self._door = door
        self._path = path
        self._listener = listener
        self._view = memoryview(door.memory)
        self._lane = Lane(door, path)
        certificate = RTCCertificate.generateCertificate()
        self.fingerprint: str = next(one.value for one in certificate.getFingerprints() if one.algorithm == "sha-256")
        self._dtls = self._make(cast("RTCIceTransport", self._lane), certificate)
        self._dtls._set_role("server")  # the answer was checked to say "active"  # noqa: SLF001

    def _make(self, lane: RTCIceTransport, certificate: RTCCertificate) -> RTCDtlsTransport:
        return RTCDtlsTransport(lane, [certificate])

    async def open(self, fingerprint: str) -> bool:
        """Shake hands with whoever shows this certificate. False: it was another one, or the browser went away."""
        await self._dtls.start(
            RTCDtlsParameters(fingerprints=[RTCDtlsFingerprint(algorithm="sha-256", value=fingerprint)])
        )
        if self._dtls.state != "connected":
            return False
        self._dtls.on("statechange", self._changed)
        return True

    def close(self) -> None:
        """Tell the browser, and forget the keys."""
        self._dtls.remove_all_listeners()
        with suppress(RuntimeError):
            run_now(self._dtls.stop())
        self._lane.put(None)

    def _changed(self) -> None:
        if self._dtls.state in {"closed", "failed"}:
            self._listener.link_ended()

    def deliver(self, size: int, now: float) -> None:
        """A datagram stands in the door's memory."""
        raise NotImplementedError

    def send_rtp(self, packet: bytearray) -> None:
        """Encrypt one packet and send it."""
        raise NotImplementedError

    def send_rtcp(self, datagram: bytes) -> None:
        """Encrypt one compound of reports and send it."""
        raise NotImplementedError


class StockLink(Link):
    """aiortc's own receiving and sending."""

    def _make(self, lane: RTCIceTransport, certificate: RTCCertificate) -> RTCDtlsTransport:
        return _Overheard(lane, certificate, self._listener)

    def deliver(self, size: int, now: float) -> None:  # noqa: ARG002
        """Let aiortc look at it in its own task."""
        self.broken += not self._lane.put(bytes(self._view[:size]))

    def send_rtp(self, packet: bytearray) -> None:
        """Through aiortc, which tells both kinds apart itself."""
        self.send_rtcp(bytes(packet))

    def send_rtcp(self, datagram: bytes) -> None:
        """Through aiortc."""
        try:
            run_now(self._dtls._send_rtp(datagram))  # noqa: SLF001
        except (ConnectionError, SrtpError, ValueError):
            self.broken += 1


class _Overheard(RTCDtlsTransport):
    """Hands what it decrypted to a listener instead of to aiortc's decoders."""

    def __init__(self, lane: RTCIceTransport, certificate: RTCCertificate, listener: Listener) -> None:
        super().__init__(lane, [certificate])
        self._listener = listener

    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:  # noqa: ARG002
        self._listener.hear_rtp(bytearray(data), time.monotonic())

    async def _handle_rtcp_data(self, data: bytes) -> None:
        self._listener.hear_rtcp(data, time.monotonic())


class FastLink(Link):
    """libsrtp without detours."""

    def __init__(self, door: Door, path: Path, listener: Listener) -> None:
        super().__init__(door, path, listener)
        self._receiving: Any = None
        self._sending: Any = None
        self._sessions: Any = None
        self._length = _ffi.new("int *")
        self._in = _ffi.from_buffer(door.memory)
        out = bytearray(_OUT)
        self._out = _ffi.from_buffer(out)
        self._out_view = memoryview(out)
        self._sendto = door.socket.sendto

    async def open(self, fingerprint: str) -> bool:
        """Shake hands, then take the keys over."""
        opened = await super().open(fingerprint)
        if opened:
            self._sessions = self._dtls._rx_srtp, self._dtls._tx_srtp  # they free the keys when they go  # noqa: SLF001
            self._receiving, self._sending = (session._srtp[0] for session in self._sessions)  # noqa: SLF001
        return opened

    def close(self) -> None:
        """Tell the browser, and forget the keys."""
        super().close()
        self._receiving = self._sending = self._sessions = None

    def deliver(self, size: int, now: float) -> None:
        """Decrypt it where it stands; only handshakes go to aiortc."""
        memory = self._view
        if memory[0] < 128:  # noqa: PLR2004
            self._lane.put(bytes(memory[:size]))
            return
        if self._receiving is None or size < 12:  # noqa: PLR2004
            self.broken += 1
            return
        length = self._length
        length[0] = size
        if 192 <= memory[1] <= 223:  # reports share the port (RFC 5761)  # noqa: PLR2004
            if _libsrtp.srtp_unprotect_rtcp(self._receiving, self._in, length):
                self.broken += 1
            else:
                self._listener.hear_rtcp(bytes(memory[: length[0]]), now)
        elif _libsrtp.srtp_unprotect(self._receiving, self._in, length):
            self.broken += 1
        else:
            self._listener.hear_rtp(bytearray(memory[: length[0]]), now)

    def send_rtp(self, packet: bytearray) -> None:
        """Encrypt a copy and send it."""
        address = self._path.address
        if self._sending is None or address is None:
            return
        size, out, length = len(packet), self._out_view, self._length
        out[:size] = packet
        length[0] = size
        if _libsrtp.srtp_protect(self._sending, self._out, length):
            self.broken += 1
            return
        try:
            self._sendto(out[: length[0]], address)
        except OSError:
            self._door.counts.unsent += 1

    def send_rtcp(self, datagram: bytes) -> None:
        """Encrypt a copy and send it."""
        if self._sending is None or self._path.address is None:
            return
        size, length = len(datagram), self._length
        self._out_view[:size] = datagram
        length[0] = size
        if _libsrtp.srtp_protect_rtcp(self._sending, self._out, length):
            self.broken += 1
            return
        self._door.send(self._out_view[: length[0]], self._path.address)


LINKS: dict[Level, type[Link]] = {"fast": FastLink, "stock": StockLink}
