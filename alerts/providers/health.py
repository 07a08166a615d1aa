"""How each of several networks is doing, as one process knows it: who goes first, and who is left in peace.

A network that fails rests for a minute, the next time twice as long, ten minutes at most. Then it is asked something
harmless; if it answers and would go first, one message tries it; if that goes well, it carries again. Health only
ever orders the networks: where all of them rest, the one whose rest ends first is used.

Safe to call from many threads. Nothing here waits, and nothing here knows the database.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

WINDOW = 5  # of so many last messages...
TOO_MANY = 3  # ...so many went badly
FRESH = timedelta(minutes=5)  # older ones say nothing any more
SLOW = 4.0  # seconds; such an answer is a bad one, even a yes
SLOW_FAILURE = 2.0  # seconds; costs the next message as much: the rest begins at once
LOOK_EVERY = timedelta(seconds=10)
FIRST_REST = timedelta(seconds=60)
LONGEST_REST = timedelta(minutes=10)
REMEMBERED = timedelta(minutes=10)  # who fails again within this time after coming back rests twice as long
_NEVER = datetime.max.replace(tzinfo=UTC)
_GIVEN_UP = timedelta(seconds=30)  # a message on trial of which nothing is heard any more

ERRORS, SILENCE, SLOWNESS = "errors", "silence", "slowness"
REFUSES_US, LATE_RECEIPTS = "refuses_us", "late_receipts"

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Spell:
    """One rest: since when, until when at least, and why."""

    at: datetime
    until: datetime
    reason: str

    @property
    def length(self) -> timedelta:
        """How long it was meant to be."""
        return self.until - self.at


@dataclass(frozen=True, kw_only=True)
class Change:
    """What the other processes must learn: this network begins `spell`, or (None) is back from `over`."""

    network: str
    spell: Spell | None
    over: Spell | None


class _Phase(Enum):
    WELL = auto()
    RESTING = auto()
    GREETED = auto()  # asked something harmless, the answer is not there yet
    TRIAL = auto()  # the next message may try it
    TRYING = auto()  # one message does


@dataclass
class _Network:
    phase: _Phase = _Phase.WELL
    marks: deque[tuple[datetime, bool]] = field(default_factory=lambda: deque(maxlen=WINDOW))
    spell: Spell | None = None
    last: Spell | None = None
    back_at: datetime | None = None
    trying_since: datetime | None = None
    change: Change | None = None  # not written to the rows yet

    def has_too_many(self, now: datetime) -> bool:
        return sum(bad for at, bad in self.marks if now - at <= FRESH) >= TOO_MANY

    def next_length(self, now: datetime) -> timedelta:
        if self.spell is not None:
            return min(2 * self.spell.length, LONGEST_REST)
        recently = self.back_at is not None and now - self.back_at <= REMEMBERED
        return min(2 * self.last.length, LONGEST_REST) if self.last and recently else FIRST_REST


class Health:
    """That of the networks of one channel, in the order in which they are wanted."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._networks = {name: _Network() for name in names}
        self._lock = threading.Lock()
        self._looked_at: datetime | None = None

    def is_time_to_look(self, now: datetime) -> bool:
        """Whether the receipts of its messages should be counted again: every ten seconds."""
        if self._looked_at is not None and now - self._looked_at < LOOK_EVERY:
            return False
        self._looked_at = now
        return True

    def order(self, now: datetime) -> tuple[str, ...]:
        """Who is tried first, second...: the well ones as wanted, then those that rest, the shortest rest first."""
        with self._lock:
            going = [name for name in self.names if self._may_carry(name, now=now)]
            resting = [name for name in self.names if name not in going]
            if going and self._networks[going[0]].phase is _Phase.TRIAL:
                self._networks[going[0]].phase = _Phase.TRYING
                self._networks[going[0]].trying_since = now
        return (*going, *sorted(resting, key=self._returns_at))

    def well(self, name: str, *, seconds: float, now: datetime) -> None:
        """It took a message, or clearly said no to one person; this took so long."""
        with self._network(name) as network:
            if network.spell is None:
                network.marks.append((now, seconds >= SLOW))
                if network.has_too_many(now):
                    self._rest(name, SLOWNESS, now=now)
            elif network.phase is _Phase.TRYING or network.spell.reason != LATE_RECEIPTS:
                self._back(name, now=now)

    def bad(self, name: str, *, seconds: float, reason: str, now: datetime) -> None:
        """It failed a message, whether nobody knows how it ended or the next network took it."""
        with self._network(name) as network:
            if network.phase is _Phase.TRYING:
                self._rest(name, reason, now=now)
            elif network.phase is _Phase.WELL:
                network.marks.append((now, True))
                if seconds >= SLOW_FAILURE or reason == REFUSES_US or network.has_too_many(now):
                    self._rest(name, reason, now=now)

    def rest(self, name: str, reason: str, *, now: datetime) -> None:
        """Leave it in peace, if another one is well to carry instead."""
        with self._network(name) as network:
            others = any(one.phase is _Phase.WELL for other, one in self._networks.items() if other != name)
            if network.phase is _Phase.WELL and others:
                self._rest(name, reason, now=now)

    def to_greet(self, now: datetime) -> list[str]:
        """Those whose rest is over: each is to be asked something harmless, once."""
        with self._lock:
            found = [
                name
                for name, network in self._networks.items()
                if network.phase is _Phase.RESTING and network.spell is not None and network.spell.until <= now
            ]
            for name in found:
                self._networks[name].phase = _Phase.GREETED
        return found

    def greeted(self, name: str, *, answers: bool, now: datetime) -> None:
        """What became of the greeting. One that would go first anyway is tried by one message before it is back."""
        with self._network(name) as network:
            if network.phase is not _Phase.GREETED or network.spell is None:
                return
            if not answers:
                self._rest(name, network.spell.reason, now=now)
            elif self._would_go_first(name):
                network.phase = _Phase.TRIAL
            else:
                self._back(name, now=now)

    def changes(self) -> list[Change]:
        """What this process decided and did not write yet."""
        with self._lock:
            return [network.change for network in self._networks.values() if network.change is not None]

    def written(self, change: Change) -> None:
        """The rows say so now."""
        with self._network(change.network) as network:
            if network.change is change:
                network.change = None

    def learn(self, spells: Mapping[str, Spell], *, now: datetime) -> None:
        """What the rows say: the other processes' decisions, unless our own newer one is on its way there."""
        with self._lock:
            for name, network in self._networks.items():
                spell = spells.get(name)
                if network.change is not None:
                    continue
                if spell is None and network.spell is not None:
                    self._over(network, now=now)
                elif spell is not None and (network.spell is None or network.spell.at != spell.at):
                    network.spell, network.phase = spell, _Phase.RESTING

    @contextmanager
    def _network(self, name: str) -> Iterator[_Network]:
        with self._lock:
            yield self._networks[name]

    def _may_carry(self, name: str, *, now: datetime) -> bool:
        network = self._networks[name]
        if network.phase is _Phase.TRYING and network.trying_since and now - network.trying_since > _GIVEN_UP:
            network.phase = _Phase.TRIAL
        return network.phase is _Phase.WELL or (network.phase is _Phase.TRIAL and self._would_go_first(name))

    def _would_go_first(self, name: str) -> bool:
        before = self.names[: self.names.index(name)]
        return all(self._networks[other].phase is not _Phase.WELL for other in before)

    def _returns_at(self, name: str) -> datetime:
        spell = self._networks[name].spell
        return spell.until if spell is not None else _NEVER

    def _rest(self, name: str, reason: str, *, now: datetime) -> None:
        network = self._networks[name]
        length = network.next_length(now)
        spell = Spell(at=now, until=now + length, reason=reason)
        network.change = Change(network=name, spell=spell, over=network.spell)
        network.spell, network.phase = spell, _Phase.RESTING
        network.marks.clear()
        level = logging.CRITICAL if reason == REFUSES_US else logging.WARNING
        log.log(level, "%s is left in peace for %d s: %s.", name, length.total_seconds(), reason)

    def _back(self, name: str, *, now: datetime) -> None:
        network = self._networks[name]
        network.change = Change(network=name, spell=None, over=network.spell)
        self._over(network, now=now)
        log.warning("%s carries again.", name)

    def _over(self, network: _Network, *, now: datetime) -> None:
        network.last, network.back_at = network.spell, now
        network.spell, network.phase = None, _Phase.WELL
        network.marks.clear()
