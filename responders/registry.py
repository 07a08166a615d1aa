"""The sockets of this process, by alert. One subscription to the bus, each message encoded and framed once for all.

No channel layer: those measured cost two to four times more for each delivered message. A lost broadcast costs a
second, because the state of the served alerts is read from the database once a second.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DatabaseError
from django.utils import timezone
from prometheus_client import Counter, Gauge

from alerts import broadcast
from alerts.broadcast import Bus, Envelope, Heading, UnreadableError
from responders import rooms
from responders.domain import room, standing
from responders.frames import Frame, Line
from responders.presence import Presence
from responders.roomwatch import RoomWatch
from responders.threads import in_thread

CHECK_SECONDS = 1.0
GRACE_SECONDS = 0.25  # a broadcast still under way when its number was read
SUBSCRIBE_SECONDS = 2.0
QUIET_SECONDS = 7.5
MOST_KEPT = 200
ENDED, NO_SESSION = 4410, 4401
_UNNUMBERED = {"presence", "room"}  # they carry the current number and do not raise it

log = logging.getLogger(__name__)
_sockets = Gauge("sherif_sockets", "Live pages connected to this process")
_delivered = Counter("sherif_broadcasts_delivered", "Messages handed to sockets")
_gaps = Counter("sherif_broadcasts_missed", "Broadcasts that never came and were noticed by the check")

Answer = TypeVar("Answer")


@dataclass(eq=False, kw_only=True)
class Seat:
    """One socket. Until its snapshot is sent, what arrives is kept."""

    alert_id: UUID
    link_id: int
    contact_id: int
    line: Line
    ended: bool = False
    _kept: list[tuple[Heading, Frame]] | None = field(default_factory=list)

    def take(self, heading: Heading, frame: Frame) -> None:
        """One message of its alert."""
        if self._kept is None:
            self.line.write(frame)
        elif len(self._kept) < MOST_KEPT:
            self._kept.append((heading, frame))

    def settle(self, sequence: int) -> None:
        """The snapshot with this number was written: send what is newer and pass on everything from now."""
        kept, self._kept = self._kept or [], None
        if len(kept) == MOST_KEPT:
            self.line.write(Frame(broadcast.gap(self.alert_id, kept[-1][0].sequence).text))
            return
        for heading, frame in kept:
            if heading.sequence > sequence or (heading.sequence == sequence and heading.type in _UNNUMBERED):
                self.line.write(frame)

    def end(self, code: int) -> None:
        """Close, once, after everything that was written."""
        if not self.ended and self._kept is None:
            self.ended = True
            self.line.close(code)


@dataclass(kw_only=True)
class Served:
    """One alert that this process serves."""

    seats: dict[Seat, None] = field(default_factory=dict)
    sequence: int = 0
    told_at: float = 0.0
    over: bool = False


class Registry:
    """Belongs to one event loop; `here()` finds it."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._served: dict[UUID, Served] = {}
        self._subscribed = asyncio.Event()
        self._readers = ThreadPoolExecutor(4, thread_name_prefix="sockets")
        self._checker = ThreadPoolExecutor(1, thread_name_prefix="check")
        self._tasks: set[asyncio.Task[None]] = set()
        self.presence = Presence(tell=self._tell_presence, publish=self._publish)
        self._rooms = RoomWatch(rooms.here(), tell=self._tell_room)

    def begin(self) -> None:
        """Hear what is broadcast and who sits where, look after what ends; once."""
        if not self._tasks:
            bus = (self._listen(), self._check_every_second(), self.presence.run())
            for task in (*bus, self._rooms.listen(), self._rooms.look()):
                self._start(task)

    async def ask(self, question: Callable[[], Answer]) -> Answer:
        """The database's answer, from one of few threads."""
        return await in_thread(self._readers, question)

    async def subscribe(self) -> None:
        """Wait until broadcasts reach this process; two seconds at most, for without them pages still work."""
        self.begin()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SUBSCRIBE_SECONDS):
                await self._subscribed.wait()

    def join(self, seat: Seat) -> None:
        """From now on this socket gets what its alert's pages get."""
        served = self._served.setdefault(seat.alert_id, Served())
        served.seats[seat] = None
        _sockets.inc()

    def settled(self, seat: Seat, sequence: int) -> None:
        """Its snapshot was written."""
        seat.settle(sequence)
        served = self._served.get(seat.alert_id)
        if served is None:
            return
        served.sequence = max(served.sequence, sequence)
        self.presence.entered(seat.alert_id, seat.contact_id)
        if served.over:
            seat.end(ENDED)

    def leave(self, seat: Seat) -> None:
        """The socket is gone."""
        served = self._served.get(seat.alert_id)
        if served is None or seat not in served.seats:
            return
        del served.seats[seat]
        _sockets.dec()
        if not any(other.contact_id == seat.contact_id for other in served.seats):
            self.presence.left(seat.alert_id, seat.contact_id)
        if not served.seats:
            del self._served[seat.alert_id]
            self.presence.forget(seat.alert_id)

    def seats_of(self, alert_id: UUID, link_id: int) -> int:
        """How many sockets this place has here."""
        served = self._served.get(alert_id)
        return sum(seat.link_id == link_id for seat in served.seats) if served else 0

    def deliver(self, envelope: Envelope) -> None:
        """Hand one message to every socket of its alert."""
        served = self._served.get(envelope.alert_id)
        if served is None:
            return
        try:
            heading = envelope.heading
        except UnreadableError:
            log.warning("A broadcast of alert %s had no type.", envelope.alert_id)
            return
        if heading.type == "here":
            self.presence.heard(envelope)
            return
        served.sequence = max(served.sequence, heading.sequence)
        served.told_at = asyncio.get_running_loop().time()
        frame = Frame(envelope.text)
        for seat in served.seats:
            seat.take(heading, frame)
        _delivered.inc(len(served.seats))
        if heading.type == "ended":
            served.over = True
            self._rooms.hurry()
            for seat in served.seats:
                seat.end(ENDED)

    async def _listen(self) -> None:
        while True:
            try:
                async for envelope in self._bus.listen(standing=self._subscribed.set):
                    self._try_to_deliver(envelope)
            except OSError as error:
                log.warning("Broadcasts do not reach this process (%s).", type(error).__name__)
                await asyncio.sleep(CHECK_SECONDS)

    def _try_to_deliver(self, envelope: Envelope) -> None:
        try:
            self.deliver(envelope)
        except Exception:  # one bad message must not deafen the process
            log.exception("A broadcast of alert %s could not be delivered.", envelope.alert_id)

    async def _check_every_second(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            going_on = [alert_id for alert_id, served in self._served.items() if not served.over]
            if not going_on:
                continue
            try:
                await self._check(going_on)
            except DatabaseError as error:
                log.warning("The state of %d alerts could not be read (%s).", len(going_on), type(error).__name__)
            except Exception:  # the check goes on, whatever one alert does to it
                log.exception("The state of %d alerts could not be checked.", len(going_on))

    async def _check(self, going_on: list[UUID]) -> None:
        stand = await in_thread(self._checker, lambda: standing.read(going_on, now=timezone.now()))
        for alert_id in going_on:
            self._cut_off(alert_id, stand)
            if alert_id not in stand.sequences:
                await self._tell_end(alert_id)
        if self._behind(stand):
            self._start(self._tell_gaps(stand))

    async def _tell_end(self, alert_id: UUID) -> None:
        message = await in_thread(self._checker, partial(standing.ended, alert_id))
        served = self._served.get(alert_id)
        if served is None or served.over:
            return
        if message is not None:
            self.deliver(Envelope(alert_id=alert_id, text=_encoded(message)))
            return
        for seat in served.seats:
            seat.end(NO_SESSION)

    def _cut_off(self, alert_id: UUID, stand: standing.Standing) -> None:
        served = self._served.get(alert_id)
        for seat in list(served.seats) if served and stand.cut_off else ():
            if seat.link_id in stand.cut_off:
                seat.end(NO_SESSION)

    def _behind(self, stand: standing.Standing) -> list[tuple[UUID, int]]:
        return [
            (alert_id, sequence)
            for alert_id, sequence in stand.sequences.items()
            if (served := self._served.get(alert_id)) and 0 < served.sequence < sequence
        ]

    async def _tell_gaps(self, stand: standing.Standing) -> None:
        """What is still missing after a moment was lost: the pages read the snapshot."""
        await asyncio.sleep(GRACE_SECONDS)
        for alert_id, sequence in self._behind(stand):
            _gaps.inc()
            self.deliver(broadcast.gap(alert_id, sequence))

    def _tell_presence(self, alert_id: UUID, contacts: list[int], is_news: bool) -> None:
        served = self._served.get(alert_id)
        quiet_since = asyncio.get_running_loop().time() - QUIET_SECONDS
        if served is not None and (is_news or served.told_at < quiet_since):
            message = {"type": "presence", "sequence": served.sequence, "here": contacts}
            self.deliver(Envelope(alert_id=alert_id, text=_encoded(message)))

    def _tell_room(self, of: UUID | None) -> None:
        """Who sits in this room now, or in every one; a page that comes later reads it in its snapshot."""
        for alert_id in [of] if of else list(self._served):
            if served := self._served.get(alert_id):
                message = {"type": "room", "sequence": served.sequence, **room.line(alert_id)}
                self.deliver(Envelope(alert_id=alert_id, text=_encoded(message)))

    def _publish(self, alert_id: UUID, message: dict[str, object]) -> None:
        with contextlib.suppress(OSError):
            self._bus.send(Envelope(alert_id=alert_id, text=_encoded(message)))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("Serving the sockets failed.", exc_info=error)


def _encoded(message: dict[str, object]) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


_registries: WeakKeyDictionary[asyncio.AbstractEventLoop, Registry] = WeakKeyDictionary()


def here() -> Registry:
    """The registry of the running event loop: one for each web process."""
    loop = asyncio.get_running_loop()
    if loop not in _registries:
        _registries[loop] = Registry(broadcast.bus())
    return _registries[loop]
