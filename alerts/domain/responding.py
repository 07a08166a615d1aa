"""What a contact does about an alert: opens the link, takes charge, releases. One shared state, three ways to it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from alerts.domain import ladder, timeline
from alerts.models import Alert, Contact, Delivery, Event, Link, Look
from alerts.states import DELIVERY_MOVES, DeliveryState, EventKind, before


class OverError(Exception):
    """The alert has ended, or this contact was cut off: nothing was changed."""


class TakenError(Exception):
    """Somebody else is in charge; `name` says who. Ask again with `over`."""

    def __init__(self, name: str) -> None:
        super().__init__("somebody else is in charge")
        self.name = name


@dataclass(frozen=True, kw_only=True)
class Act:
    """Which way an action came (page, voice, sms), its own id against repeats.

    `done_at` is when its author did it (UTC, a claim), if the news of it was held up; None is now.
    """

    by: str
    uid: UUID | None = None
    note: str = ""
    done_at: datetime | None = None

    def line(self) -> dict[str, object]:
        """What the timeline keeps of it."""
        return {"by": self.by, "act": self.uid, "note": self.note, "done_at": self.done_at}


def open_link(link: Link, delivery: Delivery | None, *, now: datetime) -> None:
    """A human opened the personal link: the delivery that carried it moves, the first time is a line."""
    with transaction.atomic():
        alert = _locked(link.alert_id)
        _move_delivery(alert, delivery, DeliveryState.OPENED, now=now)
        Look.objects.create(alert=alert, contact=link.contact, at=now, what="link")
        if Link.objects.filter(pk=link.pk, opened_at=None).update(opened_at=now):
            event = timeline.append(alert, EventKind.LINK_OPENED, at=now, contact=link.contact, by="page")
            timeline.announce(alert, "presence", event=event, contact=link.contact_id, opened=True)


def answer(delivery: Delivery, *, now: datetime) -> None:
    """A human pressed a key during the call: never a mere pick-up."""
    with transaction.atomic():
        if delivery.alert_id is not None:
            _move_delivery(_locked(delivery.alert_id), delivery, DeliveryState.ANSWERED, now=now)


def take_charge(alert_id: UUID, contact: Contact, act: Act, *, now: datetime, over: bool = False) -> Event:
    """This contact is in charge from now on, for everybody to see.

    Raises OverError after the end, TakenError while another is in charge unless `over`. The same act again
    returns the line that it wrote.
    """
    with transaction.atomic():
        alert = _live(alert_id, contact, now=now)
        if done := _done(alert, act):
            return done
        if alert.in_charge is not None and alert.in_charge != contact and not over:
            raise TakenError(alert.in_charge.name)
        kind = EventKind.TAKE_CHARGE if alert.in_charge in {None, contact} else EventKind.HAND_OVER
        return _settle(alert, contact, kind, in_charge=contact, act=act, now=now)


def release(alert_id: UUID, contact: Contact, act: Act, *, now: datetime) -> Event | None:
    """This contact is no longer in charge; nothing happens, and None comes back, if she or he was not."""
    with transaction.atomic():
        alert = _live(alert_id, contact, now=now)
        if done := _done(alert, act):
            return done
        if alert.in_charge != contact:
            return None
        return _settle(alert, contact, EventKind.RELEASE, in_charge=None, act=act, now=now)


def decline(alert_id: UUID, contact: Contact, act: Act, *, now: datetime) -> Event:
    """This contact cannot help, and if she or he was in charge nobody is any more. Raises OverError after the end."""
    with transaction.atomic():
        alert = _live(alert_id, contact, now=now)
        if done := _done(alert, act):
            return done
        release(alert_id, contact, Act(by=act.by), now=now)
        return note(alert_id, contact, act, kind=EventKind.DECLINED, now=now)


def note(alert_id: UUID, contact: Contact, act: Act, *, kind: EventKind, now: datetime, **facts: object) -> Event:
    """Any other action of a responder: a line that everybody sees. Raises OverError after the end."""
    with transaction.atomic():
        alert = _live(alert_id, contact, now=now)
        if done := _done(alert, act):
            return done
        event = timeline.append(alert, kind, at=now, contact=contact, **act.line())
        timeline.announce(alert, "action", event=event, contact=contact.pk, **facts)
        return event


def _settle(
    alert: Alert, contact: Contact, kind: EventKind, *, in_charge: Contact | None, act: Act, now: datetime
) -> Event:
    Alert.objects.filter(pk=alert.pk).update(in_charge=in_charge)
    if in_charge is None:
        ladder.resume(alert, now=now)
    else:
        ladder.rest(alert, now=now)
    event = timeline.append(alert, kind, at=now, contact=contact, **act.line())
    name = in_charge.name if in_charge else None
    timeline.announce(alert, "action", event=event, contact=contact.pk, in_charge=name, by=act.by)
    return event


def _locked(alert_id: UUID) -> Alert:
    return Alert.objects.select_for_update(of=("self",)).select_related("victim", "in_charge").get(pk=alert_id)


def _live(alert_id: UUID, contact: Contact, *, now: datetime) -> Alert:
    alert = _locked(alert_id)
    if not alert.is_live(now) or Link.objects.filter(alert=alert, contact=contact, cut_off_at__isnull=False).exists():
        raise OverError
    return alert


def _done(alert: Alert, act: Act) -> Event | None:
    return Event.objects.filter(alert=alert, act=act.uid).first() if act.uid else None


def _move_delivery(alert: Alert, delivery: Delivery | None, to: DeliveryState, *, now: datetime) -> None:
    if delivery is None:
        return
    moved = Delivery.objects.filter(pk=delivery.pk, state__in=before(DELIVERY_MOVES, to)).update(
        state=to, moved_at=now, leased_until=None, leased_by=""
    )
    if moved:
        delivery.state = to
        alert.grow()
        line = timeline.delivery_line(delivery, delivery.contact)
        timeline.announce(alert, "delivery", delivery=line)
