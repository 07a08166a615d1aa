"""Who has a live page open, in all processes together, told at most four times a second.

Each process says on the bus whom it has, when that changes and every ten seconds; one that stays silent for
twenty-five seconds is taken for dead. The repetition also tells a quiet page that its socket still works.
"""

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from alerts.broadcast import Envelope

COALESCE_SECONDS = 0.25
REPEAT_SECONDS = 10.0
SILENT_SECONDS = 25.0

Tell = Callable[[UUID, list[int], bool], None]
Publish = Callable[[UUID, dict[str, object]], None]


@dataclass(kw_only=True)
class _Crowd:
    """Who looks at one alert: contacts (ids) of this process, and of the others with when they were heard."""

    own: set[int] = field(default_factory=set)
    others: dict[str, tuple[frozenset[int], float]] = field(default_factory=dict)
    told: list[int] | None = None
    asks: bool = True
    repeat_at: float = float("inf")

    def everybody(self, now: float) -> list[int]:
        elsewhere = [contacts for contacts, heard_at in self.others.values() if now - heard_at < SILENT_SECONDS]
        return sorted(frozenset(self.own).union(*elsewhere))


class Presence:
    """`tell(alert, contacts, is_news)` reaches the pages of this process, `publish(alert, message)` the bus."""

    def __init__(self, *, tell: Tell, publish: Publish) -> None:
        self._tell = tell
        self._publish = publish
        self._process = uuid4().hex[:12]
        self._crowds: dict[UUID, _Crowd] = {}
        self._changed: set[UUID] = set()

    def entered(self, alert_id: UUID, contact_id: int) -> None:
        """A contact's page is here; another page of the same contact is news too, because it knows nothing yet."""
        crowd = self._crowds.setdefault(alert_id, _Crowd())
        crowd.own.add(contact_id)
        crowd.told = None
        self._change(alert_id)

    def left(self, alert_id: UUID, contact_id: int) -> None:
        """The contact's last page in this process is gone."""
        if crowd := self._crowds.get(alert_id):
            crowd.own.discard(contact_id)
            self._change(alert_id)

    def forget(self, alert_id: UUID) -> None:
        """This process serves nobody of this alert any more."""
        if self._crowds.pop(alert_id, None):
            self._say(alert_id, _Crowd(asks=False))

    def heard(self, envelope: Envelope) -> None:
        """Another process (or this one) said whom it has."""
        crowd = self._crowds.get(envelope.alert_id)
        if crowd is None:
            return
        message = json.loads(envelope.text)
        if message["process"] == self._process:
            return
        crowd.others[message["process"]] = (frozenset(message["contacts"]), self._now())
        if message["ask"]:
            self._say(envelope.alert_id, crowd)
        self._change(envelope.alert_id)

    async def run(self) -> None:
        """Tell what changed; say everything again every ten seconds, each alert at a moment of its own."""
        while True:
            await asyncio.sleep(COALESCE_SECONDS)
            self._tell_changes()
            self._repeat()

    def _tell_changes(self) -> None:
        changed, self._changed = self._changed, set()
        for alert_id in changed:
            if (crowd := self._crowds.get(alert_id)) is None:
                continue
            contacts = crowd.everybody(self._now())
            if contacts != crowd.told:
                crowd.told = contacts
                self._tell(alert_id, contacts, True)
                self._say(alert_id, crowd)

    def _repeat(self) -> None:
        now = self._now()
        for alert_id, crowd in self._crowds.items():
            if crowd.repeat_at <= now:
                contacts = crowd.everybody(now)
                self._tell(alert_id, contacts, contacts != crowd.told)
                crowd.told = contacts
                self._say(alert_id, crowd)

    def _say(self, alert_id: UUID, crowd: _Crowd) -> None:
        asks, crowd.asks = crowd.asks, False
        crowd.repeat_at = self._now() + REPEAT_SECONDS * random.uniform(0.8, 1.0)  # noqa: S311 - no secret
        contacts = sorted(crowd.own)
        self._publish(
            alert_id, {"type": "here", "sequence": 0, "process": self._process, "contacts": contacts, "ask": asks}
        )

    def _change(self, alert_id: UUID) -> None:
        self._changed.add(alert_id)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
