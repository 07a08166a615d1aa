"""One attempt at one claimed delivery: composed, handed to its way out, and what became of it. No database."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from alerts.domain import composing, costs, deliveries, falling_back
from alerts.domain.claiming import LEASE, Claimed, since_boot
from alerts.domain.deliveries import Outcome
from alerts.domain.ways import Ways
from alerts.models import Alert, Delivery, Position
from alerts.providers import faults
from alerts.providers.base import Message, Provider, ProviderError, Punctual, Receipt, UnknownOutcomeError
from alerts.providers.twilio_words import is_our_fault
from alerts.states import Channel, DeliveryState

MAY_TAKE = timedelta(seconds=10)  # what a provider may take, by its contract: later in its lease nothing is begun

Clock = Callable[[], datetime]

log = logging.getLogger(__name__)


def attempt(
    claimed: Claimed,
    position: Position | None,
    *,
    ways: Ways,
    worker: str,
    clock: Clock = timezone.now,
    leaving: Callable[[], None] = lambda: None,
) -> Outcome:
    """One attempt at one delivery, without the database. Never raises what a network can cause.

    `leaving` is called once, right before the moment from which on the network may have taken it.
    """
    delivery = claimed.delivery
    alert = _alert(delivery)
    now = clock()
    if _is_late(claimed, now=now):
        return Outcome(
            delivery=delivery.pk,
            alert=alert.pk,
            to=DeliveryState.DUE,
            code=delivery.error_code,
            leased_by=worker,
            not_before=now,
            attempted=False,
        )
    message = composing.message_of(delivery, alert, position, token=claimed.token)
    try:
        receipt = _hand_over(message, ways[Channel(delivery.channel)], leaving)
    except ProviderError as error:
        return _failed(delivery, error, worker=worker, now=clock())
    except UnknownOutcomeError as error:
        log.warning("Delivery %s: no answer from the network.", delivery.pk)
        return Outcome(
            delivery=delivery.pk,
            alert=alert.pk,
            to=DeliveryState.UNKNOWN,
            code=delivery.error_code,
            provider=error.provider,
            leased_by=worker,
            parts=costs.parts_of(message),  # perhaps taken, perhaps billed
        )
    return Outcome(
        delivery=delivery.pk,
        alert=alert.pk,
        to=DeliveryState.ACCEPTED,
        provider=receipt.provider,
        provider_id=receipt.provider_id,
        parts=costs.parts_of(message),
    )


def _hand_over(message: Message, way: Provider, leaving: Callable[[], None]) -> Receipt:
    if isinstance(way, Punctual):
        return way.send_noting(message, leaving=leaving)
    leaving()
    return way.send(message)


def _failed(delivery: Delivery, error: ProviderError, *, worker: str, now: datetime) -> Outcome:
    if error.ours or is_our_fault(error.code):
        log.critical("The network refuses us (%s): nobody is told until key, sender and account are right.", error.code)
    if error.code in faults.ONE_NUMBER:
        log.error("Our account or sender does not reach this number (%s): see its settings.", error.code)
    log.warning("Delivery %s was refused (%s).", delivery.pk, error.code)
    again = deliveries.next_attempt(delivery.attempts + 1, now=now, retry_after=error.retry_after)
    return Outcome(
        delivery=delivery.pk,
        alert=_alert(delivery).pk,
        to=DeliveryState.FAILED if error.permanent else DeliveryState.DUE,
        code=error.code,
        leased_by=worker,
        not_before=None if error.permanent else again,
        elsewhere=falling_back.ways_after(error, refusals=delivery.attempts + 1),
    )


def _is_late(claimed: Claimed, *, now: datetime) -> bool:
    """Whether we were frozen, or every seat hung, for so long that soon another worker may hold it.

    Two clocks, because one of them may be set back while the message waits.
    """
    waited = timedelta(seconds=since_boot() - claimed.claimed_at)
    return now + MAY_TAKE > claimed.leased_until or waited + MAY_TAKE > LEASE


def _alert(delivery: Delivery) -> Alert:
    if delivery.alert is None:
        raise ValueError("a delivery without an alert is not this module's")
    return delivery.alert
