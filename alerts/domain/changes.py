"""What changed in her account: written down for her to read, and announced where her phone does not show it."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from django.db.models import F, Q

from alerts.domain import disguises, zones
from alerts.domain.aside import Aside
from alerts.domain.messages import notices
from alerts.domain.ways import Ways
from alerts.models import Change, ChangeKind, Victim
from alerts.providers.base import Message, ProviderError, UnknownOutcomeError
from alerts.states import Channel

_AGAIN_AFTER = timedelta(minutes=5)
_MOST_ATTEMPTS = 6
_AT_ONCE = 20
_VALID_FOR = 24 * 3600  # seconds
_MAIL_ALONE = frozenset({ChangeKind.SIGNED_IN, ChangeKind.SIGNED_OUT})  # they come often; a text each would be lost
_IN_ROWS = frozenset({ChangeKind.CONTACTS, ChangeKind.SETTINGS, ChangeKind.SHEET, ChangeKind.PHONES})
_ONE_ROW = timedelta(minutes=5)  # as long as a password that was given again lasts: one message says it all

log = logging.getLogger(__name__)
_announcing: Aside[int] = Aside("announce")


def record(victim: Victim, kind: ChangeKind, *, now: datetime, detail: str = "") -> None:
    """Write a change down; it is told to her safe address as this stands in `victim`, that is before the change.

    Call it inside the transaction that changes. `detail` is a device or nothing: never a name, a number or a code.
    """
    number = "" if kind in _MAIL_ALONE else victim.safe_number
    again = kind in _IN_ROWS and _announced(victim, kind, since=now - _ONE_ROW)
    Change.objects.create(
        victim=victim,
        kind=kind,
        at=now,
        detail=detail[:60],
        email=victim.safe_email,
        number=number,
        not_before=now if (victim.safe_email or number) and not again else None,
    )


def _announced(victim: Victim, kind: ChangeKind, *, since: datetime) -> bool:
    """Whether a message about the same was or will be sent."""
    announced = Q(not_before__isnull=False) | Q(told_at__isnull=False)
    return Change.objects.filter(announced, victim=victim, kind=kind, at__gt=since).exists()


def lately(victim: Victim, most: int = 30) -> Sequence[Change]:
    """The newest first."""
    return list(Change.objects.filter(victim=victim).order_by("-at", "-pk")[:most])


def announce_due(ways: Ways, *, now: datetime) -> None:
    """Tell safe addresses what changed, aside: a network that hangs holds up nothing. The sweeper calls it."""
    if Change.objects.due(now).exists():
        _announcing.begin(partial(announce, ways, now=now))


def announce(ways: Ways, *, now: datetime) -> int:
    """Claim what is due and send it. Returns how many changes were told.

    A claim moves the row to its next attempt, so that of two workers one sends, and a killed one is followed.
    """
    return sum(_tell(change, ways, now=now) for change in _claim(now=now))


def _claim(*, now: datetime) -> Sequence[Change]:
    claimed = []
    for change in Change.objects.due(now).select_related("victim")[:_AT_ONCE]:
        row = Change.objects.filter(pk=change.pk, not_before=change.not_before)
        again = now + _AGAIN_AFTER if change.attempts + 1 < _MOST_ATTEMPTS else None
        if row.update(not_before=again, attempts=F("attempts") + 1):
            claimed.append(change)
    return claimed


def _tell(change: Change, ways: Ways, *, now: datetime) -> bool:
    told = [_send(message, ways) for message in _messages(change)]
    if not any(told):
        return False
    Change.objects.filter(pk=change.pk).update(told_at=now, not_before=None)
    return True


def _messages(change: Change) -> Sequence[Message]:
    victim = change.victim
    notice = notices.Notice(
        kind=change.kind,
        name=disguises.name_for(victim),
        at=change.at,
        time_zone=zones.of(victim.time_zone),
        language=victim.language,
        detail=change.detail,
    )
    ways = ((Channel.EMAIL, change.email), (Channel.SMS, change.number))
    return [
        Message(
            id=uuid4(),
            channel=channel,
            to=to,
            name="",
            text=notice.letter() if channel is Channel.EMAIL else notice.text(),
            subject=notice.subject() if channel is Channel.EMAIL else "",
            language=victim.language,
            valid_for=_VALID_FOR,
        )
        for channel, to in ways
        if to
    ]


def _send(message: Message, ways: Ways) -> bool:
    """Whether a network took it, or may have: then it is not sent again."""
    try:
        ways[message.channel].send(message)
    except ProviderError as error:
        log.warning("A change could not be told by %s (%s).", message.channel, error.code)
        return False
    except UnknownOutcomeError:
        log.warning("Nobody knows whether a change was told by %s.", message.channel)
    return True
