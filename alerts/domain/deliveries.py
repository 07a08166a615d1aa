"""One message to one contact by one channel: claimed with a lease, sent with no transaction open, recorded.

States only move forward (`alerts.states.DELIVERY_MOVES`). A worker that dies between its lease and its record leaves a
row that the sweeper finds: the provider is asked, and only what it did not take is sent again. So nothing is lost, and
nobody gets a message more than twice for one occasion.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from alerts import links
from alerts.domain import timeline
from alerts.models import Alert, Delivery, Link
from alerts.states import DELIVERY_MOVES, TOLD, Channel, DeliveryState, EventKind, Occasion, before

LEASE = timedelta(seconds=15)
BACKOFF = (2, 4, 8, 15, 15, 15, 30, 60)  # seconds before the next attempt; the last one for ever
ENDINGS = frozenset({Occasion.END, Occasion.CORRECTION})
ENDINGS_FOR = timedelta(hours=1)
RESENT = "resent"  # error_code of a row that goes out again because nobody could tell
IN_DOUBT = "in_doubt"  # the same twice over: it rests as unknown, for everybody to see
_FIRST = (Channel.SMS, Channel.VOICE, Channel.EMAIL)
_LINES: Mapping[DeliveryState, EventKind] = {
    DeliveryState.ACCEPTED: EventKind.ACCEPTED,
    DeliveryState.FAILED: EventKind.FAILED,
    DeliveryState.UNKNOWN: EventKind.UNKNOWN,
    DeliveryState.DELIVERED: EventKind.DELIVERED,
}


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A delivery that this worker alone may send until `leased_until`; `token` is empty where no link travels."""

    delivery: Delivery
    token: str
    leased_until: datetime


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one attempt. `leased_by` guards a move back to due against a worker that woke up late."""

    delivery: UUID
    alert: UUID
    to: DeliveryState
    code: str = ""
    provider: str = ""
    provider_id: str = ""
    leased_by: str = ""
    not_before: datetime | None = None


def claim(alert_id: UUID, *, worker: str, now: datetime) -> list[Claimed]:
    """Lease every due delivery of this alert in one transaction and draw their links in it.

    Those that must not go out any more (the alert ended, the contact was cut off or left) fail here, visibly.
    """
    due = Delivery.objects.due(now).filter(alert_id=alert_id)
    if not due.exists():  # without a transaction, because on SQLite one that may write waits for all others
        return []
    with transaction.atomic():
        Alert.objects.select_for_update(of=("self",)).get(pk=alert_id)  # the alert before its rows, as everywhere
        rows = sorted(due.select_related("contact", "alert__victim"), key=_urgency)
        leased_until = now + LEASE
        Delivery.objects.filter(pk__in=[row.pk for row in rows], state=DeliveryState.DUE).update(
            state=DeliveryState.SENDING,
            leased_until=leased_until,
            leased_by=worker,
            attempts=F("attempts") + 1,
            moved_at=now,
        )
        cut_off = set(
            Link.objects.filter(alert_id=alert_id, cut_off_at__isnull=False).values_list("contact_id", flat=True)
        )
        refused = {row.pk: code for row in rows if (code := _refusal(row, cut_off, now=now))}
        _record_refused(alert_id, refused, now=now)
        sendable = [row for row in rows if row.pk not in refused]
        tokens = links.draw_all([row for row in sendable if _carries_link(row)], at=now)
    return [Claimed(delivery=row, token=tokens.get(row.pk, ""), leased_until=leased_until) for row in sendable]


def _urgency(delivery: Delivery) -> tuple[datetime, int, int]:
    return delivery.created_at, _FIRST.index(Channel(delivery.channel)), delivery.contact.rank


def _refusal(delivery: Delivery, cut_off: set[int], *, now: datetime) -> str:
    """Why this delivery must not go out any more, or nothing."""
    if delivery.contact_id in cut_off:
        return "cut_off"
    if delivery.contact.state not in TOLD:
        return "contact_left"
    if delivery.occasion in ENDINGS:
        return "too_late" if now - delivery.created_at > ENDINGS_FOR else ""
    return "" if delivery.alert is not None and delivery.alert.is_live(now) else "alert_over"


def _carries_link(delivery: Delivery) -> bool:
    return delivery.occasion not in ENDINGS and delivery.channel != Channel.VOICE


def _record_refused(alert_id: UUID, refused: Mapping[UUID, str], *, now: datetime) -> None:
    record(
        [Outcome(delivery=pk, alert=alert_id, to=DeliveryState.FAILED, code=code) for pk, code in refused.items()],
        now=now,
    )


def record(outcomes: Iterable[Outcome], *, now: datetime) -> int:
    """Write what became of many attempts in one transaction. Returns how many deliveries moved."""
    ordered = sorted(outcomes, key=attrgetter("alert"))  # one order of locks for all workers
    if not ordered:
        return 0
    with transaction.atomic():
        return sum(_record_alert(pk, list(group), now=now) for pk, group in groupby(ordered, key=attrgetter("alert")))


def _record_alert(alert_id: UUID, outcomes: Sequence[Outcome], *, now: datetime) -> int:
    alert = Alert.objects.select_for_update(of=("self",)).select_related("victim").get(pk=alert_id)
    rows = Delivery.objects.select_related("contact").in_bulk([outcome.delivery for outcome in outcomes])
    return sum(_move(alert, rows[outcome.delivery], outcome, now=now) for outcome in outcomes)


def _move(alert: Alert, delivery: Delivery, outcome: Outcome, *, now: datetime) -> bool:
    """Move one delivery if its present state allows it; the line of the timeline is written with it."""
    present = Q(pk=delivery.pk, state__in=before(DELIVERY_MOVES, outcome.to))
    if outcome.leased_by:
        present &= Q(leased_by=outcome.leased_by, state=DeliveryState.SENDING)
    fields = _fields(outcome, now=now)
    if not Delivery.objects.filter(present).update(state=outcome.to, **fields):
        _name_late(delivery, outcome)
        return False
    delivery.state = outcome.to
    kind = _LINES.get(outcome.to)
    if kind is None:
        alert.grow()
        event = None
    else:
        event = timeline.append(alert, kind, at=now, contact=delivery.contact, delivery=delivery)
    timeline.announce(alert, "delivery", event=event, delivery=timeline.delivery_line(delivery, delivery.contact))
    return True


def _fields(outcome: Outcome, *, now: datetime) -> dict[str, object]:
    fields: dict[str, object] = {"moved_at": now, "leased_until": None, "leased_by": "", "error_code": outcome.code}
    if outcome.provider:
        fields |= {"provider": outcome.provider, "provider_id": outcome.provider_id}
    if outcome.not_before is not None:
        fields["not_before"] = outcome.not_before
    return fields


def _name_late(delivery: Delivery, outcome: Outcome) -> None:
    """A receipt came before our own record: keep at least the provider's name of the message."""
    if outcome.provider_id:
        Delivery.objects.filter(pk=delivery.pk, provider_id="").update(
            provider=outcome.provider, provider_id=outcome.provider_id
        )


