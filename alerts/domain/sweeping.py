"""Every second: what nobody woke a worker for, what a dead worker held, what nobody knows, and alerts at their cap."""

import logging
import threading
from datetime import datetime, timedelta
from pathlib import Path

from django.db import DatabaseError, close_old_connections
from django.db.models import Q
from django.utils import timezone

from alerts.domain import alerting, deliveries, messages, owners
from alerts.domain.deliveries import IN_DOUBT, RESENT, Outcome
from alerts.domain.sending import Sender, own_connections, telling_of
from alerts.models import Alert, Delivery, LinkToken
from alerts.providers.base import CannotTellError, ProviderError, Sought
from alerts.states import Channel, DeliveryState

EVERY = 1.0  # seconds
ASK_FOR = timedelta(seconds=20)  # then a message of which nobody can say anything goes out again
_MOST = 200

log = logging.getLogger(__name__)


class Sweeper:
    """A thread of the worker. One broad `except`: whatever happens, it sweeps again a second later."""

    def __init__(self, sender: Sender, data_dir: Path) -> None:
        self._sender = sender
        self._data_dir = data_dir
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)

    def start(self) -> None:
        """Sweep at once, then every second."""
        self._thread.start()

    def stop(self) -> None:
        """End after the sweep that is under way."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        with own_connections():
            while not self._stopped.is_set():
                try:
                    close_old_connections()
                    sweep(self._sender, self._data_dir, now=timezone.now())
                except DatabaseError:
                    log.warning("The database did not answer the sweep; again in a second.", exc_info=True)
                except Exception:
                    log.exception("A sweep failed; again in a second.")
                self._stopped.wait(EVERY)


def sweep(sender: Sender, data_dir: Path, *, now: datetime) -> None:
    """One round. Every step is idempotent, so that any number of workers may sweep at once."""
    reclaim(data_dir, now=now)
    settle_unknown(sender, now=now)
    deliver_due(sender, now=now)
    alerting.expire_overdue(now=now)


def reclaim(data_dir: Path, *, now: datetime) -> None:
    """What dead workers of this machine held, at once; what anybody held longer than its lease."""
    with owners.dead(data_dir) as names:
        if names:
            found = deliveries.give_up_leases(Q(leased_by__in=names), now=now)
            log.warning("A worker died; %d deliveries are looked at again.", found)
    deliveries.give_up_leases(Q(leased_until__lte=now), now=now)


def deliver_due(sender: Sender, *, now: datetime) -> None:
    """Alerts with something due, the longest waiting first, as long as the network takes them."""
    waiting = Delivery.objects.due(now).filter(alert__isnull=False).order_by("not_before")
    for alert_id in dict.fromkeys(waiting.values_list("alert_id", flat=True)[:_MOST]):
        if not sender.has_room():
            return
        if alert_id is not None:
            sender.deliver(alert_id, now=now)


def settle_unknown(sender: Sender, *, now: datetime) -> None:
    """Ask the networks about every delivery whose fate is unknown, each on its own."""
    unknown = Delivery.objects.filter(state=DeliveryState.UNKNOWN, alert__isnull=False).exclude(error_code=IN_DOUBT)
    for delivery in unknown.select_related("contact", "alert__victim").order_by("moved_at")[:_MOST]:
        if outcome := asked(sender, delivery, now=now):
            deliveries.record([outcome], now=now)


def asked(sender: Sender, delivery: Delivery, *, now: datetime) -> Outcome | None:
    """What the network says: taken, or to be sent again. None: ask again later."""
    alert = delivery.alert
    if alert is None:
        return None
    try:
        receipt = sender.ways[Channel(delivery.channel)].find(_sought(delivery, alert))
    except CannotTellError:
        if delivery.error_code == RESENT:  # twice in doubt: a third copy would be one too many
            Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.UNKNOWN).update(error_code=IN_DOUBT)
            return None
        receipt = None
    except ProviderError:
        if now - delivery.moved_at < ASK_FOR:
            return None
        receipt = None
    if receipt is None:
        return Outcome(delivery=delivery.pk, alert=alert.pk, to=DeliveryState.DUE, code=RESENT, not_before=now)
    return Outcome(
        delivery=delivery.pk,
        alert=alert.pk,
        to=DeliveryState.ACCEPTED,
        provider=receipt.provider,
        provider_id=receipt.provider_id,
    )


def _sought(delivery: Delivery, alert: Alert) -> Sought:
    channel = Channel(delivery.channel)
    others = Delivery.objects.filter(contact=delivery.contact_id, channel=channel).exclude(pk=delivery.pk)
    composed = messages.compose(telling_of(delivery, alert, None, token=""), channel)
    return Sought(
        id=delivery.pk,
        channel=channel,
        to=delivery.contact.email if channel is Channel.EMAIL else delivery.contact.phone_number,
        since=delivery.created_at,
        token_hashes=frozenset(LinkToken.objects.filter(delivery=delivery).values_list("token_hash", flat=True)),
        text=composed.text,  # known in advance where no link travels: an ending says no place
        taken_ids=frozenset(others.exclude(provider_id="").values_list("provider_id", flat=True)),
    )
