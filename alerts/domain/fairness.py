"""Whose turn it is: many victims, few sending threads, and networks that hang for some of them.

Plain Python, no clock, no thread: whoever uses it holds a lock. A job belongs to a victim (`of`) and leaves by a way
out (`way`). Three rules, so that neither a flood from one button nor a network that hangs stands before the others:

* victims take turns; within a victim first messages go before repetitions, and of four jobs one is a repetition as
  long as one waits, so that these do not starve either;
* a victim holds at most as many seats as are still free, so never more than half, and the next one always finds a seat;
* a way out holds at most twice as many as are free; a victim without any seat may go a little further, until the last
  eighth, which is left to the other ways.

The share that is what is left over, is the dynamic threshold of Choudhury and Hahne (IEEE/ACM Transactions on
Networking 6, 1998, "Dynamic queue length thresholds for shared-memory packet switches").
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import Generic, TypeVar

Job = TypeVar("Job")
Key = TypeVar("Key")

ONE_REPETITION_IN = 4
_AN_ALERT = 18  # five relatives and the on-call line by three ways: it is claimed whole, however small the pool


@dataclass(frozen=True, kw_only=True, eq=False)
class Ticket(Generic[Job]):
    """A job in the queue: whose, by which way, and whether it is the first that its recipient hears of the alert."""

    job: Job
    of: int
    way: str
    first: bool = True


@dataclass
class _Line(Generic[Job]):
    """What one victim waits for, in the order in which it came."""

    firsts: "deque[Ticket[Job]]" = field(default_factory=deque)
    repetitions: "deque[Ticket[Job]]" = field(default_factory=deque)

    def of(self, *, first: bool) -> "deque[Ticket[Job]]":
        return self.firsts if first else self.repetitions


class Room:
    """How much more may be taken in: a snapshot, from which whoever claims takes place by place."""

    def __init__(self, seats: int, *, victims: Counter[int], ways: Counter[str]) -> None:
        self._all = max(3 * seats, 2 * _AN_ALERT)
        self._of_one = max(3 * seats // 4, _AN_ALERT)
        self._victims = victims
        self._ways = ways

    def take(self, of: int, way: str) -> bool:
        """Take one place, if there is one for this victim and way."""
        if self._victims[of] >= self._of_one or 3 * self._ways[way] >= 2 * self._all or self.is_full():
            return False
        self._victims[of] += 1
        self._ways[way] += 1
        return True

    def is_full(self) -> bool:
        """Whether there is no place for anybody."""
        return self._victims.total() >= self._all

    def full_victims(self) -> list[int]:
        """Those who have no place left."""
        return [of for of, inside in self._victims.items() if inside >= self._of_one]


class Turns(Generic[Job]):
    """Jobs that wait, and the seats (one per sending thread) on which they are done."""

    def __init__(self, seats: int) -> None:
        self._seats = seats
        self._lines: OrderedDict[int, _Line[Job]] = OrderedDict()  # the victim in front has the next turn
        self._waiting: Counter[tuple[int, str]] = Counter()
        self._held: Counter[int] = Counter()
        self._held_by_way: Counter[str] = Counter()
        self._since_repetition = 0

    @property
    def waiting(self) -> int:
        """Jobs without a seat."""
        return self._waiting.total()

    @property
    def held(self) -> int:
        """Seats in use."""
        return self._held.total()

    def add(self, ticket: Ticket[Job]) -> None:
        """Let one job wait for its turn."""
        self._lines.setdefault(ticket.of, _Line()).of(first=ticket.first).append(ticket)
        self._waiting[ticket.of, ticket.way] += 1

    def next(self) -> Ticket[Job] | None:
        """The job whose turn it is, on a seat now until it leaves; None if nobody may sit down."""
        repetitions_first = self._since_repetition >= ONE_REPETITION_IN - 1
        for first in (False, True) if repetitions_first else (True, False):
            if found := self._next(first=first):
                self._since_repetition = self._since_repetition + 1 if first else 0
                self._sit(found)
                return found
        return None

    def leave(self, ticket: Ticket[Job]) -> None:
        """Its seat is free again."""
        _one_less(self._held, ticket.of)
        _one_less(self._held_by_way, ticket.way)

    def room(self) -> Room:
        """What may be claimed now, so that it is sent well within its lease."""
        victims, ways = Counter(self._held), Counter(self._held_by_way)
        for (of, way), count in self._waiting.items():
            victims[of] += count
            ways[way] += count
        return Room(self._seats, victims=victims, ways=ways)

    def _next(self, *, first: bool) -> Ticket[Job] | None:
        for of, line in self._lines.items():
            for ticket in line.of(first=first):
                if self._may_sit(ticket):
                    line.of(first=first).remove(ticket)
                    self._lines.move_to_end(of)
                    return ticket
        return None

    def _may_sit(self, ticket: Ticket[Job]) -> bool:
        free = self._seats - self.held
        hers, its = self._held[ticket.of], self._held_by_way[ticket.way]
        if hers:
            return hers < free and its < 2 * free
        return free > 0 and (its < 2 * free or 8 * its < 7 * self._seats)

    def _sit(self, ticket: Ticket[Job]) -> None:
        _one_less(self._waiting, (ticket.of, ticket.way))
        self._held[ticket.of] += 1
        self._held_by_way[ticket.way] += 1
        line = self._lines[ticket.of]
        if not line.firsts and not line.repetitions:
            del self._lines[ticket.of]


def _one_less(count: "Counter[Key]", key: Key) -> None:
    """Forget keys at zero: victims come and go."""
    count[key] -= 1
    if not count[key]:
        del count[key]


def in_turn(firsts: Sequence[tuple[int, Job]], repetitions: Sequence[tuple[int, Job]]) -> list[Job]:
    """Jobs, each given with its victim and oldest first, in the order of the rules above."""
    return list(_braided(_round_robin(firsts), _round_robin(repetitions)))


def _round_robin(given: Sequence[tuple[int, Job]]) -> list[Job]:
    """Everybody's first, then everybody's second, and so on."""
    seen: Counter[int] = Counter()
    turns: list[tuple[int, Job]] = []
    for of, job in given:
        turns.append((seen[of], job))
        seen[of] += 1
    return [job for _, job in sorted(turns, key=itemgetter(0))]


def _braided(many: Sequence[Job], few: Sequence[Job]) -> Iterator[Job]:
    """Three of the one and one of the other, as long as there are both."""
    waiting, others = iter(many), iter(few)
    while some := list(islice(waiting, ONE_REPETITION_IN - 1)):
        yield from some
        yield from islice(others, 1)
    yield from others
