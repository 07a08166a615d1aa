"""From a delivery and what is known of its alert to the message that a way out takes."""

from django.conf import settings
from django.urls import reverse

from alerts import links, places
from alerts.domain import messages, whereabouts
from alerts.domain.messages import Place, Telling
from alerts.models import Alert, Delivery, Position
from alerts.providers.base import Message
from alerts.states import ENDINGS, LAST_ROUNDS, ON_CALLS, ROUNDS, AlertKind, Channel, Occasion

SHORTEST, _LONGEST = 60, 4 * 3600  # seconds
_BEFORE_THE_LAST = frozenset(
    {Occasion.CLICK, Occasion.UPGRADE, Occasion.UPGRADE_2, Occasion.DRILL, *ROUNDS}
) - frozenset(LAST_ROUNDS)
_AGAIN = frozenset({*ROUNDS, *ON_CALLS})


def valid_for(delivery: Delivery, alert: Alert) -> int:
    """Seconds after which the network gives this SMS up, and says so.

    A text that the next round would replace lives as long as a step of the ladder: then a telephone that is off is
    known to be off. The last one waits for its telephone until the alert's own end, four hours at most.
    """
    if alert.kind != AlertKind.PREVENTION and delivery.occasion in _BEFORE_THE_LAST:
        wanted = settings.SHERIF.ladder_seconds
    elif delivery.occasion in {Occasion.END, Occasion.CORRECTION}:
        wanted = _LONGEST
    else:
        wanted = int((alert.expires_at - delivery.created_at).total_seconds())
    return min(max(wanted, SHORTEST), _LONGEST)


def telling_of(delivery: Delivery, alert: Alert, position: Position | None, *, token: str) -> Telling:
    """The facts of one message. A repetition bears the time of the click that made it as grave as it is."""
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
        at=(alert.graver_since or alert.opened_at) if delivery.occasion in _AGAIN else delivery.created_at,
        time_zone=victim.time_zone,
        language=delivery.contact.language,
        place=place_of(position, delivery.contact.language),
        link=links.url(token) if token else "",
        own_text=own[kind],
        drill=alert.drill,
        phone_allowed=victim.phone_allowed or delivery.contact.may_ring,
        code_word=delivery.contact.code_word,
        association=victim.association.name if victim.association else "",
        in_charge=alert.in_charge.name if delivery.occasion in _AGAIN and alert.in_charge else "",
    )


def place_of(position: Position | None, language: str) -> Place | None:
    """Where she is as far as known: the commune, and coordinates to ten metres or so."""
    if position is None:
        return None
    coordinates = f"{position.latitude:.4f},{position.longitude:.4f}"
    found = places.find(position.latitude, position.longitude)
    if found is None:
        return Place(text=coordinates)
    return Place(
        text=whereabouts.brief(found, language),
        coordinates=coordinates,
        full=", ".join(filter(None, (whereabouts.full(found, language), whereabouts.beside(found, language)))),
        spoken=whereabouts.sentence(found, language),
    )


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
        prompt=_keys(delivery, alert),
        pressed=_hook("alerts:twilio_keys", delivery) if channel is Channel.VOICE else "",
        receipts=_hook("alerts:twilio_status", delivery) if channel is not Channel.EMAIL else "",
        valid_for=valid_for(delivery, alert),
    )


def _keys(delivery: Delivery, alert: Alert) -> str:
    """Which keys may be pressed during a call; none once it is over."""
    if delivery.channel != Channel.VOICE or delivery.occasion in ENDINGS:
        return ""
    return messages.keys_spoken(delivery.contact.language, drill=alert.drill)


def _hook(name: str, delivery: Delivery) -> str:
    path: str = reverse(name, args=[delivery.pk])
    return f"{settings.SHERIF.public_url}{path}"
