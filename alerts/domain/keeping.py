"""How long what is kept is kept, by `settings.KEEPING` (days), and who forgets it: the sweep, once a day.

A day's work is done in bites, one a second, so that nobody waits for it; when nothing is left a beat is written, and
the next day begins. Times count from the cap of an alert, which is the same however it ended, and for a relative whom
she removed from that moment. What an alert cost stays, as sums without anybody in them.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model, QuerySet

from alerts.domain import beats, costs, timeline
from alerts.models import Alert, Contact, Delivery, Event, Link, PairingCode, PairingGuess, Position
from alerts.models.alerts import AlertQuerySet
from alerts.states import ContactState, EventKind

KEEPER = "keeping"  # the beat: a whole day's work was done
EVERY = timedelta(days=1)
_AT_ONCE = 500
_ROWS_OF_AN_ALERT = 50  # as much work as so many rows
_CODES = timedelta(days=1)
_BEGINNING = 4  # characters: a country, and what kind of line it is
_PLACED = (EventKind.OPENED, EventKind.CLICKED, EventKind.POSITION_FIRST)

Forget = Callable[..., int]
_more: dict[str, Forget] = {}  # of the parts that alerts knows nothing of

log = logging.getLogger(__name__)


def also(name: str, forget: Forget) -> None:
    """Another part of the service forgets with us: `forget(now=..., most=...)` returns how many rows it erased."""
    _more[name] = forget


def tend(*, now: datetime) -> None:
    """A step of the sweep: one bite if today's work is not done yet. Looks before it writes."""
    last = beats.last(KEEPER)
    if last is not None and timedelta(0) <= now - last < EVERY:
        return
    forgotten = {name: count for name, count in bite(now=now).items() if count}
    if forgotten:
        log.info("Its time is over: %s.", ", ".join(f"{count} {name}" for name, count in sorted(forgotten.items())))
    else:
        beats.beat(KEEPER, now=now)


def bite(*, now: datetime) -> Mapping[str, int]:
    """Forget a little of everything whose time is over. Returns how many rows of each went."""
    return {name: forget(now=now, most=_AT_ONCE) for name, forget in {**_steps(), **_more}.items()}


def everything(*, now: datetime) -> Mapping[str, int]:
    """All that is over, at once: for the command, not for the sweep."""
    sums: dict[str, int] = {}
    while any((bitten := bite(now=now)).values()):
        for name, count in bitten.items():
            sums[name] = sums.get(name, 0) + count
    return sums


def due(*, now: datetime) -> Mapping[str, int]:
    """How many rows would go; nothing is erased. Only what is counted here: other parts say it when they do it."""
    return {
        "positions": _positions(now).count(),
        "places in timelines": _places(now).count(),
        "deliveries": Delivery.objects.filter(alert__in=_alerts(now, "deliveries_days")).count(),
        "messages outside alerts": _loose(now).count(),
        "drills": _drills(now).count(),
        "alerts": _alerts(now, "alerts_days").count(),
        "removed contacts": _removed(now).count(),
        "codes and sessions": sum(rows.count() for rows in _passing(now)),
    }


def _steps() -> Mapping[str, Forget]:
    return {
        "positions": lambda *, now, most: _erase(_positions(now), most=most),
        "places in timelines": _forget_places,
        "deliveries": _forget_deliveries,
        "messages outside alerts": _forget_loose,
        "drills": lambda *, now, most: _forget_alerts(_drills(now), now=now, most=most),
        "alerts": lambda *, now, most: _forget_alerts(_alerts(now, "alerts_days"), now=now, most=most),
        "removed contacts": _forget_removed,
        "codes and sessions": lambda *, now, most: sum(_erase(rows, most=most) for rows in _passing(now)),
    }


def _before(now: datetime, days: str) -> datetime:
    return now - timedelta(days=settings.KEEPING[days])


def _alerts(now: datetime, days: str) -> AlertQuerySet:
    """Alerts whose cap is so many days ago and that are over for everybody."""
    return Alert.objects.filter(expires_at__lt=_before(now, days), ended_at__isnull=False)


def _drills(now: datetime) -> AlertQuerySet:
    return _alerts(now, "drills_days").filter(drill=True)


def _positions(now: datetime) -> QuerySet[Position]:
    return Position.objects.filter(alert__expires_at__lt=_before(now, "positions_days"))


