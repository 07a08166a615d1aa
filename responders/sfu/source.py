"""What one person sends of one kind: judged, completed, and handed to the seat's track."""

from responders.sfu import rtcp, rtp
from responders.sfu.answer import Sends
from responders.sfu.arrivals import Arrivals
from responders.sfu.bucket import Meter, Throttle
from responders.sfu.config import Limits
from responders.sfu.feedback import Feedback
from responders.sfu.layout import CLOCK, OUR_STREAM, REPAIRS, Kind
from responders.sfu.tally import Tally
from responders.sfu.track import Track

_AT_ONCE = 1.5
_PICTURES_APART = 0.5
_AUDIBLE = 60
"""Decibels below the loudest."""
_SECONDS_16 = 65_536


class Source:
    """One stream and its retransmissions. Other streams of the same person, other codecs and floods are refused."""

    def __init__(self, track: Track, sends: Sends, *, limits: Limits, tally: Tally, now: float) -> None:
        self.track = track
        self.stream = sends.stream
        self.heard_at = float("-inf")
        self.spoke_at = float("-inf")
        self._repairs = sends.repairs
        self._tally = tally
        self._arrivals = Arrivals(CLOCK[track.kind])
        self._restarts = -1
        bits = limits.audio_bits if track.kind is Kind.AUDIO else limits.video_bits
        self._meter = Meter(bits, _AT_ONCE, now)
        self._throttle = Throttle(_PICTURES_APART)
        self._report: tuple[int, float] | None = None

    def hear(self, packet: bytearray, header: rtp.Rtp, *, feedback: Feedback, now: float) -> None:
        """Take one packet, whose payload type is of this kind."""
        primary = REPAIRS.get(header.payload_type)
        if not self._is_ours(header, repairs=primary is not None):
            self._tally.refused += 1
            return
        if not self._meter.take(len(packet), now):
            self._tally.over_budget += 1
            return
        number, level = rtp.sign(packet, header, self.track.mid)
        if number is not None:
            feedback.arrive(number, now)
        if level is not None and level < _AUDIBLE:
            self.spoke_at = now
        if primary is None:
            self._pass(packet, self._arrivals.take(header.sequence, timestamp=header.timestamp, now=now), header, now)
            return
        original = rtp.unwrap(packet, header, primary)
        if original is not None:
            sequence = int.from_bytes(original[2:4], "big")
            found = self._arrivals.take_repeated(sequence)
            self._tally.found_again += found is not None
            self._pass(original, found, header, now)

    def _is_ours(self, header: rtp.Rtp, *, repairs: bool) -> bool:
        """Whether it is the declared stream; the first one is learnt where none was declared."""
        if repairs:
            if self._repairs is None:
                self._repairs = header.stream
            return header.stream == self._repairs
        if self.stream is None:
            self.stream = header.stream
        return header.stream == self.stream

    def _pass(self, packet: bytearray, number: int | None, header: rtp.Rtp, now: float) -> None:  # noqa: PLR0917
        if number is None:
            self._tally.repeated_late += 1
            return
        self.heard_at = now
        if self._arrivals.restarts != self._restarts:
            self._restarts = self._arrivals.restarts
            self.track.begin(number, header.timestamp, now)
        self.track.pass_on(packet, number, timestamp=header.timestamp, now=now)

    def late(self, now: float) -> float:
        """Seconds that it comes later than at its best, of late: a busy telephone, a full link towards us."""
        return self._arrivals.late(now)

    def hear_report(self, report: rtcp.SenderReport, now: float) -> None:
        """Keep what our own report must echo, and pass it on."""
        self._report = report.middle, now
        self.track.pass_on_report(report, now)

    def requests(self, now: float, round_trip: float) -> bytes:
        """What to ask this person for now: lost packets, a whole picture that was asked for too soon after the last."""
        self._arrivals.forget(now)
        if self.track.kind is Kind.AUDIO or self.stream is None:
            return b""
        numbers = self._arrivals.wanted(now, round_trip)
        asked = rtcp.nack(OUR_STREAM, self.stream, numbers) if numbers else b""
        self._tally.asked_again += len(numbers)
        if self._throttle.due(now):
            asked += self._picture_loss()
        return asked

    def picture_wanted(self, now: float) -> bytes:
        """Ask for a whole picture, unless it was asked for within half a second: then later."""
        if self.stream is None or not self._throttle.ask(now):
            return b""
        return self._picture_loss()

    def _picture_loss(self) -> bytes:
        self._tally.pictures_asked += 1
        return rtcp.picture_loss(OUR_STREAM, self.stream or 0)

    def block(self, now: float) -> rtcp.Block | None:
        """Our report block; None before anything came."""
        if self.stream is None or self._arrivals.highest < 0:
            return None
        last, delay = 0, 0
        if self._report:
            last, delay = self._report[0], int((now - self._report[1]) * _SECONDS_16)
        return rtcp.Block(self.stream, *self._arrivals.report(), last, delay)
