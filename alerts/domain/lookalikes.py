"""Messages that a network's list does not tell apart: calls to one number, and texts that carry no link.

A text is known by the token in it. A call is known by its number and time alone, and several may go to one number at
once: a click and its upgrade, the rounds of the ladder, the on-call line of many victims. So the list is counted: as
many calls as messages in doubt, and all of them arrived; none, and none did; fewer, and nobody can tell which: then all
of them go again, once. Otherwise one message would take another one's call for its own and reach nobody.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from alerts.models import Delivery, LinkToken
from alerts.providers.base import CannotTellError, Provider, Receipt, Sought
from alerts.states import Channel, DeliveryState

HOLD = timedelta(seconds=10)  # how long a question takes at most
_SOON = timedelta(seconds=1)
_LONG_AGO = timedelta(minutes=1)  # well beyond what clocks differ by


class AmbiguousError(CannotTellError):
    """The network took some of several messages that look alike; `found` are its names of them."""

    def __init__(self, found: Sequence[Receipt]) -> None:
        super().__init__(len(found))
        self.found = found


def to_the_same(delivery: Delivery) -> "QuerySet[Delivery]":
    """All others by this channel to the same telephone, whoever's relative it is."""
    contact = delivery.contact
    same = Q(contact=contact)
    if contact.phone_digest:
        same |= Q(contact__phone_digest=contact.phone_digest)
    return Delivery.objects.filter(same, channel=delivery.channel).exclude(pk=delivery.pk)


def taken_ids(delivery: Delivery) -> frozenset[str]:
    """The network's names of what went to this telephone and is not this message."""
    others = to_the_same(delivery).filter(moved_at__gte=delivery.created_at - _LONG_AGO).exclude(provider_id="")
    names = set(others.values_list("provider_id", flat=True))
    if not delivery.provider:  # perhaps its own first copy, perhaps another's: see `AmbiguousError`
        names |= {delivery.provider_id} - {""}
    return frozenset(names)


def is_of_another(receipt: Receipt, delivery: Delivery) -> bool:
    """Whether this call or text is known to be another message."""
    return to_the_same(delivery).filter(provider=receipt.provider, provider_id=receipt.provider_id).exists()


def is_unmistakable(delivery: Delivery) -> bool:
    """Whether the network's list tells it from every other: a link travels in it."""
    return delivery.channel != Channel.VOICE and LinkToken.objects.filter(delivery=delivery).exists()


def in_doubt(delivery: Delivery) -> "QuerySet[Delivery]":
    """Others to the same telephone whose fate is unknown too."""
    return to_the_same(delivery).filter(state=DeliveryState.UNKNOWN, alert__isnull=False)


def is_disturbed(delivery: Delivery, *, now: datetime) -> bool:
    """Whether another one is on its way to this telephone right now, so that the list would not say whose it is."""
    young = now - delivery.moved_at < 2 * HOLD
    return young and to_the_same(delivery).filter(state=DeliveryState.SENDING).exists()


def must_wait(delivery: Delivery, *, now: datetime) -> bool:
    """Whether to ask later: another one is on its way, or being asked about.

    Both are marked as asked about before either looks here, so that one of two waits, also between two machines; the
    oldest is settled first.
    """
    if is_unmistakable(delivery):
        return False
    earlier = Q(created_at__lt=delivery.created_at) | Q(created_at=delivery.created_at, pk__lt=delivery.pk)
    twins = in_doubt(delivery).filter(earlier, asked_at__gt=now - HOLD)
    if not twins.exists() and not is_disturbed(delivery, now=now):
        return False
    put_off(delivery, now=now)
    return True


def put_off(delivery: Delivery, *, now: datetime) -> None:
    """Ask a second later."""
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.UNKNOWN).update(
        not_before=now + _SOON, asked_at=delivery.asked_at
    )


def find_among(way: Provider, sought: Sought, *, rivals: int) -> Receipt | None:
    """Ask for one of so many that look alike, and one more. Raises AmbiguousError, and what `Provider.find` raises."""
    found: list[Receipt] = []
    while len(found) <= rivals:
        known = sought.taken_ids | {receipt.provider_id for receipt in found}
        receipt = way.find(replace(sought, taken_ids=known))
        if receipt is None:
            break
        found.append(receipt)
    if not found:
        return None
    if len(found) <= rivals:
        raise AmbiguousError(found)
    return found[0]
