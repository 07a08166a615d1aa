"""Repetitions are limited: per contact, per victim, per association, and in all. First messages never are.

A message is a first one if it is the click's own (also of a stronger click, also of a drill), or if it tells of a
danger of which nothing is known to have been taken for its contact yet: so no limit is ever the reason that a contact
learns nothing. An ending is never a first one: who clicks and closes again and again sends nothing else in numbers.
What is over a limit stays due until the count begins anew; a line of the timeline says so. A retry is not counted
again: its pause is its limit.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from alerts import access
from alerts.domain import timeline
from alerts.models import Alert, Delivery, Meter, Victim
from alerts.states import (
    ENDINGS,
    GRAVITY,
    KIND_OF_GESTURE,
    AlertKind,
    DeliveryState,
    EventKind,
    Gesture,
    Occasion,
)

LIMITED = "limited"  # error_code of a row that waits for the count to begin anew
OF_THE_CLICK = frozenset({Occasion.CLICK, Occasion.UPGRADE, Occasion.UPGRADE_2, Occasion.DRILL})
_TAKEN = (DeliveryState.ACCEPTED, DeliveryState.DELIVERED, DeliveryState.OPENED, DeliveryState.ANSWERED)

log = logging.getLogger(__name__)


def first_messages(alert_id: UUID, rows: Iterable[Delivery]) -> set[UUID]:
    """Which of these deliveries of one alert no limit may hold back. Asks the database only if there are others."""
    given = list(rows)
    repeated = {row.contact_id for row in given if row.occasion not in OF_THE_CLICK | ENDINGS}
    told: set[int] = set()
    if repeated:
        taken = Delivery.objects.filter(alert_id=alert_id, contact_id__in=repeated, state__in=_TAKEN)
        told = set(taken.values_list("contact_id", flat=True))
    return {
        row.pk
        for row in given
        if row.occasion in OF_THE_CLICK or (row.occasion not in ENDINGS and row.contact_id not in told)
    }


def adds_nothing(victim: Victim, gesture: Gesture, *, now: datetime) -> bool:
    """Whether this click would only be one more line: her alert is open, no drill, and at least as grave."""
    alert = access.open_alert_of(victim, now=now)
    return alert is not None and not alert.drill and GRAVITY[KIND_OF_GESTURE[gesture]] <= GRAVITY[AlertKind(alert.kind)]


def over(rows: Sequence[Delivery], *, now: datetime) -> dict[UUID, datetime]:
    """Count these repetitions of one alert; those that are over a limit, and when they may be tried again.

    Call it in the transaction that claims, after the lock of the alert.
    """
    fresh = [row for row in rows if not row.attempts]
    if not fresh:
        return {}
    meters = _meters({key for row in fresh for key in _limits_of(row)}, now=now)
    held: dict[UUID, datetime] = {}
    for row in fresh:
        full = [meters[key] for key, most in _limits_of(row).items() if meters[key].count >= most]
        if full:
            held[row.pk] = max(meter.since for meter in full) + _window()
            continue
        for key in _limits_of(row):
            meters[key].count += 1
    Meter.objects.bulk_update(meters.values(), ["since", "count"])
    return held


def hold(alert: Alert, rows: Collection[Delivery], until: Mapping[UUID, datetime], *, now: datetime) -> None:
    """Keep these deliveries due for later, and say so once in the timeline. The alert's row is locked already."""
    for row in rows:
        said = row.error_code == LIMITED
        Delivery.objects.filter(pk=row.pk).update(not_before=until[row.pk], error_code=LIMITED)
        if said:
            continue
        log.warning("Delivery %s waits: so many repetitions went out that a limit is reached.", row.pk)
        event = timeline.append(alert, EventKind.LIMITED, at=now, contact=row.contact, delivery=row)
        timeline.announce(alert, "action", event=event)


def held() -> Q:
    """What a limit holds back at present."""
    return Q(state=DeliveryState.DUE, error_code=LIMITED)


def _window() -> timedelta:
    return timedelta(minutes=settings.LIMITS["minutes"])


def _limits_of(row: Delivery) -> dict[str, int]:
    """The meters that count this delivery, and how far each may go."""
    if row.alert is None:
        raise ValueError("a delivery without an alert is not limited here")
    most = settings.LIMITS
    keys = {f"contact:{row.contact_id}": most["contact"], f"victim:{row.alert.victim_id}": most["victim"]}
    if row.alert.victim.association_id is not None:
        keys[f"association:{row.alert.victim.association_id}"] = most["association"]
    return keys | {"all": most["all"]}


def _meters(keys: Collection[str], *, now: datetime) -> dict[str, Meter]:
    """These meters, locked in one order for all workers, begun anew where their window is over."""
    locked = Meter.objects.select_for_update().filter(key__in=keys).order_by("key")
    found = {meter.key: meter for meter in locked}
    if missing := sorted(set(keys) - set(found)):
        Meter.objects.bulk_create([Meter(key=key, since=now) for key in missing], ignore_conflicts=True)
        found = {meter.key: meter for meter in locked.all()}
    for meter in found.values():
        if abs(now - meter.since) >= _window():  # another worker's clock may stand a little later than ours
            meter.since, meter.count = now, 0
    return found
