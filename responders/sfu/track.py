"""One seat's sound or picture on its way to everybody else. The seat stays; people come and go."""

import secrets
from collections.abc import Callable

from responders.sfu import pictures, rtcp, rtp
from responders.sfu.continuing import Continuation
from responders.sfu.history import History, Repeats
from responders.sfu.layout import CLOCK, Kind, mid, repair_stream, stream
from responders.sfu.link import Link
from responders.sfu.shifting import Shift
from responders.sfu.tally import Tally

_REPORTS_KEPT = 8
_LONGEST_WAIT = 3.0
_MOST_WANTED = 256


class Outlet:
    """One viewer's end of a track."""

    def __init__(self, track: "Track", link: Link, *, repairs: bool) -> None:
        self.track = track
        self.link = link
        self.sent = 0
        self.repeated = 0
        """Bytes, as `sent`, which they are not counted in."""
        self.rate = 0.0
        """Bits a second, over the last second."""
        self.last_block: tuple[int, int] | None = None
        """The highest number and the loss that the viewer reported last."""
        self.shift = Shift()
        self.waits_since = 0.0
        self._repairs = repairs
        self._repeats = Repeats()
        self._earned = self._rated = 0

    def forward(self, packet: bytearray, sequence: int) -> None:
        """Send this packet of the seat under the viewer's own number, if it has one."""
        theirs = self.shift.out(sequence)
        if theirs is not None:
            self.sent += len(packet)
            self.link.send_rtp(rtp.renumbered(packet, theirs))

    def repeat(self, numbers: list[int], *, now: float, round_trip: float) -> int:
        """Send again what the viewer misses, within its means; how many packets went."""
        self._repeats.earn(self.sent - self._earned)
        self._earned = self.sent
        went = 0
        for theirs in numbers[:_MOST_WANTED]:
            sequence = self.shift.back(theirs)
            packet = None if sequence is None else self.track.history.find(sequence)
            if packet is None or not self._repeats.allow(theirs, len(packet), now=now, round_trip=round_trip):
                continue
            went += 1
            self.repeated += len(packet)
            if self._repairs:
                number, repair = self._repeats.number(), repair_stream(self.track.seat)
                self.link.send_rtp(rtp.wrap(packet, theirs, sequence=number, stream=repair))
            else:
                self.link.send_rtp(rtp.renumbered(packet, theirs))
        return went

    def went_since_pause(self, number: int) -> bool:
        """Whether this number of the viewer's is of a packet after its last pause; False while the pause lasts."""
        return self in self.track.flowing and self.shift.back(number) is not None

    def rate_since(self, seconds: float) -> float:
        """The bits a second since `rate_now` was called last, so long ago."""
        return 8 * (self.sent - self._rated) / seconds

    def rate_now(self, seconds: float) -> float:
        """Measure the bits a second since the last call."""
        self.rate = self.rate_since(seconds)
        self._rated = self.sent
        return self.rate


class Track:
    """Numbers that never break, a memory of what went, and who gets it."""

    ask_picture: Callable[[float], None]

    def __init__(self, kind: Kind, seat: int, tally: Tally) -> None:
        self.kind = kind
        self.seat = seat
        self.stream = stream(kind, seat)
        self.mid = mid(kind, seat).encode("ascii")
        self.history = History()
        self.reports: dict[int, float] = {}
        """When which sender report went out, by the part that receivers echo."""
        self.flowing: list[Outlet] = []
        self.waiting: list[Outlet] = []
        """Viewers whose pause is over, until a whole picture begins."""
        self.ask_picture = lambda _now: None
        self._tally = tally
        self._begun = False
        self._last = 0
        self.rate = 0.0
        """Bits a second that come in, over the last second."""
        self._carried = 0
        self._description = rtcp.description(self.stream, f"seat{seat}")
        self._continuation = Continuation(
            clock=CLOCK[kind], sequence=secrets.randbelow(1 << 15), timestamp=secrets.randbelow(1 << 31)
        )

    def begin(self, number: int, timestamp: int, now: float) -> None:
        """Somebody new sends from this packet on."""
        self._continuation.begin(number, timestamp, now)
        self._begun = True

    def stop(self) -> None:
        """The seat is empty."""
        self._begun = False
        self.history.clear()
        self.reports.clear()
        self.ask_picture = lambda _now: None

    def pass_on(self, packet: bytearray, number: int, *, timestamp: int, now: float) -> None:
        """Give one packet to everybody who watches: edited once, here."""
        placed = self._continuation.place(number, timestamp, now)
        if placed is None:
            return
        sequence, time = placed
        rtp.rewrite(packet, sequence, timestamp=time, stream=self.stream)
        if self.kind is Kind.VIDEO:
            self.history.keep(sequence, packet)
            if self.waiting:
                self._resume(packet, sequence, now)
        self._last = sequence
        size = len(packet)
        self._carried += size
        for outlet in self.flowing:
            if outlet.shift.active:
                outlet.forward(packet, sequence)
            else:  # the very same packet; not a call more, this is where most of the time goes
                outlet.sent += size
                outlet.link.send_rtp(packet)
        self._tally.forwarded += len(self.flowing)

    def rate_now(self, seconds: float) -> None:
        """Measure, since the last call."""
        self.rate = 8 * self._carried / seconds
        self._carried = 0

    def pass_on_report(self, report: rtcp.SenderReport, now: float) -> None:
        """Tell everybody which of the seat's times was when, so that lips and voice agree."""
        if not self._begun:
            return
        self.reports[report.middle] = now
        if len(self.reports) > _REPORTS_KEPT:
            del self.reports[next(iter(self.reports))]
        time = (report.timestamp + self._continuation.delay) & 0xFFFFFFFF
        told = rtcp.SenderReport(self.stream, report.seconds, report.fraction, time, report.packets, report.octets)
        datagram = rtcp.sender_report(told) + self._description
        for outlet in self.flowing:
            outlet.link.send_rtcp(datagram)

    def add(self, outlet: Outlet) -> None:
        """Somebody watches from now on."""
        self.flowing.append(outlet)

    def remove(self, outlet: Outlet) -> None:
        """They are gone."""
        for outlets in (self.flowing, self.waiting):
            if outlet in outlets:
                outlets.remove(outlet)

    def pause(self, outlet: Outlet) -> None:
        """Their link does not carry it."""
        if outlet in self.flowing:
            outlet.shift.pause(self._last)
        self.remove(outlet)
        self._tally.pictures_paused += 1

    def resume(self, outlet: Outlet, now: float) -> None:
        """They may have it again, from the next whole picture on."""
        if outlet not in self.flowing and outlet not in self.waiting:
            outlet.waits_since = now
            self.waiting.append(outlet)
            self.ask_picture(now)

    def _resume(self, packet: bytearray, sequence: int, now: float) -> None:
        begins = pictures.begins(packet, rtp.read(packet))
        for outlet in [one for one in self.waiting if begins or now - one.waits_since > _LONGEST_WAIT]:
            self.waiting.remove(outlet)
            outlet.shift.resume(sequence)
            self.flowing.append(outlet)
