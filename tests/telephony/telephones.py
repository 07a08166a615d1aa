"""Telephones of people: they ring, are off, go to voicemail; somebody listens, presses a key, answers a text."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, Self, TypeVar
from uuid import uuid4

from tests.telephony import hooks, scripts
from tests.telephony.calls import Call
from tests.telephony.ledger import Taken
from tests.telephony.reports import Plan, Reports
from tests.wires import Reply

if TYPE_CHECKING:
    from tests.telephony.network import Network

SMS_HOOK = "/hooks/twilio/sms/"
_WITHIN = 5.0  # seconds in which what is expected comes
_RING = 30.0  # seconds, where a call does not say
_NOT_REACHED = 30003
_LINK = re.compile(r"https?://\S+/r/[A-Za-z0-9_-]+")


class Pocket(StrEnum):
    """What this telephone does when it is called."""

    RINGS = "rings"  # until somebody expects the call, or for the seconds that the call says
    OFF = "off"
    VOICEMAIL = "voicemail"
    UNANSWERED = "unanswered"
    BUSY = "busy"


class Reachable(Protocol):
    """Anybody with a number."""

    @property
    def phone_number(self) -> str:
        """E.164."""
        ...


Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text that arrived."""

    body: str
    at: datetime

    @property
    def link(self) -> str:
        """The personal link in it."""
        found = _LINK.search(self.body)
        assert found is not None, f"no link in {self.body!r}"
        return found.group()


class Device:
    """One telephone. What it was told (switched off, voicemail, receipts) holds for what comes after."""

    def __init__(self, number: str, network: "Network") -> None:
        self.number = number
        self.pocket = Pocket.RINGS
        self.code = 0
        self.acted_at: datetime | None = None
        self._network = network
        self._done: set[str] = set()
        self._reports = Reports(network)

    # ---- How it is ----

    def switch_off(self) -> Self:
        """Texts are not delivered (30003), calls do not ring."""
        self.pocket, self.code = Pocket.OFF, _NOT_REACHED
        return self

    def switch_on(self) -> Self:
        """It rings again; what was lost stays lost."""
        self.pocket, self.code = Pocket.RINGS, 0
        return self

    def voicemail(self) -> Self:
        """A machine picks up, listens to the end, and presses nothing."""
        self.pocket = Pocket.VOICEMAIL
        return self

    def does_not_answer(self) -> Self:
        """It rings in an empty room."""
        self.pocket = Pocket.UNANSWERED
        return self

    def is_busy(self) -> Self:
        """Somebody talks on it."""
        self.pocket = Pocket.BUSY
        return self

    def receipts(self, plan: Plan | str) -> Self:
        """What becomes of receipts for this number."""
        self._reports.plan = Plan(plan)
        return self

    def fails(self, code: int) -> Self:
        """Texts are taken, then fail with this code (30003, 30005, 30006, 30007...)."""
        self.code = code
        return self

    def stopped(self, code: int = 21610) -> Self:
        """The network refuses to send texts to it, or, with another code, anything; 0 lets it through again."""
        self._network.block(self.number, code)
        return self

    # ---- What it got ----

    @property
    def texts(self) -> list[str]:
        """The texts that the network took for it, in order."""
        return [one.form["Body"] for one in self._network.to(self.number) if one.kind == "Messages"]

    @property
    def calls(self) -> list[Taken]:
        """The calls that the network took for it, in order."""
        return [one for one in self._network.to(self.number) if one.kind == "Calls"]

    def calls_after(self, who: "Device | Reachable | str") -> list[Taken]:
        """The calls since that person last pressed a key or answered a text."""
        acted_at = self._network.device(who).acted_at
        assert acted_at is not None, f"{who} did nothing"
        return [one for one in self.calls if one.at > acted_at]

    def expect_text(self, saying: str = "", *, within: float = _WITHIN) -> Text:
        """The newest text with these words, as soon as there is one."""

        def newest() -> Text | None:
            texts = [one for one in self._network.to(self.number) if one.kind == "Messages"]
            fitting = [Text(body=one.form["Body"], at=one.at) for one in texts if saying in one.form["Body"]]
            return fitting[-1] if fitting else None

        found = _until(newest, within)
        assert found is not None, f"no text saying {saying!r} to {self.number} but {self.texts}"
        return found

    def expect_call(self, saying: str = "", *, within: float = _WITHIN) -> Call:
        """Pick up the newest call that nobody picked up, as soon as it rings, and hear these words."""
        taken = _until(self._ringing, within)
        assert taken is not None, f"{self.number} does not ring; it got {len(self.calls)} calls, {self.texts}"
        for one in self.calls:
            if one.sid not in self._done and one is not taken:
                self._give_up(one, "no-answer")
        self._done.add(taken.sid)
        return Call(self, taken, self._network).expect(saying)

    def answers(self, text: str, *, path: str = SMS_HOOK, to: str = "") -> Reply:
        """Send a text to our number; a reply comes back as a text to this telephone."""
        service = self._network.reached_service()
        form = hooks.of_inbound(
            sid=f"SM{uuid4().hex}", sender=self.number, to=to or self._network.inbound_number, body=text
        )
        self.acted_at = datetime.now(UTC)
        reply = service.post(f"{service.public_url}{path}", form)
        if "xml" in reply.headers.get("Content-Type", ""):
            for body in scripts.replies(reply.body.decode()):
                sent = {"To": self.number, "From": form["To"], "Body": body}
                self._network.ledger.take("Messages", sent, at=datetime.now(UTC))
        return reply

    # ---- What the network reports of it ----

    def reached(self, taken: Taken) -> None:
        """The network took something for this telephone: what becomes of it."""
        if taken.kind == "Messages":
            self._text(taken)
        else:
            self._called(taken)

    def report(self, taken: Taken, *words: str, seconds: int | None = None) -> None:
        """These things happened to a text or call of this telephone."""
        self._reports.report(taken, words, seconds=seconds, code=self.code)

    def _text(self, taken: Taken) -> None:
        self.report(taken, "sent", "undelivered" if self.code else "delivered")

    def _called(self, taken: Taken) -> None:
        if self.pocket is Pocket.OFF:
            self._done.add(taken.sid)
            return self.report(taken, "initiated", "no-answer")
        self.report(taken, "initiated", "ringing")
        ends = {Pocket.UNANSWERED: "no-answer", Pocket.BUSY: "busy"}
        if self.pocket is Pocket.RINGS:
            seconds = float(taken.form.get("Timeout", _RING))
            return self._later(taken, lambda: self._give_up(taken, "no-answer"), after=seconds)
        self._done.add(taken.sid)
        if self.pocket is Pocket.VOICEMAIL:
            return self._later(taken, lambda: self._record(taken), after=0.0)
        return self.report(taken, ends[self.pocket])

    def _record(self, taken: Taken) -> None:
        Call(self, taken, self._network).listen_to_the_end()

    def _give_up(self, taken: Taken, word: str) -> None:
        if taken.sid not in self._done:
            self._done.add(taken.sid)
            self.report(taken, word)

    def _ringing(self) -> Taken | None:
        waiting = [one for one in self.calls if one.sid not in self._done]
        return waiting[-1] if waiting else None

    def _later(self, taken: Taken, step: Callable[[], object], *, after: float) -> None:
        if self._network.service is not None:
            self._network.postman.plan(taken.sid, step, after=after)


def _until(seen: Callable[[], Found | None], within: float) -> Found | None:
    """What is seen, as soon as it is."""
    ends = time.monotonic() + within
    while (found := seen()) is None and time.monotonic() < ends:
        time.sleep(0.02)
    return found