def next_attempt(attempts: int, *, now: datetime) -> datetime:
    """When to try again after this many attempts."""
    return now + timedelta(seconds=BACKOFF[min(max(attempts, 1), len(BACKOFF)) - 1])


def receive_receipt(delivery_id: UUID, to: DeliveryState, *, code: str, provider_id: str, now: datetime) -> bool:
    """A verified receipt of the network. Late, doubled and reversed ones change nothing. Returns whether it moved."""
    delivery = Delivery.objects.filter(pk=delivery_id, alert__isnull=False).only("alert_id", "provider").first()
    if delivery is None or delivery.alert_id is None:
        return False
    outcome = Outcome(
        delivery=delivery_id,
        alert=delivery.alert_id,
        to=to,
        code=code,
        provider="twilio" if provider_id else "",
        provider_id=provider_id,
    )
    return bool(record([outcome], now=now))


def give_up_leases(owned: Q, *, now: datetime) -> int:
    """Move the deliveries of dead or frozen workers to unknown: perhaps sent, perhaps not. Returns how many."""
    rows = Delivery.objects.filter(owned, state=DeliveryState.SENDING, alert__isnull=False)
    outcomes = [
        Outcome(delivery=pk, alert=alert_id, to=DeliveryState.UNKNOWN, code=code, leased_by=worker)
        for pk, alert_id, code, worker in rows.values_list("pk", "alert_id", "error_code", "leased_by")
    ]
    return record(outcomes, now=now)
