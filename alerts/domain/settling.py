"""In doubt, ask: what became of messages whose fate is unknown."""

from datetime import datetime, timedelta

from alerts.domain import composing, deliveries, messages
from alerts.domain.deliveries import IN_DOUBT, RESENT, Outcome
from alerts.domain.sending import Sender
from alerts.models import Alert, Delivery, LinkToken
from alerts.providers.base import CannotTellError, ProviderError, Sought
from alerts.states import Channel, DeliveryState

ASK_FOR = timedelta(seconds=20)  # then a message of which nobody can say anything goes out again
_MOST = 200


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
    composed = messages.compose(composing.telling_of(delivery, alert, None, token=""), channel)
    return Sought(
        id=delivery.pk,
        channel=channel,
        to=delivery.contact.email if channel is Channel.EMAIL else delivery.contact.phone_number,
        since=delivery.created_at,
        token_hashes=frozenset(LinkToken.objects.filter(delivery=delivery).values_list("token_hash", flat=True)),
        text=composed.text,  # known in advance where no link travels: an ending says no place
        taken_ids=frozenset(others.exclude(provider_id="").values_list("provider_id", flat=True)),
        provider=delivery.provider,
    )