def _places(now: datetime) -> QuerySet[Event]:
    """Lines that say where she clicked."""
    events = Event.objects.filter(kind__in=_PLACED, alert__expires_at__lt=_before(now, "positions_days"))
    return events.exclude(note="")


def _loose(now: datetime) -> QuerySet[Delivery]:
    """Invitations and the like, which belong to no alert."""
    return Delivery.objects.filter(alert=None, created_at__lt=_before(now, "deliveries_days"))


def _removed(now: datetime) -> QuerySet[Contact]:
    """Relatives out of her list for so long, and in no alert that goes on for somebody."""
    goes_on = Alert.objects.live_for_contacts(now).values("pk")
    gone = Contact.objects.filter(state=ContactState.REMOVED, removed_at__lt=_before(now, "removed_days"))
    return gone.exclude(pk__in=Link.objects.filter(alert__in=goes_on).values("contact"))


def _passing(now: datetime) -> tuple[QuerySet[Any], ...]:
    return (
        PairingCode.objects.filter(drawn_at__lt=now - _CODES),
        PairingGuess.objects.filter(at__lt=now - _CODES),
        Session.objects.filter(expire_date__lt=now),
    )


def _erase(rows: QuerySet[Any], *, most: int) -> int:
    model: type[Model] = rows.model
    found = list(rows.values_list("pk", flat=True)[:most])
    if found:
        model._base_manager.filter(pk__in=found).delete()  # noqa: SLF001 - as Django itself does when it cascades
    return len(found)


def _forget_places(*, now: datetime, most: int) -> int:
    found = list(_places(now).values_list("pk", flat=True)[:most])
    return Event.objects.filter(pk__in=found).update(note="") if found else 0


def _forget_deliveries(*, now: datetime, most: int) -> int:
    """The journal of what was sent, with its lines of the timeline; what people did stays."""
    over = _alerts(now, "deliveries_days").filter(deliveries__isnull=False).distinct()
    count = 0
    for pk in list(over.order_by("pk").values_list("pk", flat=True)[: most // _ROWS_OF_AN_ALERT]):
        with transaction.atomic():
            mine = Alert.objects.select_for_update(of=("self",)).filter(pk=pk).first()
            sent = Delivery.objects.filter(alert=pk)
            if mine is None or not sent.exists():
                continue
            costs.keep_left(sent, now=now)
            Event.objects.filter(alert=pk, kind__in=timeline.MESSAGES).delete()
            count += sent.count()
            sent.delete()
    return count


def _forget_loose(*, now: datetime, most: int) -> int:
    found = list(_loose(now).values_list("pk", flat=True)[:most])
    if not found:
        return 0
    with transaction.atomic():
        mine = Delivery.objects.select_for_update(of=("self",)).filter(pk__in=found).order_by("pk")
        rows = Delivery.objects.filter(pk__in=[row.pk for row in mine])
        costs.keep_left(rows, now=now)
        rows.delete()
    return len(found)


def _forget_removed(*, now: datetime, most: int) -> int:
    """How a removed relative was reached. The first name stays, because past alerts and their papers say it.

    So does the beginning of the number, by which tariffs price what was sent; and of who answered STOP the keyed
    digest, so that nobody writes there again by mistake. `removed_at` empties: there is nothing more to forget.
    """
    found = list(_removed(now).values_list("pk", flat=True)[:most])
    for pk in found:
        with transaction.atomic():
            contact = _removed(now).select_for_update(of=("self",)).filter(pk=pk).first()
            if contact is None:  # taken back a moment ago
                continue
            Contact.objects.filter(pk=pk).update(
                phone_number=contact.phone_number[:_BEGINNING],
                phone_digest=contact.phone_digest if contact.sms_stopped_at else "",
                email="",
                removed_at=None,
            )
    return len(found)


def _forget_alerts(over: AlertQuerySet, *, now: datetime, most: int) -> int:
    """Whole alerts with everything that hangs on them, but for the canary's, which have a keeper of their own."""
    hers = over.filter(victim__canary=False).order_by("pk")
    pks = list(hers.values_list("pk", flat=True)[: most // _ROWS_OF_AN_ALERT])
    for pk in pks:
        with transaction.atomic():
            locked = Alert.objects.select_for_update(of=("self",)).filter(pk=pk)
            if mine := list(locked.values_list("pk", flat=True)):
                costs.keep_left(Delivery.objects.filter(alert__in=mine), now=now, alerts=mine)
                Alert.objects.filter(pk__in=mine).delete()
    return len(pks)
