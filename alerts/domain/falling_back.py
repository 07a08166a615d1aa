"""When a text does not get through, another way takes over: a call, then a mail.

Only where this contact has nothing else under way for this occasion: a double click tells by three ways at once, a
single one by text alone. What is added is a row like any other, written in the transaction that moves the text.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import uuid4

from django.db import transaction
from django.db.models import Q

from alerts.domain import dispatch
from alerts.models import Alert, Contact, Delivery
from alerts.providers.base import ProviderError
from alerts.states import ENDINGS, ROUNDS, Channel, DeliveryState, Occasion

WAYS = (Channel.VOICE, Channel.EMAIL)
_LOUDER: Mapping[Occasion, Sequence[Occasion]] = {
    Occasion.CLICK: (Occasion.UPGRADE, Occasion.UPGRADE_2),
    Occasion.DRILL: (Occasion.UPGRADE, Occasion.UPGRADE_2),
    Occasion.UPGRADE: (Occasion.UPGRADE_2,),
}
PATIENCE = 3  # refusals that may pass before mail, which needs no telephone network, is tried beside it


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """A delivery that does not get through, and by which ways its contact may be told instead, the first first."""

    delivery: Delivery
    ways: Sequence[Channel]


def ways_after(error: ProviderError, *, refusals: int) -> tuple[Channel, ...]:
    """What may take over after this refusal: nothing while it is likely to pass soon.

    A network that keeps refusing texts would refuse a call too: then mail before a call.
    """
    if error.elsewhere:
        return WAYS
    return WAYS[::-1] if refusals >= PATIENCE else ()


def take_over(alert: Alert, blocked: Iterable[Blocked], *, now: datetime) -> list[Delivery]:
    """Write what takes over, due now, and wake a worker. The alert's row is locked by the caller.

    The same again writes nothing: what exists is not written twice (unique alert, contact, channel, occasion).
    """
    stuck = [one for one in blocked if one.ways and one.delivery.channel != Channel.EMAIL]
    if stuck:
        stuck = _not_outdone(alert, stuck)
    if not stuck:
        return []
    beside = _beside(alert, stuck)
    rows = [row for one in stuck if (row := _next(alert, one, beside[_key(one.delivery)], now=now))]
    if rows:
        Delivery.objects.bulk_create(rows)
        transaction.on_commit(partial(dispatch.wake, alert.pk))
    return rows


def _not_outdone(alert: Alert, stuck: Collection[Blocked]) -> list[Blocked]:
    """Those of whom no stronger click told the same contact since, by all the ways that she or he has."""
    louder = set(
        Delivery.objects.filter(
            alert=alert, contact__in={one.delivery.contact_id for one in stuck}, occasion__in=_LOUDER[Occasion.CLICK]
        ).values_list("contact_id", "occasion")
    )
    return [
        one
        for one in stuck
        if not any((one.delivery.contact_id, by) in louder for by in _LOUDER.get(Occasion(one.delivery.occasion), ()))
    ]


_Key = tuple[int, str]


def _key(delivery: Delivery) -> _Key:
    return delivery.contact_id, delivery.occasion


def _beside(alert: Alert, stuck: Collection[Blocked]) -> Mapping[_Key, list[Delivery]]:
    """Everything written for the same contacts and occasions, as the database has it now."""
    wanted = Q()
    for one in stuck:
        wanted |= Q(contact=one.delivery.contact_id, occasion=one.delivery.occasion)
    found: dict[_Key, list[Delivery]] = {_key(one.delivery): [] for one in stuck}
    columns = ("contact_id", "occasion", "channel", "state", "attempts", "error_code")
    for row in Delivery.objects.filter(wanted, alert=alert).only(*columns):
        found[_key(row)].append(row)
    return found


def _next(alert: Alert, one: Blocked, beside: list[Delivery], *, now: datetime) -> Delivery | None:
    """The row that takes over, or None; it is remembered in `beside`."""
    written = {row.channel for row in beside}
    others = [row for row in beside if row.channel != one.delivery.channel]
    if one.delivery.occasion in ROUNDS or Channel.SMS not in written or not all(_is_stuck(row) for row in others):
        return None  # a round of the ladder has its own next step; what is under way needs no help
    open_ways = _open_ways(alert, one.delivery, now=now)
    way = next((way for way in one.ways if way in open_ways and way not in written), None)
    if way is None:
        return None
    row = Delivery(
        id=uuid4(),
        alert=alert,
        contact=one.delivery.contact,
        channel=way,
        occasion=one.delivery.occasion,
        created_at=now,
        not_before=now,
        moved_at=now,
    )
    beside.append(row)
    return row


def _is_stuck(row: Delivery) -> bool:
    """Failed, or refused and waiting for its next attempt."""
    waits = row.state == DeliveryState.DUE and row.attempts > 0 and bool(row.error_code)
    return waits or row.state == DeliveryState.FAILED


def _open_ways(alert: Alert, delivery: Delivery, *, now: datetime) -> set[Channel]:
    """The ways that this contact left open and that fit the occasion."""
    contact: Contact = delivery.contact
    mail = {Channel.EMAIL} if contact.by_email and contact.email else set()
    if delivery.occasion in ENDINGS:
        return mail  # nobody is rung to hear that all is well
    if not alert.is_live(now):
        return set()
    if alert.in_charge_id is not None:
        return mail  # nobody is rung any more
    return mail | ({Channel.VOICE} if contact.by_voice and contact.phone_number else set())
