"""One message to one contact by one channel: claimed with a lease, sent with no transaction open, recorded.

States only move forward (`alerts.states.DELIVERY_MOVES`). A worker that dies between its lease and its record leaves a
row that the sweeper finds: the provider is asked, and only what it did not take is sent again. So nothing is lost, and
nobody gets a message more than twice for one occasion: `Delivery.doubts` counts the attempts whose end nobody knows,
survives every move, and beyond the first only the network's clear word sends a message again.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter
from uuid import UUID, uuid4

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q

from alerts import links
from alerts.domain import falling_back, returning, stopping, timeline
from alerts.domain.falling_back import Blocked
from alerts.models import Alert, Contact, Delivery, Event, Link
from alerts.providers.base import Standing
from alerts.providers.twilio_words import says_stop
from alerts.states import DELIVERY_MOVES, Channel, DeliveryState, EventKind, Occasion, before

log = logging.getLogger(__name__)

BACKOFF = (2, 4, 8, 15, 15, 15, 30, 60)  # seconds before the next attempt; the last one for ever
RESENT = "resent"  # error_code of a row that goes out again after a doubt
IN_DOUBT = "in_doubt"  # twice in doubt, and nobody can tell: it rests as unknown, for everybody to see
_LINES: Mapping[DeliveryState, EventKind] = {
    DeliveryState.ACCEPTED: EventKind.ACCEPTED,
    DeliveryState.FAILED: EventKind.FAILED,
    DeliveryState.UNKNOWN: EventKind.UNKNOWN,
    DeliveryState.DELIVERED: EventKind.DELIVERED,
}


# What a line of the timeline says: a name is decrypted for each, the rest of a contact and of the victim would be for
# nothing, and this is half of what a worker does all day.
_NEEDED = ("alert__sequence", "contact__name", "channel", "occasion", "state", "error_code")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one attempt. `leased_by` guards a move back to due against a worker that woke up late.

    `unknown_since` guards what was answered about a row in doubt: meanwhile it may have left again. `parts` left with
    this attempt and add up; `attempted` is false where nothing was tried; `elsewhere` are the ways that may take over,
    the first first.
    """

    delivery: UUID
    alert: UUID
    to: DeliveryState
    code: str = ""
    provider: str = ""
    provider_id: str = ""
    leased_by: str = ""
    unknown_since: datetime | None = None
    not_before: datetime | None = None
    seconds: int | None = None
    parts: int = 0
    attempted: bool = True
    elsewhere: Sequence[Channel] = ()


def write(alert: Alert, told: Iterable[tuple[Contact, Sequence[Channel]]], *, occasion: Occasion, now: datetime) -> int:
    """One row per contact and channel, due now; a place for who has none yet; nobody who was cut off.

    Call it inside the transaction that decides who is told. Returns how many messages wait to leave.
    """
    placed = dict(Link.objects.filter(alert=alert).values_list("contact_id", "cut_off_at"))
    kept = [(contact, channels) for contact, channels in told if placed.get(contact.pk) is None]
    Link.objects.bulk_create([links.place_for(alert, contact) for contact, _ in kept if contact.pk not in placed])
    rows = [
        Delivery(
            id=uuid4(),
            alert=alert,
            contact=contact,
            channel=channel,
            occasion=occasion,
            created_at=now,
            not_before=now,
            moved_at=now,
        )
        for contact, channels in kept
        for channel in channels
    ]
    Delivery.objects.bulk_create(rows)
    return len(rows)


def record(outcomes: Iterable[Outcome], *, now: datetime) -> int:
    """Write what became of many attempts in one transaction. Returns how many deliveries moved."""
    given = list(outcomes)
    if not given:
        return 0
    wanted = [outcome.delivery for outcome in given]
    known = Delivery.objects.select_related("contact", "alert").only(*_NEEDED).in_bulk(wanted)  # read before the lock
    still_there = [outcome for outcome in given if outcome.delivery in known]  # she may have erased everything
    ordered = sorted(still_there, key=attrgetter("alert"))  # one order of locks for all workers
    with transaction.atomic():
        moved = [
            line
            for pk, group in groupby(ordered, key=attrgetter("alert"))
            for line in _move_all(pk, list(group), known, now=now)
        ]
    for line in moved:
        line.announce()
    returning.welcome({line.channel for line in moved if line.came_back}, now=now)
    return len(moved)


