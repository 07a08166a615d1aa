"""No telephone rings twice at once for one alert, though many rounds waited for a network that was silent.

The ladder calls nobody whose last call may be ringing. But what became of a call may be unknown for minutes; when the
network answers again and has none of them, each goes again. So whoever claims keeps two messages to one telephone half
a step apart where one of them is a step of the ladder. What a hand did (a click, a stronger one) never waits for that.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Min, Q

from alerts.models import Alert, Delivery
from alerts.states import ON_CALLS, ROUNDS, Channel, DeliveryState, EventKind

TOO_SOON = "too_soon"  # error_code of a row that lets another one ring first
_LOOK_AGAIN = timedelta(seconds=5)
_STEPS = frozenset({*ROUNDS, *ON_CALLS})
_TELEPHONE = (Channel.SMS, Channel.VOICE)

_Way = tuple[int, str]  # the id of a contact, and a channel


def hold(alert: Alert, rows: Iterable[Delivery], *, now: datetime) -> set[UUID]:
    """Let those of these due rows wait to whose telephone another one leaves, or left a moment ago; their ids.

    Call it in the transaction that claims, after the lock of the alert. The oldest goes first. What goes for the first
    time costs no query.
    """
    again = [row for row in rows if row.channel in _TELEPHONE and (row.attempts or row.occasion in _STEPS)]
    if not any(row.attempts for row in again):
        return set()  # the ladder looked a moment ago
    busy = _busy(alert, again, since=now - timedelta(seconds=settings.SHERIF.ladder_seconds) / 2)
    held = set()
    for row in sorted(again, key=lambda row: row.created_at):
        is_step, others = row.occasion in _STEPS, busy.setdefault(_way(row), {})
        if any(is_step or other_is_step for other, other_is_step in others.items() if other != row.pk):
            held.add(row.pk)
        else:
            others[row.pk] = is_step
    if held:
        Delivery.objects.filter(pk__in=held).update(not_before=now + _LOOK_AGAIN, error_code=TOO_SOON)
    return held


def _busy(alert: Alert, rows: Collection[Delivery], *, since: datetime) -> dict[_Way, dict[UUID, bool]]:
    """What leaves for these telephones or may have left since then: by way, whether each is a step of the ladder."""
    told = alert.events.filter(kind__in=(EventKind.ACCEPTED, EventKind.DELIVERED), delivery__isnull=False)
    left = told.values("delivery").annotate(at_first=Min("at")).filter(at_first__gt=since).values("delivery")
    leaving = Q(state=DeliveryState.SENDING) | Q(state=DeliveryState.UNKNOWN, moved_at__gt=since)
    near = alert.deliveries.filter(leaving | Q(pk__in=left), contact__in={row.contact_id for row in rows})
    found: dict[_Way, dict[UUID, bool]] = {}
    for other in near.filter(channel__in=_TELEPHONE).only("contact_id", "channel", "occasion"):
        found.setdefault(_way(other), {})[other.pk] = other.occasion in _STEPS
    return found


def _way(row: Delivery) -> _Way:
    return row.contact_id, row.channel
