"""Receipts that do not come: the network is asked where its message stands.

Our own web server may have been away when the receipt came, or the network may have lost it. So a text or a call that
was taken half a minute ago and of which nothing was heard is asked about, then again at intervals that double up to an
hour, for a day. The row says when it was asked: only one worker asks about one row.
"""

from datetime import datetime, timedelta
from functools import partial

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Q, Value

from alerts.domain import deliveries
from alerts.domain.sending import Sender
from alerts.models import Delivery
from alerts.models.deliveries import DeliveryQuerySet
from alerts.states import Channel, DeliveryState

FIRST_AFTER = timedelta(seconds=30)
SELDOM = timedelta(hours=1)
FOR = timedelta(days=1)  # a text is given up by the network long before


def ask_missing(sender: Sender, *, now: datetime) -> None:
    """Record what was answered since the last sweep, and ask about what is overdue. Never waits for a network."""
    for told in sender.inquiries.told():
        if told.standing is not None and told.standing.state != DeliveryState.ACCEPTED:
            deliveries.receive_receipt(told.delivery, told.standing, now=now)
    room = sender.inquiries.room()
    for delivery in overdue(now)[:room] if room else ():
        if _is_ours_to_ask(delivery, now=now):
            channel = Channel(delivery.channel)
            question = partial(sender.ways[channel].ask, channel, delivery.provider_id)
            sender.inquiries.put(delivery.pk, question)


def overdue(now: datetime) -> DeliveryQuerySet:
    """Taken, and nothing heard since; those never asked about first."""
    waiting = Delivery.objects.filter(
        state=DeliveryState.ACCEPTED,
        channel__in=(Channel.SMS, Channel.VOICE),
        moved_at__lte=now - FIRST_AFTER,
        moved_at__gt=now - FOR,
        alert__isnull=False,
    ).exclude(provider_id="")
    since_asked = ExpressionWrapper(
        Value(now, output_field=DateTimeField()) - F("asked_at"), output_field=DurationField()
    )
    asked_after = ExpressionWrapper(F("asked_at") - F("moved_at"), output_field=DurationField())
    never = Q(asked_at=None) | Q(asked_at__lte=F("moved_at"))  # asked about while its fate was unknown
    again = Q(asked_at__lte=now - SELDOM) | Q(since_asked__gte=F("asked_after"))
    due = waiting.annotate(since_asked=since_asked, asked_after=asked_after).filter(never | again)
    return due.order_by(F("asked_at").asc(nulls_first=True), "moved_at")


def _is_ours_to_ask(delivery: Delivery, *, now: datetime) -> bool:
    """Whether this worker was the first to say that it asks."""
    unasked = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.ACCEPTED, asked_at=delivery.asked_at)
    return bool(unasked.update(asked_at=now))