def record_each(outcomes: Iterable[Outcome], *, now: datetime) -> int:
    """Like `record`, but one that cannot be written, for want of a key, holds back none of the others."""
    given = list(outcomes)
    try:
        return record(given, now=now)
    except (OperationalError, InterfaceError):  # the database itself
        raise
    except Exception:
        if len(given) > 1:
            return sum(record_each([outcome], now=now) for outcome in given)
        log.exception("Delivery %s could not be recorded; it will be looked at again.", given[0].delivery)
        return 0


@dataclass(frozen=True, kw_only=True)
class _Moved:
    """One delivery that moved, and the number under which the pages hear of it."""

    delivery: Delivery
    sequence: int
    event: Event | None
    came_back: bool  # its way out had failed it before, and now took it

    @property
    def channel(self) -> Channel:
        return Channel(self.delivery.channel)

    def announce(self) -> None:
        alert = self.delivery.alert
        if alert is None:
            return
        alert.sequence = self.sequence
        line = timeline.delivery_line(self.delivery, self.delivery.contact)
        timeline.announce(alert, "delivery", event=self.event, delivery=line)


def _move_all(
    alert_id: UUID, outcomes: Sequence[Outcome], known: Mapping[UUID, Delivery], *, now: datetime
) -> list[_Moved]:
    """Move deliveries of one alert, each if its present state allows it; the lines of the timeline go with them."""
    alert = Alert.objects.select_for_update(of=("self",)).filter(pk=alert_id).first()
    if alert is None:
        return []
    moved = [outcome for outcome in outcomes if _move(known[outcome.delivery], outcome, now=now)]
    if not moved:
        return []
    blocked = [Blocked(delivery=known[outcome.delivery], ways=outcome.elsewhere) for outcome in moved]
    added = falling_back.take_over(alert, blocked, now=now)
    first = alert.grow(len(moved) + len(added)) - len(moved) - len(added) + 1
    lines = [
        _line(known[outcome.delivery], outcome, sequence, now=now) for sequence, outcome in enumerate(moved, first)
    ]
    lines += [
        _Moved(delivery=row, sequence=sequence, event=None, came_back=False)
        for sequence, row in enumerate(added, first + len(moved))
    ]
    Event.objects.bulk_create([line.event for line in lines if line.event is not None])
    _keep_to_stops(moved, known, now=now)
    return lines


def _keep_to_stops(moved: Iterable[Outcome], known: Mapping[UUID, Delivery], *, now: datetime) -> None:
    """A number of which the network says that it answered STOP. After the commit: other alerts are locked for it."""
    for outcome in moved:
        delivery = known[outcome.delivery]
        if delivery.channel == Channel.SMS and says_stop(outcome.code):
            transaction.on_commit(partial(stopping.stop, delivery.contact, now=now), robust=True)


def _line(delivery: Delivery, outcome: Outcome, sequence: int, *, now: datetime) -> _Moved:
    came_back = outcome.to is DeliveryState.ACCEPTED and returning.was_refused_by_its_way(delivery.error_code)
    delivery.state, delivery.error_code = outcome.to, outcome.code
    kind = _LINES.get(outcome.to)
    event = None
    if kind is not None:
        event = Event(
            alert=delivery.alert, sequence=sequence, at=now, kind=kind, contact=delivery.contact, delivery=delivery
        )
    return _Moved(delivery=delivery, sequence=sequence, event=event, came_back=came_back)


