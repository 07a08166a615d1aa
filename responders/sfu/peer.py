"""One browser in one seat, from the offer to the end."""

import hashlib
import secrets
from typing import Protocol

from responders.sfu import answer as answers
from responders.sfu import offer, rtcp, rtp
from responders.sfu.addresses import Address
from responders.sfu.config import MediaConfig
from responders.sfu.door import Door, Path
from responders.sfu.feedback import Feedback
from responders.sfu.layout import OUR_STREAM, PAYLOADS, Kind
from responders.sfu.link import LINKS
from responders.sfu.pings import Pings
from responders.sfu.source import Source
from responders.sfu.tally import Tally
from responders.sfu.viewing import Viewing

_KINDS = {payload: kind for kind, payloads in PAYLOADS.items() for payload in payloads}


class Owner(Protocol):
    """The room, as a peer knows it."""

    tally: Tally

    def ended(self, peer: "Peer") -> None:
        """The browser is gone: free its seat."""


class Peer:
    """Lets one browser in, hears it, and holds what it watches (`viewing`)."""

    sources: dict[Kind, Source]
    viewing: Viewing | None

    def __init__(self, seat: int, person: str, *, door: Door, config: MediaConfig, owner: Owner, now: float) -> None:
        self.seat = seat
        self.person = person
        self.token = secrets.token_urlsafe(16)
        self.password = secrets.token_urlsafe(24).replace("-", "+").replace("_", "/").encode("ascii")
        self.connected = False
        self.since = now
        """When it joined, answered, or was heard last."""
        self.answer: answers.Answer | None = None
        self.sources = {}
        self.viewing = None
        self.published: frozenset[Kind] = frozenset()
        """What the others were told that it publishes."""
        self.answer_hash = b""
        self.path = Path(door, self)
        self.link = LINKS[config.level](door, self.path, self)
        self._config = config
        self._door = door
        self._owner = owner
        self._tally = owner.tally
        self._name = secrets.token_hex(8)
        self._feedback = Feedback()
        self._pings: Pings | None = None
        self._pinged_at = float("-inf")
        self._beats = 0
        door.expect(self._name, self)

    def offer(self) -> str:
        """The text for its browser."""
        credentials = offer.Credentials(
            username=self._name, password=self.password.decode("ascii"), fingerprint=self.link.fingerprint
        )
        return offer.write(self.seat, credentials, self._door.addresses)

    def read_answer(self, text: str, now: float) -> answers.Answer:
        """Take the browser's answer. Raises BadAnswer."""
        self.answer = answers.read(text, seat=self.seat, limits=self._config.limits)
        theirs = self.answer
        self._pings = Pings(ours=self._name, theirs=theirs.username, password=theirs.password.encode())
        self.answer_hash = hashlib.sha256(text.encode()).digest()
        self.since = now
        return self.answer

    def close(self) -> None:
        """Tell the browser, expect nothing more of it."""
        self._door.dismiss(self._name, self)
        self.link.close()
        self._tally.broken += self.link.broken
        if self.viewing:
            self.viewing.close()
        for source in self.sources.values():
            source.track.stop()

    # What the door says.

    def expects(self, theirs: str) -> bool:
        """Any name until the answer came, then that of the answer."""
        return self.answer is None or theirs == self.answer.username

    def checked(self, address: Address, *, nominated: bool, now: float) -> None:
        """Its browser is alive, there."""
        self.path.checked(address, nominated=nominated, now=now)

    def deliver(self, size: int, now: float) -> None:
        """A datagram from an address that proved itself."""
        self.link.deliver(size, now)

    def answered(self, datagram: bytes, now: float) -> None:
        """Its browser answers a check of ours."""
        sent_at = self._pings.hear(datagram) if self._pings else None
        if sent_at is not None and self.viewing:
            self._tally.checks_answered += 1
            self.viewing.pong(sent_at, now)

    def failed(self) -> None:
        """An error of ours, in what it sent: it is asked to come again."""
        self._tally.failures += 1
        self._owner.ended(self)

    # What the link says.

    def hear_rtp(self, packet: bytearray, now: float) -> None:
        """Sound or picture."""
        self._tally.heard += 1
        self._tally.heard_bytes += len(packet)
        try:
            header = rtp.read(packet)
        except ValueError:
            self._tally.refused += 1
            return
        kind = _KINDS.get(header.payload_type)
        source = self.sources.get(kind) if kind else None
        if source is None:
            self._tally.refused += 1
            return
        source.hear(packet, header, feedback=self._feedback, now=now)

    def hear_rtcp(self, datagram: bytes, now: float) -> None:
        """Reports and requests."""
        try:
            said = rtcp.read(datagram)
        except ValueError:
            self._tally.refused += 1
            return
        for one in said:
            if isinstance(one, rtcp.SenderReport):
                for source in self.sources.values():
                    if source.stream == one.stream:
                        source.hear_report(one, now)
            elif self.viewing:
                self.viewing.hear(one, now)

    def link_ended(self) -> None:
        """The browser closed."""
        self._owner.ended(self)

    # What the clock says.

    @property
    def round_trip(self) -> float:
        """Seconds to the browser and back."""
        return self.viewing.round_trip if self.viewing else 0.1

    def beat(self, now: float) -> None:
        """Twenty times a second: ask for what is lost; every second time, say what arrived."""
        self._beats += 1
        if self.viewing:
            self.viewing.beat(now, self._late(now))
            self._ping(now, self.viewing.look_every(now))
        asked = b"".join(source.requests(now, self.round_trip) for source in self.sources.values())
        if asked:
            self.link.send_rtcp(asked)
        if self._beats % 2 == 0 and (body := self._feedback.write()) is not None:
            stream = next((source.stream for source in self.sources.values() if source.stream), 0)
            self.link.send_rtcp(rtcp.transport_feedback(OUR_STREAM, stream, body))

    def _late(self, now: float) -> float:
        """How late its own sound comes: so late are its answers too, and it is not the link towards it."""
        sound = self.sources.get(Kind.AUDIO)
        return sound.late(now) if sound else 0.0

    def _ping(self, now: float, every: float) -> None:
        if self._pings and self.path.address and now - self._pinged_at >= every:
            self._pinged_at = now
            self._door.send(self._pings.ask(now), self.path.address)

    def second(self, now: float) -> None:
        """Once a second: report on what came, and fit what goes to the link."""
        blocks = [block for source in self.sources.values() if (block := source.block(now))]
        if blocks:
            self.link.send_rtcp(rtcp.receiver_report(OUR_STREAM, blocks))
        if self.viewing:
            self.viewing.second(now, self._late(now))

    def ask_picture(self, now: float) -> None:
        """Somebody needs a whole picture of this person."""
        source = self.sources.get(Kind.VIDEO)
        if self.connected and source and (asked := source.picture_wanted(now)):
            self.link.send_rtcp(asked)

    def publishes(self, now: float) -> frozenset[Kind]:
        """What was heard of late."""
        silent = self._config.limits.silent
        return frozenset(kind for kind, source in self.sources.items() if now - source.heard_at < silent)

    @property
    def hears(self) -> bool:
        """Whether its answer takes anybody's sound."""
        return self.answer is not None and any(kind is Kind.AUDIO for kind, _ in self.answer.receives)

    def excuse(self, seconds: float) -> None:
        """So long nobody here could listen: it does not count."""
        self.since += seconds
        self.path.heard_at += seconds

    def overdue(self, now: float) -> bool:
        """Whether it did not answer, not connect, or not ask for us in time."""
        limits = self._config.limits
        if self.answer is None:
            return now - self.since > limits.unanswered
        if not self.connected:
            return now - self.since > limits.unconnected
        return now - self.path.heard_at > limits.consent
