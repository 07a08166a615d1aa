"""Somebody with a microphone: aiortc's own client, on an event loop of its own, in a test that waits."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import AudioStreamTrack

SECONDS = 15.0
T = TypeVar("T")


class Caller:
    """One browser's side of one seat: hears everybody, sends silence; if it has relays, through them alone."""

    def __init__(self, loop: asyncio.AbstractEventLoop, relays: Sequence[Mapping[str, Any]] = ()) -> None:
        self._loop = loop
        self._peer = self._do(_peer(relays))

    def answer(self, offer: str, seat: int) -> str:
        """What a browser says to an offer; it sends silence from now on."""
        return self._do(_answer(self._peer, offer, seat))

    @property
    def state(self) -> str:
        """As `RTCPeerConnection.connectionState`."""
        return str(self._peer.connectionState)

    def hears(self, seat: int) -> int:
        """How many packets of sound came from this seat."""
        return self._do(_hears(self._peer, seat))

    def hang_up(self) -> None:
        """Close the page."""
        self._do(self._peer.close())

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS)


class Callers:
    """Everybody who calls in one test."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._all: list[Caller] = []

    def new(self, relays: Sequence[Mapping[str, Any]] = ()) -> Caller:
        """Another browser; with these entries of `iceServers`, one whose network lets nothing else out."""
        self._all.append(Caller(self._loop, relays))
        return self._all[-1]

    def hang_up(self) -> None:
        """All of them."""
        for caller in self._all:
            caller.hang_up()


@contextmanager
def callers() -> Iterator[Callers]:
    """Browsers that are closed at the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="callers", daemon=True)
    thread.start()
    everybody = Callers(loop)
    try:
        yield everybody
    finally:
        everybody.hang_up()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(SECONDS)
        loop.close()


async def _peer(relays: Sequence[Mapping[str, Any]]) -> RTCPeerConnection:
    """Without iceServers=[] a third party's STUN would be asked."""
    return RTCPeerConnection(
        RTCConfiguration(
            iceServers=[RTCIceServer(**relay) for relay in relays],
            bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
            iceTransportPolicy=RTCIceTransportPolicy.RELAY if relays else RTCIceTransportPolicy.ALL,
        )
    )


async def _answer(peer: RTCPeerConnection, offer: str, seat: int) -> str:
    await peer.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
    for transceiver in peer.getTransceivers():
        if transceiver.mid == f"a{seat}":
            transceiver.direction = "sendonly"
            transceiver.sender.replaceTrack(AudioStreamTrack())
    await peer.setLocalDescription(await peer.createAnswer())
    return str(peer.localDescription.sdp)


async def _hears(peer: RTCPeerConnection, seat: int) -> int:
    receiver = next(one.receiver for one in peer.getTransceivers() if one.mid == f"a{seat}")
    reports = (await receiver.getStats()).values()
    return sum(one.packetsReceived for one in reports if one.type == "inbound-rtp")