def _move(delivery: Delivery, outcome: Outcome, *, now: datetime) -> bool:
    present = Q(pk=delivery.pk, state__in=before(DELIVERY_MOVES, outcome.to))
    if outcome.leased_by:
        present &= Q(leased_by=outcome.leased_by, state=DeliveryState.SENDING)
    if outcome.unknown_since:
        present &= Q(moved_at=outcome.unknown_since, state=DeliveryState.UNKNOWN)
    moved = Delivery.objects.filter(present).update(state=outcome.to, **_fields(outcome, now=now))
    if not moved and outcome.provider_id:  # a receipt outran our own record: keep at least the network's name of it
        Delivery.objects.filter(pk=delivery.pk, provider_id="").update(
            provider=outcome.provider, provider_id=outcome.provider_id
        )
    if not moved and outcome.parts:
        Delivery.objects.filter(pk=delivery.pk).update(parts=F("parts") + outcome.parts)
    if not moved and outcome.seconds is not None:  # the end of a call moves nothing once a key was pressed
        Delivery.objects.filter(pk=delivery.pk, seconds=None).update(seconds=outcome.seconds)
    return bool(moved)


def _fields(outcome: Outcome, *, now: datetime) -> dict[str, object]:
    fields: dict[str, object] = {"moved_at": now, "leased_until": None, "leased_by": "", "error_code": outcome.code}
    if outcome.to is DeliveryState.UNKNOWN:
        fields |= {"doubts": F("doubts") + 1, "not_before": now}  # asked about at once
    if outcome.provider:
        fields |= {"provider": outcome.provider, "provider_id": outcome.provider_id}
    if outcome.seconds is not None:
        fields["seconds"] = outcome.seconds
    if outcome.parts:
        fields["parts"] = F("parts") + outcome.parts
    if not outcome.attempted:
        fields["attempts"] = F("attempts") - 1
    if outcome.not_before is not None:
        fields["not_before"] = outcome.not_before
    return fields


def next_attempt(attempts: int, *, now: datetime, retry_after: float | None = None) -> datetime:
    """When to try again after this many attempts, or when the provider asks us to, within a minute all the same."""
    pause = BACKOFF[min(max(attempts, 1), len(BACKOFF)) - 1]
    return now + timedelta(seconds=max(pause, min(retry_after or 0, BACKOFF[-1])))


def receive_receipt(delivery_id: UUID, standing: Standing, *, now: datetime) -> bool:
    """A verified receipt of a provider. Late, doubled and reversed ones change nothing. Returns whether it moved."""
    known = Delivery.objects.filter(pk=delivery_id)
    delivery = known.only("alert_id", "contact_id", "channel", "state", "doubts", "provider", "provider_id").first()
    if delivery is None:
        return False
    if standing.state is DeliveryState.FAILED and _is_of_another_copy(standing, delivery):
        return False
    if delivery.alert_id is None:
        return _receive_alone(delivery, standing, now=now)
    outcome = Outcome(
        delivery=delivery_id,
        alert=delivery.alert_id,
        to=standing.state,
        code=standing.code,
        provider=standing.provider if standing.provider_id else "",
        provider_id=standing.provider_id,
        seconds=standing.seconds,
        elsewhere=falling_back.WAYS if standing.state is DeliveryState.FAILED else (),
    )
    return bool(record([outcome], now=now))


def _receive_alone(delivery: Delivery, standing: Standing, *, now: datetime) -> bool:
    taken = {"provider": standing.provider, "provider_id": standing.provider_id} if standing.provider_id else {}
    moved = move_alone(delivery, standing.state, now=now, error_code=standing.code, **taken)
    if moved and delivery.channel == Channel.SMS and says_stop(standing.code):
        stopping.stop(delivery.contact, now=now)
    return moved


def move_alone(delivery: Delivery, to: DeliveryState, *, now: datetime, **fields: object) -> bool:
    """Move a message of no alert, such as an invitation, if its state allows it: no timeline hears of it."""
    present = Delivery.objects.filter(pk=delivery.pk, alert=None, state__in=before(DELIVERY_MOVES, to))
    return bool(present.update(state=to, moved_at=now, leased_until=None, leased_by="", **fields))


def _is_of_another_copy(standing: Standing, delivery: Delivery) -> bool:
    """Whether this is about an earlier copy, of which nobody knew whether it was taken: another one is on its way.

    While that one leaves it has no name yet; should the receipt be its own, it is asked about later (`asking`).
    """
    if delivery.state == DeliveryState.SENDING and delivery.doubts:
        return True
    both_named = bool(standing.provider_id and delivery.provider_id)
    return both_named and standing.provider == delivery.provider and standing.provider_id != delivery.provider_id
