"""From a click to an alert and its due messages, in one transaction; and how an alert ends."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import SmallIntegerField, Value
from django.db.models.functions import Coalesce

from alerts.domain import deliveries, dispatch, ladder, timeline, tracking, whereabouts
from alerts.models import Alert, Click, Contact, Link, Phone, Victim
from alerts.states import (
    ALERT_MOVES,
    GRAVITY,
    KIND_OF_GESTURE,
    AlertKind,
    AlertState,
    Channel,
    EventKind,
    Gesture,
    Occasion,
    before,
)

STALE_AFTER = timedelta(minutes=10)


class StaleClickError(Exception):
    """The click waited on the phone for more than ten minutes: she is asked whether to send it now."""


@dataclass(frozen=True, kw_only=True)
class ClickReport:
    """What the phone says of one click; its clock is a claim. Battery in percent; `by` is "sms" for a text."""

    uid: UUID
    gesture: Gesture
    clicked_at: datetime
    sent_at: datetime
    fix: tracking.Fix | None = None
    battery: int | None = None
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class ClickReceipt:
    """The alert of a click, and whether this very call stored the click."""

    alert: Alert
    fresh: bool


def receive_click(phone: Phone, report: ClickReport, *, now: datetime, drill: bool = False) -> ClickReceipt:
    """Store a click and everything that follows from it, or find the alert that it already opened.

    Looks for the id before the transaction, because on SQLite a transaction that may write waits for all others.
    Raises StaleClickError when more than ten minutes lie between clicked_at and sent_at.
    """
    if receipt := known(phone, report.uid):
        return receipt
    if report.sent_at - report.clicked_at > STALE_AFTER:
        raise StaleClickError
    with transaction.atomic():
        victim = Victim.objects.select_for_update().get(pk=phone.victim_id)
        if receipt := known(phone, report.uid):
            return receipt
        alert = _open_or_upgrade(victim, report, now=now, drill=drill)
        Click.objects.create(
            phone=phone,
            uid=report.uid,
            alert=alert,
            gesture=report.gesture,
            clicked_at=report.clicked_at,
            received_at=now,
            battery=report.battery,
        )
        if report.fix is not None:
            tracking.store(alert, [report.fix], sent_at=report.sent_at, now=now)
        Phone.objects.filter(pk=phone.pk).update(
            seen_at=now, battery=Coalesce(Value(report.battery, output_field=SmallIntegerField()), "battery")
        )
        transaction.on_commit(partial(dispatch.wake, alert.pk))
    return ClickReceipt(alert=alert, fresh=True)


def open_drill(victim: Victim, report: ClickReport, *, lasts: timedelta, now: datetime) -> Alert:
    """A drill that no telephone of hers started: no click is stored, and nothing says that a phone was seen.

    Call it in the transaction that locked her row and saw that no alert of hers goes on.
    """
    alert = _open(victim, report, now=now, drill=True, lasts=lasts)
    if report.fix is not None:
        tracking.store(alert, [report.fix], sent_at=report.sent_at, now=now)
    transaction.on_commit(partial(dispatch.wake, alert.pk))
    return alert


def known(phone: Phone, uid: UUID) -> ClickReceipt | None:
    """What was answered to a click of this id, or nothing if there was none."""
    click = Click.objects.select_related("alert").filter(phone=phone, uid=uid).first()
    return ClickReceipt(alert=click.alert, fresh=False) if click else None


def _open_or_upgrade(victim: Victim, report: ClickReport, *, now: datetime, drill: bool) -> Alert:
    kind = KIND_OF_GESTURE[report.gesture]
    alert = Alert.objects.select_for_update().filter(victim=victim, state=AlertState.OPEN).first()
    if alert is not None and (alert.expires_at <= now or (alert.drill and not drill)):
        expire(alert, now=now)  # a real click during a drill is never a part of it
        alert = None
    if alert is None:
        return _open(victim, report, now=now, drill=drill)
    alert.victim = victim
    if GRAVITY[kind] > GRAVITY[AlertKind(alert.kind)]:
        _upgrade(alert, report, now=now)
    else:
        event = timeline.append(alert, EventKind.CLICKED, at=now, by=report.by, note=_where(report))
        timeline.announce(alert, "action", event=event)
    return alert


def _open(victim: Victim, report: ClickReport, *, now: datetime, drill: bool, lasts: timedelta | None = None) -> Alert:
    gesture = report.gesture
    alert = Alert.objects.create(
        id=uuid4(),
        victim=victim,
        kind=KIND_OF_GESTURE[gesture],
        drill=drill,
        opened_at=now,
        expires_at=now + (lasts or timedelta(hours=_most_hours(victim))),
    )
    timeline.append(alert, EventKind.OPENED, at=now, by=report.by, note=_where(report))
    occasion = Occasion.DRILL if drill else Occasion.CLICK
    told = _tell(alert, victim.contacts.told(gesture), gesture=gesture, occasion=occasion, now=now)
    ladder.start(alert, told=told, now=now)
    return alert


def _most_hours(victim: Victim) -> int:
    """Her own cap, within the installation's."""
    most: int = settings.SHERIF.alert_hours
    return min(victim.alert_hours or most, most)


