"""The head of the log, mailed to associations once a day and when a recording of theirs ends: a copy out of our reach.

Whoever rewrites the log, with every key at hand, contradicts what stands in those mailboxes. The mail names nobody and
no recording. The row is the queue.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from django.db.models import F, Max

from alerts.domain import vault
from alerts.domain.aside import Aside
from alerts.domain.messages import lodged
from alerts.domain.ways import Ways
from alerts.evidence.errors import EvidenceError
from alerts.models import Advocate, Association, Lodging, Recording
from alerts.providers.base import Message, ProviderError, UnknownOutcomeError
from alerts.states import Channel

EVERY = timedelta(days=1)
LOOKS_EVERY = timedelta(seconds=30)
_AGAIN_AFTER = timedelta(minutes=5)
_MOST_ATTEMPTS = 50
_AT_ONCE = 20
_VALID_FOR = 24 * 3600  # seconds

log = logging.getLogger(__name__)
_lodging: Aside[int] = Aside("lodge")
_looked: list[datetime] = []


def tend(ways: Ways, *, now: datetime) -> None:
    """A step of the sweep: aside, and rarely."""
    if not _looked or abs(now - _looked[-1]) >= LOOKS_EVERY:
        _looked[:] = [now]
        _lodging.begin(partial(_try, ways, now=now))


def _try(ways: Ways, *, now: datetime) -> int:
    try:
        note_due(now=now)
        return send(ways, now=now)
    except Exception:
        log.exception("Heads could not be lodged; again soon.")
        return 0


def note_due(*, now: datetime) -> int:
    """Write down what is to be mailed to whom. Returns how many."""
    try:
        head = vault.log().head()
    except EvidenceError:
        log.exception("The log of recordings cannot be read.")
        return 0
    if head is None:
        return 0
    rows = [
        Lodging(association=association, sequence=head.sequence, head=head.hash, at=now, not_before=now)
        for association in Association.objects.order_by("pk")
        if _is_due(association, head.sequence, now=now)
    ]
    return len(Lodging.objects.bulk_create(rows))


def _is_due(association: Association, sequence: int, *, now: datetime) -> bool:
    """Once a day if the log has grown, and after the end of each of its recordings."""
    last = Lodging.objects.filter(association=association).order_by("-at", "-pk").first()
    if not addresses(association):
        return False
    if last is None:
        return True
    closed = Recording.objects.filter(victim__association=association).aggregate(Max("closed_at"))["closed_at__max"]
    return last.sequence != sequence and (now - last.at >= EVERY or (closed is not None and closed > last.at))


def addresses(association: Association) -> Sequence[str]:
    """Its own address for this, or those of its advocates."""
    if association.email:
        return [association.email]
    advocates = Advocate.objects.filter(association=association, account__is_active=True)
    return [address for address in advocates.order_by("pk").values_list("account__email", flat=True) if address]


def send(ways: Ways, *, now: datetime) -> int:
    """Claim what is due and mail it. Returns how many heads were lodged."""
    due = Lodging.objects.filter(not_before__lte=now).select_related("association").order_by("not_before", "pk")
    count = 0
    for row in due[:_AT_ONCE]:
        mine = Lodging.objects.filter(pk=row.pk, not_before=row.not_before)
        again = now + _AGAIN_AFTER if row.attempts + 1 < _MOST_ATTEMPTS else None
        if mine.update(not_before=again, attempts=F("attempts") + 1) and _mailed(row, ways):
            Lodging.objects.filter(pk=row.pk).update(not_before=None, lodged_at=now)
            count += 1
    return count


def _mailed(row: Lodging, ways: Ways) -> bool:
    """Whether one of them has it, or may have."""
    told = [_send(_letter(row, to), ways) for to in addresses(row.association)]
    return any(told)


def _letter(row: Lodging, to: str) -> Message:
    letter = lodged.Letter(sequence=row.sequence, head=row.head, at=row.at)
    return Message(
        id=uuid4(),
        channel=Channel.EMAIL,
        to=to,
        name=row.association.name,
        subject=letter.subject(),
        text=letter.text(),
        valid_for=_VALID_FOR,
    )


def _send(message: Message, ways: Ways) -> bool:
    try:
        ways[message.channel].send(message)
    except ProviderError as error:
        log.warning("A head could not be lodged (%s).", error.code)
        return False
    except UnknownOutcomeError:
        log.warning("Nobody knows whether a head was lodged.")
    return True
