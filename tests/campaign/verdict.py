"""What the telephones acknowledged against what the networks took."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from tests.campaign.cast import mails_of, numbers_of
from tests.campaign.hands import Click
from tests.telephony.ledger import Taken

_GRAVITY = {"single": 1, "double": 2, "long": 3}
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AT_MOST = 2  # copies for one contact by one channel on one occasion
_WITHIN = 10.0  # seconds

Way = tuple[str, str]  # the channel, and a number or an address


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """One message as its network took it; `delivery` is our own id in it, `at` is when it came (UTC)."""

    way: Way
    delivery: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The row of the table."""

    clicks: int
    unanswered: int
    owed: int
    lost: int
    copies: int
    doubled: int
    seconds: float

    @property
    def held(self) -> bool:
        """Whether the promise was kept."""
        return not self.lost and not self.unanswered and self.copies <= _AT_MOST and self.seconds <= _WITHIN

    def lines(self) -> Iterator[str]:
        """As a table."""
        yield f"clicks acknowledged              {self.clicks:>8}"
        yield f"clicks never answered            {self.unanswered:>8}   to reach: 0"
        yield f"messages owed to relatives       {self.owed:>8}"
        yield f"messages lost                    {self.lost:>8}   to reach: 0"
        yield f"most copies of one message       {self.copies:>8}   to reach: 2 at most"
        yield f"messages that came twice         {self.doubled:>8}   ({100 * self.doubled / max(self.owed, 1):.2f} %)"
        yield f"all sent after the last restart  {self.seconds:>7.1f}s   to reach: 10 s at most"


def owed(clicks: Iterable[Click]) -> Counter[Way]:
    """How many different messages each number and mailbox must get."""
    told: Counter[Way] = Counter()
    gravity: dict[int, int] = {}
    for click in clicks:
        grave = _GRAVITY[click.gesture]
        if grave <= gravity.get(click.victim, 0):
            continue  # a weaker or equal click is a line in the timeline
        gravity[click.victim] = grave
        told.update(("sms", number) for number in numbers_of(click.victim))
        if click.gesture != "single":
            told.update(("voice", number) for number in numbers_of(click.victim))
            told.update(("email", address) for address in mails_of(click.victim))
    return told


def arrived(taken: Iterable[Taken], mails: Iterable[tuple[EmailMessage, datetime]]) -> list[Arrived]:
    """Everything that the networks took."""
    channels = {"Messages": "sms", "Calls": "voice"}
    telephoned = [
        Arrived(way=(channels[one.kind], one.to), delivery=_id(one.form["StatusCallback"]), at=one.at) for one in taken
    ]
    mailed = [
        Arrived(way=("email", str(mail["To"])), delivery=_id(str(mail["Message-ID"])), at=at) for mail, at in mails
    ]
    return [*telephoned, *mailed]


def judge(clicks: Sequence[Click], came: Sequence[Arrived], *, unanswered: int, restarted: datetime) -> Verdict:
    """Compare; `restarted` is when the service was up for the last time."""
    due = owed(clicks)
    copies = Counter(one.delivery for one in came)
    return Verdict(
        clicks=len(clicks),
        unanswered=unanswered,
        owed=due.total(),
        lost=sum(missing(due, came).values()),
        copies=max(copies.values(), default=0),
        doubled=sum(count > 1 for count in copies.values()),
        seconds=max(0.0, max(((one.at - restarted).total_seconds() for one in _firsts(came)), default=0.0)),
    )


def missing(due: Mapping[Way, int], came: Iterable[Arrived]) -> Counter[Way]:
    """What is owed and did not come."""
    different = Counter(way for way, _ in {(one.way, one.delivery) for one in came})
    return Counter(due) - different


def _firsts(came: Iterable[Arrived]) -> Iterator[Arrived]:
    """The first copy of each: a second one is a nuisance, and late by nature."""
    seen: set[str] = set()
    for one in sorted(came, key=lambda one: one.at):
        if one.delivery not in seen:
            seen.add(one.delivery)
            yield one


def _id(text: str) -> str:
    found = _ID.search(text)
    if found is None:
        raise ValueError("a message without our own id")
    return found[0]