def _where(report: ClickReport) -> str:
    return whereabouts.note(report.fix.latitude, report.fix.longitude) if report.fix else ""


def _upgrade(alert: Alert, report: ClickReport, *, now: datetime) -> None:
    gesture = report.gesture
    alert.kind = KIND_OF_GESTURE[gesture]
    Alert.objects.filter(pk=alert.pk).update(kind=alert.kind)
    told_before = alert.deliveries.filter(occasion=Occasion.UPGRADE).exists()
    occasion = Occasion.UPGRADE_2 if told_before else Occasion.UPGRADE
    event = timeline.append(alert, EventKind.UPGRADED, at=now, by=report.by, note=alert.kind)
    told = _tell(alert, _now_told(alert, gesture), gesture=gesture, occasion=occasion, now=now)
    timeline.announce(alert, "action", event=event, kind=alert.kind)
    ladder.start(alert, told=told, now=now)


def _now_told(alert: Alert, gesture: Gesture) -> list[Contact]:
    """Who hears that it is worse: her relatives, and the on-call line if it was called already; it may be in charge."""
    told = list(alert.victim.contacts.told(gesture))
    line = alert.victim.contacts.on_call()
    if line is not None and Link.objects.filter(alert=alert, contact=line).exists():
        told.append(line)
    return told


def _tell(alert: Alert, contacts: Iterable[Contact], *, gesture: Gesture, occasion: Occasion, now: datetime) -> int:
    """Each of them by all the ways that this gesture opens. Returns how many messages wait to leave."""
    told = [(contact, contact.channels(gesture)) for contact in contacts]
    return deliveries.write(alert, told, occasion=occasion, now=now)


def close(alert: Alert, to: AlertState, *, reason: str, now: datetime) -> bool:
    """Close an open alert, openly or under duress; tell everybody who was told unless it is under duress.

    `reason` is "safe" or "false_alarm". Returns whether this call closed it.
    """
    kind = {
        AlertState.CLOSED_UNDER_DURESS: EventKind.CLOSED_UNDER_DURESS,
        AlertState.CLOSED: EventKind.FALSE_ALARM if reason == "false_alarm" else EventKind.CLOSED,
    }[to]
    with transaction.atomic():
        if not _move(alert, to, at=now, reason=reason):
            return False
        event = timeline.append(alert, kind, at=now)
        if to is AlertState.CLOSED:
            occasion = Occasion.CORRECTION if reason == "false_alarm" else Occasion.END
            deliveries.write(alert, _told_of_the_end(alert), occasion=occasion, now=now)
            timeline.announce(alert, "ended", event=event, state=to)
        else:
            timeline.announce(alert, "action", event=event, state=to)
        transaction.on_commit(partial(dispatch.wake, alert.pk))
    return True


def _told_of_the_end(alert: Alert) -> list[tuple[Contact, list[Channel]]]:
    """Everybody who has a place in it, by one way: a call, without keys, only to who can be told by nothing else.

    Who was never reached by anything is left out when the message should leave (`claiming`): only then it is known.
    """
    placed = Contact.objects.filter(links__alert=alert, links__cut_off_at=None).order_by("rank", "pk")
    return [(contact, list(contact.channels(Gesture.SINGLE))) for contact in placed]


def expire(alert: Alert, *, now: datetime) -> bool:
    """End an alert at its cap. Returns whether this call ended it."""
    with transaction.atomic():
        if not _move(alert, AlertState.EXPIRED, at=now):
            return False
        event = timeline.append(alert, EventKind.EXPIRED, at=now)
        timeline.announce(alert, "ended", event=event, state=AlertState.EXPIRED)
    return True


def expire_overdue(*, now: datetime) -> int:
    """End every alert that reached its cap; the sweeper calls it each second. Returns how many."""
    overdue = Alert.objects.filter(state__in=before(ALERT_MOVES, AlertState.EXPIRED), expires_at__lte=now)
    return sum(expire(alert, now=now) for alert in overdue)


def _move(alert: Alert, to: AlertState, *, at: datetime, **fields: object) -> bool:
    allowed = before(ALERT_MOVES, to)
    moved = Alert.objects.filter(pk=alert.pk, state__in=allowed).update(state=to, ended_at=at, **fields)
    if moved:
        alert.state, alert.ended_at = to, at
    return bool(moved)
