"""A way out that was dead and answers again: what waited for it leaves at once.

A message that a dead network refused waits longer and longer, so that ten thousand of them do not hammer it. One of
them, every few seconds, finds out whether it lives; its success makes all the others due. The same for questions about
messages whose fate is unknown.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from django.db.models import Max, Q, QuerySet

from alerts.domain import limits, spacing
from alerts.models import Alert, Delivery
from alerts.states import Channel, DeliveryState

PROBE_EVERY = timedelta(seconds=4)
_FOR = timedelta(hours=12)  # nobody is in a hurry for what is older than an alert
_NEVER = datetime.min.replace(tzinfo=UTC)
_BUSY = "smtp_421"  # RFC 5321, 4.2.2: the whole server is closing
_OURS = ("", limits.LIMITED, spacing.TOO_SOON)  # no refusal at all
_PERSONAL = "smtp_4"  # the mailbox of one person is full, slow, or wary of strangers


def was_refused_by_its_way(code: str) -> bool:
    """Whether a refusal that passes was about the way out itself, not about one person."""
    return code not in _OURS and (code == _BUSY or not code.startswith(_PERSONAL))


def _refused_by_their_way() -> Q:
    about_the_way = Q(error_code=_BUSY) | ~Q(error_code__startswith=_PERSONAL)
    return about_the_way & ~Q(error_code__in=_OURS) & Q(state=DeliveryState.DUE, alert__isnull=False)


def probe(*, now: datetime) -> None:
    """For each channel on which something waits and nothing was tried for a while, one message and one question."""
    for channel in Channel:
        _pull(_waiting(channel, now=now), _tried(channel, now=now), now=now)
        _pull(_wondering(channel, now=now), _asked(channel, now=now), now=now)


def welcome(channels: Iterable[Channel], *, now: datetime) -> None:
    """These ways out took something or answered, and had not before: everything that waits for them is due now."""
    for channel in channels:
        _waiting(channel, now=now).update(not_before=now)
        _wondering(channel, now=now).update(not_before=now)


def ask_again(*, now: datetime) -> None:
    """Ask about everything in doubt: a worker died, and with it the questions that it had put."""
    for channel in Channel:
        _wondering(channel, now=now).update(not_before=now)


def in_the_dark(alert: Alert, *, since: datetime) -> Mapping[Channel, set[int]]:
    """Whom of its contacts (ids) a message may or may not have reached, by channel, where the network is silent.

    Somebody asked it in vain, and it took nothing meanwhile. A channel by which nothing of this alert was tried since
    then counts no more: somebody must try.
    """
    unknown = alert.deliveries.filter(state=DeliveryState.UNKNOWN)
    dark: dict[Channel, set[int]] = {channel: set() for channel in Channel}
    for channel in {Channel(word) for word in unknown.values_list("channel", flat=True)}:
        lit = _last_taken(channel, since=since)
        silent = unknown.filter(channel=channel, moved_at__gte=lit)
        asked = Delivery.objects.filter(state=DeliveryState.UNKNOWN, channel=channel, asked_at__gt=max(lit, since))
        if asked.exists() and silent.filter(moved_at__gt=since).exists():
            dark[channel] = set(silent.values_list("contact_id", flat=True))
    return dark


def _last_taken(channel: Channel, *, since: datetime) -> datetime:
    taken = Delivery.objects.filter(state=DeliveryState.ACCEPTED, channel=channel, moved_at__gt=since)
    last: datetime | None = taken.aggregate(last=Max("moved_at"))["last"]
    return last or _NEVER


def _waiting(channel: Channel, *, now: datetime) -> "QuerySet[Delivery]":
    return Delivery.objects.filter(_refused_by_their_way(), channel=channel, not_before__gt=now)


def _tried(channel: Channel, *, now: datetime) -> "QuerySet[Delivery]":
    return Delivery.objects.filter(
        state__in=[DeliveryState.DUE, DeliveryState.SENDING], channel=channel, moved_at__gt=now - PROBE_EVERY
    ).exclude(error_code__in=_OURS)


def _wondering(channel: Channel, *, now: datetime) -> "QuerySet[Delivery]":
    """Asked about at least once, in vain; those of which nobody will ever know are put off for longer than a day."""
    return Delivery.objects.filter(
        state=DeliveryState.UNKNOWN,
        alert__isnull=False,
        channel=channel,
        asked_at__isnull=False,
        not_before__gt=now,
        not_before__lt=now + timedelta(days=1),
        moved_at__gt=now - _FOR,
    )


def _asked(channel: Channel, *, now: datetime) -> "QuerySet[Delivery]":
    return Delivery.objects.filter(state=DeliveryState.UNKNOWN, channel=channel, asked_at__gt=now - PROBE_EVERY)


def _pull(waiting: "QuerySet[Delivery]", recent: "QuerySet[Delivery]", *, now: datetime) -> None:
    """Make the one that rests longest due now, unless another was tried a moment ago."""
    if not waiting.exists() or recent.exists():
        return
    longest = waiting.order_by("moved_at").values("pk")[:1]
    waiting.filter(pk__in=longest).update(not_before=now)
