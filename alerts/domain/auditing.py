"""What is wrong, read from rows alone: no sender is asked, none is believed, none could even be imported here.

A finding is a row from the moment something was seen wrong until it is right again. One kind is about one alert
(nobody is known to have received it); all others are about the service and carry how many rows they concern.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from alerts.domain import beats, canary, timeline
from alerts.domain.canary import Standing
from alerts.models import Alert, Delivery, Event, Finding, Ladder, Link, Victim
from alerts.models.alerts import AlertQuerySet
from alerts.providers import faults
from alerts.states import Channel, DeliveryState, EventKind, FindingKind

REACHED_WITHIN = timedelta(minutes=1)
SENT_WITHIN = timedelta(seconds=10)
GIVEN_BACK_WITHIN = timedelta(seconds=10)  # after the end of a lease
SETTLED_WITHIN = timedelta(minutes=1)
CLIMBED_WITHIN = timedelta(seconds=15)
RECEIPT_WITHIN = timedelta(minutes=2)
REFUSED_LATELY = timedelta(minutes=15)
SWEPT_WITHIN = timedelta(seconds=30)
CANARY_WITHIN = timedelta(minutes=3)  # after it was due

_MOST = 1_000  # rows that one question counts
_AT_ONCE = 4  # alerts that one transaction marks...
_BREATH = 0.05  # seconds until the next one: whoever clicks now does not wait for what is a minute old
_ROUND = 100  # alerts that one round marks

log = logging.getLogger(__name__)


def audit(*, now: datetime, since: datetime) -> None:
    """One round. `since` is when this auditor began to watch: before, nothing is known of who is silent."""
    for kind, rows in _QUESTIONS.items():
        _note(kind, rows(now)[:_MOST].count(), now=now)
    _note(FindingKind.WORKERS_SILENT, int(_workers_are_silent(now=now, since=since)), now=now)
    _judge_canary(now=now, since=since)
    _mark_unreached(now=now)
    beats.beat(beats.AUDITOR, now=now)


def open_findings() -> QuerySet[Finding]:
    """What is wrong at present."""
    return Finding.objects.filter(cleared_at=None)


def unreached(now: datetime) -> QuerySet[Alert]:
    """Live alerts older than a minute that nobody is known to have received, drills too, canaries not.

    A call that was picked up proves nothing (it may have been an answering machine); a key pressed during it does.
    """
    known = Q(state__in=[DeliveryState.OPENED, DeliveryState.ANSWERED])
    arrived = Q(state=DeliveryState.DELIVERED) & ~Q(channel=Channel.VOICE)
    of_alert = {"alert": OuterRef("pk")}
    return (
        _live(now)
        .filter(opened_at__lte=now - REACHED_WITHIN, in_charge=None)
        .exclude(Exists(Victim.objects.filter(pk=OuterRef("victim"), canary=True)))
        .exclude(Exists(Delivery.objects.filter(known | arrived, **of_alert)))
        .exclude(Exists(Link.objects.filter(opened_at__isnull=False, **of_alert)))
        .exclude(Exists(Event.objects.filter(kind=EventKind.TAKE_CHARGE, **of_alert)))  # by SMS, then released
    )


def _live(now: datetime) -> AlertQuerySet:
    return Alert.objects.live_for_contacts(now)


def _overdue(now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=DeliveryState.DUE, not_before__lte=now - SENT_WITHIN, alert__isnull=False)


def _leased(now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=DeliveryState.SENDING, leased_until__lte=now - GIVEN_BACK_WITHIN)


def _in_doubt(now: datetime) -> QuerySet[Delivery]:
    unknown = Delivery.objects.filter(state=DeliveryState.UNKNOWN, moved_at__lte=now - SETTLED_WITHIN)
    return unknown.filter(alert__in=_live(now))


def _not_climbed(now: datetime) -> QuerySet[Ladder]:
    return Ladder.objects.due(now - CLIMBED_WITHIN).filter(alert__in=_live(now))


def _without_receipt(now: datetime) -> QuerySet[Delivery]:
    accepted = Delivery.objects.filter(state=DeliveryState.ACCEPTED, channel__in=[Channel.SMS, Channel.VOICE])
    late = accepted.filter(moved_at__lte=now - RECEIPT_WITHIN, alert__in=_live(now))
    return late.exclude(provider__in=canary.WITHOUT_RECEIPTS)


def _our_fault(now: datetime) -> QuerySet[Delivery]:
    refused = Delivery.objects.exclude(error_code="").filter(moved_at__gt=now - REFUSED_LATELY)
    codes = Q(error_code__in=sorted(faults.OURS))
    for prefix in faults.OURS_BY_PREFIX:
        codes |= Q(error_code__startswith=prefix)
    return refused.filter(codes)


_QUESTIONS: Mapping[FindingKind, Callable[[datetime], QuerySet[Delivery] | QuerySet[Ladder]]] = {
    FindingKind.OVERDUE: _overdue,
    FindingKind.LEASED_TOO_LONG: _leased,
    FindingKind.IN_DOUBT: _in_doubt,
    FindingKind.LADDER_OVERDUE: _not_climbed,
    FindingKind.RECEIPTS_MISSING: _without_receipt,
    FindingKind.PROVIDER_REFUSES_US: _our_fault,
}


def _workers_are_silent(*, now: datetime, since: datetime) -> bool:
    return now - since > SWEPT_WITHIN and beats.is_silent(beats.SWEEP, after=SWEPT_WITHIN, now=now)


def _judge_canary(*, now: datetime, since: datetime) -> None:
    """A canary under way changes nothing; one that nobody let go in time has failed."""
    every = timedelta(minutes=settings.SHERIF.canary_minutes)
    if not every:
        _note(FindingKind.CANARY_FAILED, 0, now=now)
        return
    last = canary.newest()
    standing = _proved(last, now=now) if last else Standing.RUNNING
    late = now - max(last.opened_at + every if last else since, since) > CANARY_WITHIN
    if late or standing is Standing.FAILED:
        _note(FindingKind.CANARY_FAILED, 1, now=now)
    elif standing is Standing.WELL:
        _note(FindingKind.CANARY_FAILED, 0, now=now)


def _proved(last: Alert, *, now: datetime) -> Standing:
    """Where the newest canary stands; once it was well it stays so, whatever its rows become."""
    proved_at = beats.last(beats.CANARY)
    if proved_at is not None and proved_at >= last.opened_at:
        return Standing.WELL
    standing = canary.standing(last, now=now)
    if standing is Standing.WELL:
        beats.beat(beats.CANARY, now=now)
    return standing


def _note(kind: FindingKind, count: int, *, now: datetime) -> None:
    """Open, count or clear the one finding of this kind about the service."""
    present = open_findings().filter(kind=kind, alert=None)
    known = present.values_list("count", flat=True).first()
    if count and known is None:
        Finding.objects.bulk_create([Finding(kind=kind, count=count, found_at=now)], ignore_conflicts=True)
        log.error("Found: %s (%d).", kind, count)
    elif count and known != count:
        present.update(count=count)
    elif not count and known is not None:
        present.update(cleared_at=now)
        log.info("Right again: %s.", kind)


def _mark_unreached(*, now: datetime) -> None:
    """One finding per alert, and a line in its timeline the first time."""
    marked = open_findings().filter(kind=FindingKind.NOBODY_REACHED, alert__isnull=False)
    missed = unreached(now)
    new = list(
        missed.exclude(pk__in=marked.values("alert")).order_by("opened_at").values_list("pk", flat=True)[:_ROUND]
    )
    for first in range(0, len(new), _AT_ONCE):
        if first:
            time.sleep(_BREATH)
        chosen = Alert.objects.select_related("victim").filter(pk__in=new[first : first + _AT_ONCE])
        _mark(list(chosen.order_by("pk")), now=now)
    right = list(marked.exclude(alert__in=missed).values_list("pk", flat=True))  # apart: an update would hold the lock
    if right:
        cleared = marked.filter(pk__in=right).update(cleared_at=now)
        log.info("Right again: %s, %d alerts.", FindingKind.NOBODY_REACHED, cleared)


def _mark(alerts: list[Alert], *, now: datetime) -> None:
    """Her name was read, and decrypted, before: nothing slow happens inside the transaction."""
    with transaction.atomic():
        locked = Alert.objects.select_for_update(of=("self",)).filter(pk__in=[alert.pk for alert in alerts])
        list(locked.order_by("pk").values_list("pk"))  # the order of locks of all who take several
        for alert in alerts:
            finding = Finding(kind=FindingKind.NOBODY_REACHED, alert=alert, found_at=now)
            Finding.objects.bulk_create([finding], ignore_conflicts=True)
            log.error("Found: nobody is known to have received alert %s.", alert.pk)
            if not Event.objects.filter(alert=alert, kind=EventKind.NOBODY_REACHED).exists():
                event = timeline.append(alert, EventKind.NOBODY_REACHED, at=now)
                timeline.announce(alert, "action", event=event)
