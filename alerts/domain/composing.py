"""From a delivery and what is known of its alert to the message that a way out takes."""

from django.conf import settings
from django.urls import reverse

from alerts import links
from alerts.domain import messages
from alerts.domain.messages import Place, Telling
from alerts.models import Alert, Delivery, Position
from alerts.providers.base import Message
from alerts.states import AlertKind, Channel, Occasion


def telling_of(delivery: Delivery, alert: Alert, position: Position | None, *, token: str) -> Telling:
    """The facts of one message."""
    victim = alert.victim
    kind = AlertKind(alert.kind)
    own = {
        AlertKind.PREVENTION: victim.text_prevention,
        AlertKind.RESCUE: victim.text_rescue,
        AlertKind.ALARM: victim.text_alarm,
    }
    return Telling(
        occasion=Occasion(delivery.occasion),
        kind=kind,
        name=victim.name,
        at=delivery.created_at,
        time_zone=victim.time_zone,
        language=delivery.contact.language,
        place=place_of(position),
        link=links.url(token) if token else "",
        own_text=own[kind],
        drill=alert.drill,
        phone_allowed=victim.phone_allowed,
    )


def place_of(position: Position | None) -> Place | None:
    """Where she is as far as known: coordinates to ten metres or so."""
    if position is None:
        return None
    return Place(text=f"{position.latitude:.4f},{position.longitude:.4f}")


def message_of(delivery: Delivery, alert: Alert, position: Position | None, *, token: str) -> Message:
    """The message as a way out takes it."""
    channel = Channel(delivery.channel)
    contact = delivery.contact
    composed = messages.compose(telling_of(delivery, alert, position, token=token), channel)
    return Message(
        id=delivery.pk,
        channel=channel,
        to=contact.email if channel is Channel.EMAIL else contact.phone_number,
        name=contact.name,
        text=composed.text,
        subject=composed.subject,
        html=composed.html,
        language=contact.language,
        prompt=messages.keys_spoken(contact.language, drill=alert.drill) if channel is Channel.VOICE else "",
        pressed=_hook("alerts:twilio_keys", delivery) if channel is Channel.VOICE else "",
        receipts=_hook("alerts:twilio_status", delivery) if channel is not Channel.EMAIL else "",
    )


def _hook(name: str, delivery: Delivery) -> str:
    path: str = reverse(name, args=[delivery.pk])
    return f"{settings.SHERIF.public_url}{path}"
