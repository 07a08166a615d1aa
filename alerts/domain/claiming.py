"""Taking a lease on what is due of one alert, and refusing what must not go out any more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from alerts import links
from alerts.domain import deliveries
from alerts.domain.deliveries import Outcome
from alerts.models import Alert, Contact, Delivery, Link
from alerts.states import TOLD, Channel, DeliveryState, Occasion

LEASE = timedelta(seconds=15)
ENDINGS = frozenset({Occasion.END, Occasion.CORRECTION})
ENDINGS_FOR = timedelta(hours=1)
_FIRST = (Channel.SMS, Channel.VOICE, Channel.EMAIL)


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A delivery that this worker alone may send until `leased_until`; `token` is empty where no link travels."""

    delivery: Delivery
    token: str
    leased_until: datetime


def claim(alert_id: UUID, *, worker: str, now: datetime) -> list[Claimed]:
    """Lease every due delivery of this alert in one transaction and draw their links in it.

    Those that must not go out any more (the alert ended, the contact was cut off or left) fail here, visibly.
    What is slow to read (names and numbers are decrypted) is read before: on SQLite a transaction that may write
    keeps all others waiting.
    """
    due = Delivery.objects.due(now).filter(alert_id=alert_id)
    rows = {row.pk: row for row in sorted(due.select_related("contact", "alert__victim"), key=_urgency)}
    if not rows:
        return []
    with transaction.atomic():
        alert = Alert.objects.select_for_update(of=("self",)).get(pk=alert_id)  # before its rows, as everywhere
        still = due.filter(pk__in=rows)
        mine = set(still.values_list("pk", flat=True))
        leased_until = now + LEASE
        still.update(
            state=DeliveryState.SENDING,
            leased_until=leased_until,
            leased_by=worker,
            attempts=F("attempts") + 1,
            provider="",  # until somebody took it, or may have taken it: a kill leaves no false trace
            moved_at=now,
        )
        may_read = _may_read(alert, {row.contact_id for row in rows.values()})
        refused = {pk: code for pk in mine if (code := _refusal(rows[pk], alert, may_read, now=now))}
        deliveries.record([_refused(pk, alert_id, code) for pk, code in refused.items()], now=now)
        sendable = [row for pk, row in rows.items() if pk in mine and pk not in refused]
        tokens = links.draw([row for row in sendable if _carries_link(row)], at=now)
    return [Claimed(delivery=row, token=tokens.get(row.pk, ""), leased_until=leased_until) for row in sendable]


def _may_read(alert: Alert, contacts: set[int]) -> set[int]:
    """Of these contacts those who were not cut off and did not leave."""
    cut_off = Link.objects.filter(alert=alert, cut_off_at__isnull=False).values_list("contact_id", flat=True)
    stayed = Contact.objects.filter(pk__in=contacts, state__in=TOLD).values_list("pk", flat=True)
    return set(stayed) - set(cut_off)


def _urgency(delivery: Delivery) -> tuple[datetime, int, int]:
    return delivery.created_at, _FIRST.index(Channel(delivery.channel)), delivery.contact.rank


def _refusal(delivery: Delivery, alert: Alert, may_read: set[int], *, now: datetime) -> str:
    """Why this delivery must not go out any more, or nothing."""
    if delivery.contact_id not in may_read:
        return "contact_left"
    if delivery.occasion in ENDINGS:
        return "too_late" if now - delivery.created_at > ENDINGS_FOR else ""
    return "" if alert.is_live(now) else "alert_over"


def _refused(delivery: UUID, alert: UUID, code: str) -> Outcome:
    return Outcome(delivery=delivery, alert=alert, to=DeliveryState.FAILED, code=code)


def _carries_link(delivery: Delivery) -> bool:
    return delivery.occasion not in ENDINGS and delivery.channel != Channel.VOICE
