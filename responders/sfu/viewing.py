"""What one browser watches, how well it arrives, and what of it goes when the link is thin."""

from collections.abc import Mapping, Sequence

from responders.sfu import rtcp
from responders.sfu.layout import HER_SEAT, Kind
from responders.sfu.losses import Losses
from responders.sfu.tally import Tally
from responders.sfu.thinlink import Felt, ThinLink
from responders.sfu.track import Outlet
from responders.sfu.waiting import Waiting

_UNITS = 65_536
_LONGEST_TRIP = 10.0
_HIGHEST = 1 << 32
_REPORTS_OF_BEFORE = 1.2
"""Seconds: browsers report once a second."""
_SHORTEST = 0.1
_YOUNG = 5.0
_OFTEN, _SELDOM = 0.1, 1.0
_FEWEST_MISSED = 10
_MISSED = 0.15
_TYPICAL_PACKET = 800
"""Bytes; sound and pictures together."""


class Viewing:
    """All outlets of one browser."""

    def __init__(self, outlets: Mapping[tuple[Kind, int], Outlet], tally: Tally, now: float) -> None:
        self.round_trip = 0.1
        self._outlets = outlets
        self._by_stream = {outlet.track.stream: outlet for outlet in outlets.values()}
        self._tally = tally
        self._losses = Losses()
        self._waiting = Waiting()
        self._answers_checks = False
        """Whether the browser answers checks of ours: then they alone say how long things wait."""
        self._begun = self._before = now
        self._sent = 0.0
        self._missed: set[tuple[int, int]] = set()
        self._sent_before_trial = 0
        self._estimate: int | None = None
        self._thin = ThinLink()
        self._hidden: set[int] = set()
        self._newest: int | None = None
        self.spoke: Mapping[int, float] = {}
        """When each seat was heard last; those who speak are seen first."""

    def close(self) -> None:
        """Watch nothing more."""
        for outlet in self._outlets.values():
            outlet.track.remove(outlet)

    @property
    def hidden(self) -> int:
        """How many pictures are paused."""
        return len(self._hidden)

    def hear(self, said: rtcp.Said, now: float) -> None:
        """A report or a request of the browser's."""
        if isinstance(said, rtcp.Estimate):
            self._estimate = said.bits
        elif not isinstance(said, rtcp.SenderReport) and (outlet := self._by_stream.get(said.stream)):
            self._hear_about(outlet, said, now)

    def _hear_about(self, outlet: Outlet, said: rtcp.Block | rtcp.Lost | rtcp.KeyFrameWanted, now: float) -> None:
        if isinstance(said, rtcp.Block):
            self._judge(outlet, said, now)
        elif isinstance(said, rtcp.KeyFrameWanted):
            outlet.track.ask_picture(now)
        elif outlet.track.kind is Kind.VIDEO:
            self._tally.wanted_again += len(said.numbers)
            numbers = list(said.numbers)
            if self._thin.on_trial:
                self._missed.update(
                    (outlet.track.seat, number) for number in numbers if outlet.went_since_pause(number)
                )
            self._tally.repeated += outlet.repeat(numbers, now=now, round_trip=self.round_trip)

    def _judge(self, outlet: Outlet, block: rtcp.Block, now: float) -> None:
        sent_at = outlet.track.reports.get(block.last_report)
        if sent_at is not None:
            trip = now - sent_at - block.delay / _UNITS
            if 0 <= trip < _LONGEST_TRIP:
                self.round_trip += (trip - self.round_trip) / 4
                if not self._answers_checks:
                    self._waiting.hear(sent_at, sent_at + trip)
        if outlet.last_block:
            highest, lost = outlet.last_block
            expected = (block.highest - highest) % _HIGHEST
            if expected < _HIGHEST >> 1:
                self._losses.hear(outlet.track.kind, expected, lost=block.lost - lost, now=now)
        outlet.last_block = block.highest, block.lost

    def pong(self, sent_at: float, now: float) -> None:
        """A check of ours that went then is answered."""
        self._answers_checks = True
        self._waiting.hear(sent_at, now)

    def look_every(self, now: float) -> float:
        """Seconds between two checks of ours: often as long as nobody knows what the link carries."""
        unsure = self._thin.on_trial or now - self._begun < _YOUNG or self._waiting.is_doubtful
        return _OFTEN if unsure else _SELDOM

    def beat(self, now: float, late: float) -> None:
        """Twenty times a second: what hurts the sound does not wait for the next look.

        `late` is how late, in seconds, its own sound comes to us.
        """
        queue = self._waiting.seconds(self._thin.changed_at) - late
        if self._thin.is_late(queue):
            passed = max(_SHORTEST, now - self._before)
            self._decide(Felt(queue=queue, sent=max(self._sent, self._bits_since(passed))), now)
        elif self._thin.on_trial:
            self._count_missed(now)

    def _bits_since(self, passed: float) -> float:
        """Bits a second since the last look, so long ago."""
        return sum(outlet.rate_since(passed) for outlet in self._outlets.values())

    def _count_missed(self, now: float) -> None:
        """A picture on trial that is being lost is asked for again, and again."""
        if len(self._missed) < _FEWEST_MISSED:
            return
        packets = sum(outlet.sent for outlet in self._outlets.values()) - self._sent_before_trial
        share = len(self._missed) * _TYPICAL_PACKET / max(1, packets)
        if share > _MISSED:
            self._decide(Felt(lost=min(1.0, share), sent=self._sent), now)

    def second(self, now: float, late: float) -> None:
        """Show as many pictures as the link carries."""
        passed = max(_SHORTEST, now - self._before)
        self._before = now
        self._sent = sum(outlet.rate_now(passed) for outlet in self._outlets.values())
        felt = Felt(
            lost=self._losses.take(),
            queue=self._waiting.seconds(self._thin.changed_at) - late,
            estimate=self._estimate,
            sent=self._sent,
        )
        self._estimate = None
        self._decide(felt, now)

    def _decide(self, felt: Felt, now: float) -> None:
        seats = self._by_preference()
        shown = [self._bits(seat) for seat in seats if seat not in self._hidden]
        hidden = [self._outlets[Kind.VIDEO, seat].track.rate for seat in seats if seat in self._hidden]
        count = self._thin.decide(felt, now, shown=shown, hidden=hidden)
        if count != len(shown):
            self._show(seats, count, now)
        if count < len(shown):
            self._losses.forget(until=now + _REPORTS_OF_BEFORE)
        if count > len(shown):
            self._missed.clear()
            self._sent_before_trial = sum(outlet.sent for outlet in self._outlets.values())

    def _bits(self, seat: int) -> float:
        """What this picture takes in a second; one that has just begun will take what its sender sends."""
        outlet = self._outlets[Kind.VIDEO, seat]
        return max(outlet.rate, outlet.track.rate)

    def _by_preference(self) -> Sequence[int]:
        """Seats with a picture: hers, then those who spoke last. One on trial comes last of those that are shown."""
        seats = [
            seat
            for (kind, seat), outlet in self._outlets.items()
            if kind is Kind.VIDEO
            and (outlet.rate > 0 or outlet.track.rate > 0 or seat in self._hidden or outlet in outlet.track.waiting)
        ]
        newest = self._newest if self._thin.on_trial else None
        return sorted(
            seats,
            key=lambda seat: (seat != HER_SEAT, seat in self._hidden, seat == newest, -self.spoke.get(seat, 0.0)),
        )

    def _show(self, seats: Sequence[int], count: int, now: float) -> None:
        for place, seat in enumerate(seats):
            outlet = self._outlets[Kind.VIDEO, seat]
            if place < count and seat in self._hidden:
                self._hidden.discard(seat)
                self._newest = seat
                outlet.track.resume(outlet, now)
            elif place >= count and seat not in self._hidden:
                self._hidden.add(seat)
                outlet.track.pause(outlet)
