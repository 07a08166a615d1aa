"""After a year she is asked whether to keep a recording or to erase it; without her answer it stays.

The question itself stands behind her code. Her safe address reads only that one waits, in words that name nothing:
whoever holds her phone learns nothing from her pages, and no page without the code says whether there is a recording.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from alerts.domain import beats, disguises
from alerts.domain.aside import Aside
from alerts.domain.messages import review
from alerts.domain.ways import Ways
from alerts.models import Beat, Recording, RecordingState, Victim
from alerts.providers.base import Message, ProviderError, UnknownOutcomeError
from alerts.states import Channel

REVIEW = "review"  # the beat: who has something to decide was told
EVERY = timedelta(days=1)
_AT_ONCE = 200
_VALID_FOR = 24 * 3600  # seconds

log = logging.getLogger(__name__)
_reviewing: Aside[int] = Aside("review")


def due(*, now: datetime) -> QuerySet[Recording]:
    """Recordings about which she has not decided for so long; one that she is having erased is decided."""
    since = now - timedelta(days=settings.RECORDINGS["reviewed_days"])
    closed = Recording.objects.filter(state=RecordingState.CLOSED, erase_at=None)
    return closed.annotate(decided_at=Coalesce("kept_at", "opened_at")).filter(decided_at__lte=since)


def is_due(recording: Recording, *, now: datetime) -> bool:
    """Whether her page asks about this one."""
    return due(now=now).filter(pk=recording.pk).exists()


def ask_due(ways: Ways, *, now: datetime) -> None:
    """A step of the sweep: once a day, aside."""
    last = beats.last(REVIEW)
    if last is None or last > now:  # never yet, or a clock was set back
        beats.beat(REVIEW, now=now)
    elif now - last >= EVERY:
        _reviewing.begin(partial(ask, ways, now=now))


def ask(ways: Ways, *, now: datetime) -> int:
    """Tell the safe address of everybody who has something to decide, once a month. Returns how many were told."""
    if not Beat.objects.filter(name=REVIEW, at__lte=now - EVERY).update(at=now):
        return 0  # another worker was first
    again = Q(asked_at=None) | Q(asked_at__lte=now - timedelta(days=settings.RECORDINGS["asked_again_days"]))
    waiting = Victim.objects.filter(account__is_active=True, pk__in=due(now=now).filter(again).values("victim"))
    return sum(_ask(victim, ways, now=now) for victim in waiting.order_by("pk")[:_AT_ONCE])


def _ask(victim: Victim, ways: Ways, *, now: datetime) -> bool:
    """Whether she was told, or may have been; who has no safe address reads it on the page."""
    told = [_send(message, ways) for message in _messages(victim)]
    if any(told) or not told:
        due(now=now).filter(victim=victim).update(asked_at=now)
    return any(told)


def _messages(victim: Victim) -> Sequence[Message]:
    words = review.Question(name=disguises.name_for(victim), language=victim.language)
    ways = ((Channel.EMAIL, victim.safe_email), (Channel.SMS, victim.safe_number))
    return [
        Message(
            id=uuid4(),
            channel=channel,
            to=to,
            name="",
            sender=words.name,
            text=words.letter() if channel is Channel.EMAIL else words.text(),
            subject=words.name if channel is Channel.EMAIL else "",
            language=victim.language,
            valid_for=_VALID_FOR,
        )
        for channel, to in ways
        if to
    ]


def _send(message: Message, ways: Ways) -> bool:
    try:
        ways[message.channel].send(message)
    except ProviderError as error:
        log.warning("A question could not be told by %s (%s).", message.channel, error.code)
        return False
    except UnknownOutcomeError:
        log.warning("Nobody knows whether a question was told by %s.", message.channel)
    return True
