"""What dead and frozen workers held: given back, or in doubt, or known from their own notes to have been taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from alerts.domain import deliveries
from alerts.domain.deliveries import Outcome
from alerts.models import Delivery
from alerts.providers.base import Receipt
from alerts.states import DeliveryState


def give_up(owned: Q, *, now: datetime) -> int:
    """Move the deliveries of dead or frozen workers to unknown: perhaps sent, perhaps not. Returns how many."""
    return deliveries.record_each([_lost(held) for held in _held(owned)], now=now)


def come_back(worker: str, wire: Mapping[UUID, Receipt | None] | None, *, now: datetime) -> int:
    """What a worker that died had leased: its own notes say what it had begun and what was taken.

    `wire` is None where these notes are missing or not to be trusted: then everything is in doubt. Returns how many
    moved.
    """
    if wire is None:
        return give_up(Q(leased_by=worker), now=now)
    outcomes = [_lost(held) if held.pk in wire else _never_begun(held, now=now) for held in _held(Q(leased_by=worker))]
    known = {pk: taken for pk, taken in wire.items() if taken is not None}
    rows = Delivery.objects.filter(pk__in=known).exclude(alert=None).values_list("pk", "alert_id")
    took = [_was_taken(pk, alert_id, known[pk]) for pk, alert_id in rows]
    return deliveries.record_each([*took, *outcomes], now=now)  # in this order: what was taken is in doubt no more


@dataclass(frozen=True, kw_only=True)
class _Held:
    """A delivery under a lease."""

    pk: UUID
    alert: UUID
    code: str
    worker: str


def _held(owned: Q) -> list[_Held]:
    rows = Delivery.objects.filter(owned, state=DeliveryState.SENDING, alert__isnull=False)
    return [
        _Held(pk=pk, alert=alert_id, code=code, worker=worker)
        for pk, alert_id, code, worker in rows.values_list("pk", "alert_id", "error_code", "leased_by")
    ]


def _lost(held: _Held) -> Outcome:
    return Outcome(delivery=held.pk, alert=held.alert, to=DeliveryState.UNKNOWN, code=held.code, leased_by=held.worker)


def _never_begun(held: _Held, *, now: datetime) -> Outcome:
    return Outcome(
        delivery=held.pk,
        alert=held.alert,
        to=DeliveryState.DUE,
        code=held.code,
        leased_by=held.worker,
        not_before=now,
    )


def _was_taken(delivery: UUID, alert: UUID, taken: Receipt) -> Outcome:
    return Outcome(
        delivery=delivery,
        alert=alert,
        to=DeliveryState.ACCEPTED,
        provider=taken.provider,
        provider_id=taken.provider_id,
    )
