"""The network as a whole: what it took, how it behaves, what it answers."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.telephony import resources
from tests.telephony.exchange import Answer, Exchange, Request
from tests.telephony.hooks import SECOND_TOKEN, TOKEN, Posted, Service
from tests.telephony.ledger import PREFIXES, Ledger, Taken
from tests.telephony.moods import Death, Mood, Moods
from tests.telephony.postman import Postman
from tests.telephony.reports import Plan
from tests.telephony.resources import ACCOUNT, Progress
from tests.telephony.telephones import Device, Reachable

_UNKNOWN, _WRONG_KEY, _TOO_MANY, _STOPPED = 20404, 20003, 20429, 21610


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A send that the network did not take, and what it answered (0: nothing)."""

    kind: str
    form: Mapping[str, str]
    at: datetime
    status: int


class Network(Moods):
    """A running stand-in. `url` is what SHERIF_TWILIO_URL takes; see Moods for how to make it misbehave.

    Without a `service` it posts no hook: texts arrive, calls ring, nobody is told.
    """

    def __init__(self, *, log: Path | None = None, port: int = 0, service: Service | None = None) -> None:
        super().__init__()
        self.service = service
        self.plan: Plan | str = Plan.PROMPT
        self.late_seconds = 3.0
        self.inbound_number = "+33639980090"
        self.postman = Postman(by_hand=service is not None and service.by_hand)
        self._devices: dict[str, Device] = {}
        self.ledger = Ledger(log)
        self.refused: list[Refused] = []
        self.asked: list[Request] = []  # for lists and for single messages
        self._progress: dict[str, Progress] = {}
        self._blocked: dict[str, int] = {}
        self._alive = threading.Event()
        self._alive.set()
        self._exchange = Exchange(self._decide, port=port)
        self.url = self._exchange.url

    @property
    def taken(self) -> list[Taken]:
        """Everything, in the order of its coming."""
        return self.ledger.all()

    def to(self, number: str) -> list[Taken]:
        """What this telephone got."""
        return self.ledger.to(number)

    def take(self, kind: str, form: Mapping[str, str], *, at: datetime | None = None) -> Taken:
        """Take one more ("Messages" or "Calls"), as if it had come over HTTP; its telephone rings or beeps."""
        taken = self.ledger.take(kind, form, at=at or datetime.now(UTC))
        self.device(taken.to).reached(taken)
        return taken

    def clear(self) -> None:
        """Forget what was taken and refused, so that the next scene counts from nothing."""
        self.ledger.clear()
        self.refused.clear()
        self.asked.clear()
        self._progress.clear()

    def age(self, by: timedelta) -> None:
        """All that was taken, and what people did, is so much longer ago."""
        self.ledger.age(by)
        for device in self._devices.values():
            device.acted_at = device.acted_at and device.acted_at - by

    def progress(self, sid: str) -> Progress:
        """Where a text or call stands in the network's own eyes; a test may change it."""
        return self._progress.setdefault(sid, Progress())

    def device(self, who: "Device | Reachable | str") -> Device:
        """The telephone of this person, or of this number."""
        number = who if isinstance(who, str) else who.number if isinstance(who, Device) else who.phone_number
        return self._devices.setdefault(number, Device(number, self))

    def deliver_receipts(self, *, within: float = 1.0, sid: str = "") -> list[Posted]:
        """By hand: what happens in so many seconds after each message happens now; all that was posted so far."""
        self.postman.deliver(within=within, sid=sid)
        return self.posted

    @property
    def posted(self) -> list[Posted]:
        """Receipts that were posted, with what the service answered."""
        return list(self.service.posted) if self.service else []

    def reached_service(self) -> Service:
        """The service under test; a network that knows none cannot press a key."""
        if self.service is None:
            raise RuntimeError("network(service=...) says where keys, receipts and texts are posted")
        return self.service

    def block(self, number: str, code: int) -> None:
        """Refuse every send to this number with Twilio's code (21610, STOP: every text); 0 lets it through again."""
        self._blocked[number] = code

    def die(self, how: Death = "says 503") -> None:
        """Stop working: lists and single messages too. "refuses" closes the port, "hangs" answers nobody."""
        self.dead = how
        if how == "hangs":
            self._alive.clear()
        if how == "refuses":
            self._exchange.refuse()

    def revive(self) -> None:
        """Work again, on the same port."""
        self.dead = ""
        self._alive.set()
        self._exchange.open()

    def open(self) -> None:
        """Begin to listen."""
        self._exchange.open()

    def close(self) -> None:
        """The end; raises what went wrong in a telephone that acted of itself."""
        self._alive.set()
        self._exchange.close()
        self.ledger.close()
        self.postman.close()

    # ---- What is answered ----

    def _decide(self, request: Request) -> Answer:
        if request.method == "GET":
            self.asked.append(request)
        if self.dead:
            return self._silence(request)
        if request.user != ACCOUNT or request.password not in {TOKEN, SECOND_TOKEN}:
            return self._error(401, _WRONG_KEY)
        kind, _, sid = _resource(request.path)
        if kind not in PREFIXES:
            return self._error(404, _UNKNOWN)
        if request.method == "GET":
            return self._shown(sid) if sid else self._listed(kind, request)
        return self._error(405, 20004) if sid else self._sent(kind, request)

    def _silence(self, request: Request) -> Answer:
        if request.method == "POST":
            self._refuse(request, 503 if self.dead == "says 503" else 0)
        if self.dead == "says 503":
            return self._error(503)
        self._alive.wait(self.hang_seconds)
        return Answer(breaks="resets")

    def _sent(self, kind: str, request: Request) -> Answer:
        mood = self.next_mood()
        refused = self._misbehaved(mood) or self._objection(kind, request)
        if refused is not None:
            self._refuse(request, 0 if refused.breaks else refused.status)
            return refused
        taken = self.take(kind, request.form, at=request.at)
        answer = resources.described(taken, Progress())
        if mood == "drop":
            return Answer(breaks="closes")
        return Answer(status=201, body=answer, after=self.hang_seconds if mood == "hang" else self.delay_seconds)

    def _misbehaved(self, mood: Mood | None) -> Answer | None:
        if mood in {"reset", "stall"}:
            return Answer(breaks="resets", after=self.hang_seconds if mood == "stall" else 0)
        if isinstance(mood, int):
            return self._error(mood, _TOO_MANY if mood == 429 else None)
        return self._error(*mood) if isinstance(mood, tuple) else None

    def _objection(self, kind: str, request: Request) -> Answer | None:
        code = self._blocked.get(request.form.get("To", "")) or resources.refusal(kind, request.form)
        if code == _STOPPED and kind == "Calls":
            return None  # STOP is about texts
        return self._error(400, code) if code else None

    def _refuse(self, request: Request, status: int) -> None:
        kind, _, _ = _resource(request.path)
        self.refused.append(Refused(kind=kind, form=request.form, at=request.at, status=status))

    def _shown(self, sid: str) -> Answer:
        taken = self.ledger.named(sid)
        if not self.lists:
            return self._error(503)
        if taken is None:
            return self._error(404, _UNKNOWN)
        return Answer(body=resources.described(taken, self.progress(sid)), after=self.delay_seconds)

    def _listed(self, kind: str, request: Request) -> Answer:
        if not self.lists:
            return self._error(503)
        newest = datetime.now(UTC) - timedelta(seconds=self.listed_after_seconds)
        known = self.to(request.query["To"]) if "To" in request.query else self.taken
        found = [
            resources.described(one, self.progress(one.sid))
            for one in reversed(known)
            if one.kind == kind
            and one.at <= newest
            and resources.is_asked_for(one, self.progress(one.sid), request.query)
        ]
        return Answer(body=resources.page(kind, found, request.query), after=self.delay_seconds)

    def _error(self, status: int, code: int | None = None) -> Answer:
        said: dict[str, Any] = {"code": code, "message": "refused by the stand-in", "status": status}
        if code:
            said["more_info"] = f"https://www.twilio.com/docs/errors/{code}"
        headers = {"Retry-After": str(self.retry_after)} if status == 429 else {}
        return Answer(status=status, body=said, headers=headers, after=self.delay_seconds)


def _resource(path: str) -> tuple[str, str, str]:
    """The kind and, of a single one, the SID: .../Messages.json, .../Messages/SM....json."""
    last = path.removesuffix(".json").split("/")[4:]
    return (last[0] if last else "", "/", last[1] if len(last) > 1 else "")
