"""Taking a lease on what is due of one alert, and refusing what must not go out any more."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, IntegerField, Min, Q, Value, When

from alerts import links
from alerts.domain import deliveries, failures, fairness, falling_back, limits, spacing
from alerts.domain.deliveries import Outcome
from alerts.models import Alert, Contact, Delivery, Event, Link
from alerts.states import ENDINGS, LAST_ROUNDS, ON_CALLS, ROUNDS, TOLD, Channel, DeliveryState, Occasion

STOPPED = "stopped"  # answered STOP: other ways take over
LEASE = timedelta(seconds=15)
ENDINGS_FOR = timedelta(hours=1)
_LADDER = frozenset({*ROUNDS, *ON_CALLS})
_FIRST = (Channel.SMS, Channel.VOICE, Channel.EMAIL)

Pick = Callable[[Sequence[Delivery]], list[Delivery]]


def since_boot() -> float:
    """Seconds on a clock that nobody sets, sleep included."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A delivery that this worker alone may send until `leased_until`; `token` is empty where no link travels.

    `first` says that its contact is not known to have heard of the alert yet; `claimed_at` is in seconds `since_boot`.
    """

    delivery: Delivery
    token: str
    leased_until: datetime
    first: bool = True
    claimed_at: float = field(default_factory=since_boot)


def claim(alert_id: UUID, *, worker: str, now: datetime, pick: Pick = list) -> list[Claimed]:
    """Lease the due deliveries of this alert in one transaction and draw their links in it; `pick` may leave some.

    Those that must not go out any more (the alert ended, the contact was cut off or left) fail here, visibly; those
    over a limit stay due for later. What is slow to read (names and numbers are decrypted) is read before: on SQLite
    a transaction that may write keeps all others waiting.
    """
    due = Delivery.objects.due(now).filter(alert_id=alert_id)
    shared = ("contact", "alert__victim__association", "alert__in_charge")  # by their rows, so decrypted once
    found = list(due.prefetch_related(*shared))
    firsts = limits.first_messages(alert_id, found)
    picked = pick(sorted(found, key=lambda row: (row.pk not in firsts, *_urgency(row))))
    if not picked:
        return []
    with transaction.atomic():
        alert = Alert.objects.select_for_update(of=("self",)).get(pk=alert_id)  # before its rows, as everywhere
        mine = set(due.filter(pk__in=[row.pk for row in picked]).values_list("pk", flat=True))
        rows = [row for row in picked if row.pk in mine]
        refused = _refusals(rows, alert, now=now)
        apart = spacing.hold(alert, [row for row in rows if row.pk not in refused], now=now)
        repeated = [row for row in rows if row.pk not in firsts and row.pk not in refused and row.pk not in apart]
        later = limits.over(repeated, now=now)
        limits.hold(alert, [row for row in rows if row.pk in later], later, now=now)
        kept = apart | later.keys()
        _lease([pk for pk in mine if pk not in kept], worker=worker, now=now)
        deliveries.record([_refused(pk, alert_id, code) for pk, code in refused.items()], now=now)
        sendable = [row for row in rows if row.pk not in refused and row.pk not in kept]
        tokens = links.draw([row for row in sendable if _carries_link(row)], at=now)
    _say_since_when(alert, sendable)
    until = now + LEASE
    return [
        Claimed(delivery=row, token=tokens.get(row.pk, ""), leased_until=until, first=row.pk in firsts)
        for row in sendable
    ]


def in_turn(*, now: datetime, without: Collection[int] = (), most: int) -> list[UUID]:
    """Alerts with something due, in fair order: victims take turns, what is the click's own before what repeats it.

    `without` are the ids of victims who have no room left.
    """
    own = Case(When(occasion__in=limits.OF_THE_CLICK, then=Value(0)), default=Value(1), output_field=IntegerField())
    waiting = (
        Delivery.objects.due(now)
        .filter(alert__isnull=False)
        .exclude(alert__victim__in=without)
        .values_list("alert__victim_id", "alert_id")
        .annotate(repeats=Min(own), since=Min("not_before"))
        .order_by("since")
    )
    sorted_out: tuple[list[tuple[int, UUID]], list[tuple[int, UUID]]] = ([], [])
    for victim, alert, repeats, _ in waiting:
        sorted_out[repeats].append((victim, alert))
    return fairness.in_turn(*sorted_out)[:most]


def _lease(pks: Iterable[UUID], *, worker: str, now: datetime) -> None:
    Delivery.objects.filter(pk__in=pks).update(
        state=DeliveryState.SENDING,
        leased_until=now + LEASE,
        leased_by=worker,
        attempts=F("attempts") + 1,
        provider="",  # until somebody took it, or may have taken it: a kill leaves no false trace
        moved_at=now,
    )


def _refusals(rows: Sequence[Delivery], alert: Alert, *, now: datetime) -> dict[UUID, str]:
    may_read = _may_read(alert, {row.contact_id for row in rows})
    refused = {row.pk: code for row in rows if (code := _refusal(row, alert, may_read, now=now))}
    return _needless(rows, alert) | _untold(rows, alert) | refused


def _may_read(alert: Alert, contacts: set[int]) -> set[int]:
    """Of these contacts those who were not cut off and did not leave."""
    cut_off = Link.objects.filter(alert=alert, cut_off_at__isnull=False).values_list("contact_id", flat=True)
    stayed = Contact.objects.filter(pk__in=contacts, state__in=TOLD).values_list("pk", flat=True)
    return set(stayed) - set(cut_off)


def _untold(rows: Sequence[Delivery], alert: Alert) -> dict[UUID, str]:
    """The ends of an alert that never left for these contacts: they would only frighten them."""
    ends = [row for row in rows if row.occasion in ENDINGS]
    if not ends:
        return {}
    perhaps = ~Q(state__in=(DeliveryState.DUE, DeliveryState.FAILED)) | ~Q(provider_id="") | Q(doubts__gt=0)
    left = Delivery.objects.filter(perhaps, alert=alert).exclude(occasion__in=ENDINGS)
    told = set(left.values_list("contact_id", flat=True))
    return {row.pk: failures.UNTOLD for row in ends if row.contact_id not in told}


def _say_since_when(alert: Alert, rows: Iterable[Delivery]) -> None:
    """What repeats the alert must not bear the hour of a click that was less grave."""
    again = [row.alert for row in rows if row.occasion in _LADDER and row.alert is not None]
    since = Event.objects.graver_since(alert) if again else None
    for repeated in again:
        repeated.graver_since = since


def _urgency(delivery: Delivery) -> tuple[datetime, int, int]:
    return delivery.created_at, _FIRST.index(Channel(delivery.channel)), delivery.contact.rank


def _refusal(delivery: Delivery, alert: Alert, may_read: set[int], *, now: datetime) -> str:
    """Why this delivery must not go out any more, or nothing."""
    if delivery.contact_id not in may_read:
        return "contact_left"
    if delivery.channel == Channel.SMS and delivery.contact.sms_stopped_at is not None:
        return STOPPED
    if delivery.occasion in ENDINGS:
        return "too_late" if now - delivery.created_at > ENDINGS_FOR else ""
    return "" if alert.is_live(now) else failures.OVER


def _needless(rows: Sequence[Delivery], alert: Alert) -> dict[UUID, str]:
    """The steps of the ladder that nobody needs any more.

    Somebody is in charge (the last text of a lap goes all the same: it is the only one that its contact can get), this
    contact pressed 9, or a stronger click tells the same by the same way.
    """
    again = [row for row in rows if row.occasion in _LADDER]
    if not again:
        return {}
    if alert.in_charge_id is not None:
        return {row.pk: failures.IN_CHARGE for row in again if not _is_last_text(row)}
    declined, louder = Event.objects.declined(alert), _louder(alert)
    return {row.pk: failures.REPLACED for row in again if _is_replaced(row, louder)} | {
        row.pk: failures.DECLINED for row in again if row.contact_id in declined
    }


def _louder(alert: Alert) -> dict[tuple[int, str], datetime]:
    """When a stronger click last told each contact by each way."""
    told = alert.deliveries.filter(occasion__in=(Occasion.UPGRADE, Occasion.UPGRADE_2)).order_by("created_at")
    return {(contact, way): at for contact, way, at in told.values_list("contact_id", "channel", "created_at")}


def _is_replaced(row: Delivery, louder: Mapping[tuple[int, str], datetime]) -> bool:
    told_at = louder.get((row.contact_id, row.channel))
    return told_at is not None and told_at >= row.created_at


def _is_last_text(row: Delivery) -> bool:
    return row.channel == Channel.SMS and row.occasion in LAST_ROUNDS


def _refused(delivery: UUID, alert: UUID, code: str) -> Outcome:
    ways = falling_back.WAYS if code == STOPPED else ()
    return Outcome(delivery=delivery, alert=alert, to=DeliveryState.FAILED, code=code, elsewhere=ways)


def _carries_link(delivery: Delivery) -> bool:
    return delivery.occasion not in ENDINGS and delivery.channel != Channel.VOICE
