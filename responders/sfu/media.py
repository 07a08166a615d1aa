"""The media core of one process: one UDP port, all rooms, one clock."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from responders.sfu.config import MediaConfig
from responders.sfu.door import Door
from responders.sfu.errors import BadAnswer, NoSeat, RoomFull
from responders.sfu.peer import Peer
from responders.sfu.room import Room
from responders.sfu.tally import Tally

log = logging.getLogger(__name__)

_BEAT = 0.05
_BEATS_A_SECOND = 20
_BEATS_TO_NOTE = 5
_STALL = 0.5


@dataclass(frozen=True, kw_only=True)
class Joined:
    """A seat, the offer for the browser that takes it, and the word that proves it later."""

    seat: int
    offer: str
    token: str


@dataclass(frozen=True, kw_only=True)
class Seat:
    """Who sits there, as the others may know."""

    seat: int
    person: str
    state: Literal["joining", "connected"]
    publishes: frozenset[str]
    hears: bool


class Media:
    """Open it with `await Media.open(config)`; close it, or every seat waits for its time-out.

    `on_change` is called with the room's name when somebody comes, goes, begins or stops to be heard or seen.
    """

    on_change: Callable[[str], None]

    def __init__(self, config: MediaConfig) -> None:
        self.config = config
        self.on_change = lambda _room: None
        self.tally = Tally()
        self._door = Door(config)
        self._rooms: dict[str, Room] = {}
        self._handshakes: dict[Peer, asyncio.Task[None]] = {}
        self._clock = asyncio.create_task(self._beats())

    @classmethod
    async def open(cls, config: MediaConfig) -> "Media":
        """Listen. Raises OSError where the port is taken."""
        return cls(config)

    @property
    def port(self) -> int:
        """The UDP port that is listened on."""
        return self._door.port

    async def close(self) -> None:
        """End every room and stop listening."""
        self._clock.cancel()
        await asyncio.wait([self._clock])
        for room in list(self._rooms):
            await self.end(room)
        await self._settle()
        self._door.close()

    async def join(self, room: str, person: str, *, wanted: int | None = None) -> Joined:
        """Take a seat; whoever has one already gets the same one anew, and their old connection ends.

        `wanted` is 0 to 4 for a relative's rank, 5 for the on-call line, 6 for herself, 7 to spare: if it is taken, or
        nothing is wanted, any free one. Raises RoomFull.
        """
        found = self._rooms.get(room)
        if found is None:
            if len(self._rooms) >= self.config.limits.rooms:
                raise RoomFull
            found = self._rooms[room] = Room(
                door=self._door, config=self.config, tally=self.tally, changed=lambda: self._tell(room)
            )
        peer = found.join(person, wanted, time.monotonic())
        await self._settle()
        return Joined(seat=peer.seat, offer=peer.offer(), token=peer.token)

    async def answer(self, room: str, seat: int, token: str, sdp: str) -> None:  # noqa: PLR0917 - as others call it
        """Take a browser's answer; the same one again changes nothing.

        Raises NoSeat, or BadAnswer: then the seat is free again.
        """
        found, peer = self._find(room, seat, token)
        try:
            if peer.answer is not None:
                self._check_repeat(peer, sdp)
                return
            answer = peer.read_answer(sdp, time.monotonic())
        except BadAnswer:
            self.tally.bad_answers += 1
            found.ended(peer)
            self._tidy(room)
            raise
        self._handshakes[peer] = asyncio.create_task(self._shake(room, peer, answer.fingerprint))

    @staticmethod
    def _check_repeat(peer: Peer, sdp: str) -> None:
        if sha256(sdp.encode(errors="replace")).digest() != peer.answer_hash:
            raise BadAnswer("one answer, for good")

    async def leave(self, room: str, seat: int, token: str) -> None:
        """Free a seat. Raises NoSeat."""
        found, peer = self._find(room, seat, token)
        found.ended(peer)
        self._tidy(room)
        await self._settle()

    async def end(self, room: str) -> None:
        """Everybody out; nothing happens where there is no such room."""
        found = self._rooms.pop(room, None)
        if found is not None:
            found.close()
            await self._settle()

    def rooms(self) -> dict[str, list[Seat]]:
        """Everybody in every room, by seat."""
        return {
            name: [
                Seat(
                    seat=seat,
                    person=peer.person,
                    state="connected" if peer.connected else "joining",
                    publishes=frozenset(str(kind) for kind in peer.published),
                    hears=peer.hears,
                )
                for seat, peer in sorted(room.peers.items())
            ]
            for name, room in self._rooms.items()
        }

    def stats(self) -> dict[str, int | float]:
        """Numbers for whoever watches; see `Tally` and `Counts`."""
        peers = [peer for room in self._rooms.values() for peer in room.peers.values()]
        counts = self._door.counts
        return {
            **self.tally.as_dict(),
            "broken": self.tally.broken + sum(peer.link.broken for peer in peers),
            "rooms": len(self._rooms),
            "seats": len(peers),
            "pictures_hidden": sum(peer.viewing.hidden for peer in peers if peer.viewing),
            "datagrams_received": counts.received,
            "datagrams_unsent": counts.unsent,
            "strangers": counts.strangers,
            "refused_checks": counts.refused_checks,
            "odd_datagrams": counts.odd,
            "socket_buffer": self._door.buffer,
        }

    def _find(self, room: str, seat: int, token: str) -> tuple[Room, Peer]:
        found = self._rooms.get(room)
        if found is None:
            raise NoSeat
        return found, found.find(seat, token)

    async def _shake(self, room: str, peer: Peer, fingerprint: str) -> None:
        found = self._rooms.get(room)
        try:
            opened = await peer.link.open(fingerprint)
        except asyncio.CancelledError:
            raise
        except Exception:  # whatever the libraries raise costs this seat and no other
            log.exception("A handshake failed in a way that nobody foresaw; that seat is freed.")
            self.tally.failures += 1
            opened = False
        if found is None:
            return
        if opened:
            found.connect(peer, time.monotonic())
        else:
            self.tally.wrong_keys += 1
            found.ended(peer)
            self._tidy(room)

    async def _settle(self) -> None:
        """Stop handshakes of those who are gone."""
        present = {peer for room in self._rooms.values() for peer in room.peers.values()}
        gone = [peer for peer, task in self._handshakes.items() if task.done() or peer not in present]
        tasks = [self._handshakes.pop(peer) for peer in gone]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)  # not `await task`: that could not tell their cancellation from our own

    def _tidy(self, room: str) -> None:
        """An empty room is none."""
        if room in self._rooms and not self._rooms[room].peers:
            del self._rooms[room]

    def _tell(self, room: str) -> None:
        try:
            self.on_change(room)
        except Exception:  # whoever listens must not stop the sound
            log.exception("Nobody could be told of a change in a room.")
            self.tally.failures += 1

    async def _beats(self) -> None:
        beat, before = 0, time.monotonic()
        while True:
            await asyncio.sleep(_BEAT)
            beat += 1
            now = time.monotonic()
            if (stalled := now - before) > _STALL:
                self._excuse(stalled)
            before = now
            for name, room in list(self._rooms.items()):
                try:
                    self._beat_room(room, beat, now)
                except Exception:  # one room's error is not another's
                    log.exception("A room's clock failed; it goes on.")
                    self.tally.failures += 1
                self._tidy(name)
            if beat % _BEATS_A_SECOND == 0:
                await self._settle()

    def _excuse(self, seconds: float) -> None:
        """This process or its machine stood still: what browsers said meanwhile waits in the socket, unread."""
        for room in self._rooms.values():
            for peer in room.peers.values():
                peer.excuse(seconds)

    @staticmethod
    def _beat_room(room: Room, beat: int, now: float) -> None:
        room.beat(now)
        if beat % _BEATS_TO_NOTE == 0:
            room.note_publishing(now)
        if beat % _BEATS_A_SECOND == 0:
            room.second(now)
