"""Who is rung in a round, and how: those of whom nothing human was heard, by telephone, never twice at once.

A delivered text and a completed call (voicemail!) reach nobody. What does: a key pressed, a link opened by hand,
anything done on the page or said by SMS, since the lap began.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min

from alerts.domain import composing, failures, returning
from alerts.models import MOST_CONTACTS, Alert, Contact, Delivery, Event, Link, Look
from alerts.states import TOLD, Channel, DeliveryState, EventKind, Gesture, Occasion

Told = list[tuple[Contact, Sequence[Channel]]]

_WAITS = frozenset({DeliveryState.DUE, DeliveryState.SENDING})
_ARRIVED = frozenset({DeliveryState.DELIVERED, DeliveryState.OPENED, DeliveryState.ANSWERED})
JITTER = timedelta(seconds=5)  # a text that the network is about to give up counts as given up
_IN_THE_DARK = 4  # steps during which a silent network may have a message; then a round tries all the same
_LONG = timedelta(hours=2)  # the last text of a lap waits at least so long for its telephone


@dataclass(frozen=True, kw_only=True)
class Company:
    """Who is rung now, and how; `waiting` says that somebody more must be, once the network took an earlier call."""

    rung: Told
    waiting: bool


@dataclass(frozen=True, kw_only=True)
class _Earlier:
    """The texts and calls of one contact in this alert so far."""

    texts: Sequence[Delivery] = ()
    calls: Sequence[Delivery] = ()

    def is_ringing(self, *, since: datetime) -> bool:
        """Whether a call has not left yet, or may be ringing: one whose fate is unknown since a moment."""
        return any(
            call.state in _WAITS or (call.state == DeliveryState.UNKNOWN and call.moved_at > since)
            for call in self.calls
        )

    def is_hopeless(self, channel: Channel) -> bool:
        """Whether this way failed so that it would fail again."""
        rows = self.texts if channel is Channel.SMS else self.calls
        return any(row.state == DeliveryState.FAILED and failures.is_hopeless(row.error_code) for row in rows)


def relatives(alert: Alert, *, since: datetime, now: datetime, last: bool) -> Company:
    """The relatives told in this alert, neither reached since then nor out of it by key 9.

    Each is called, and texted if no earlier text of the alert can still arrive; in the `last` round of a lap only a
    text that waits long for its telephone counts as one that can. A call that has not left yet, or left less than half
    a step ago, is not doubled: when the network comes back after a silence, nobody's telephone rings twice at once.
    Nor is one of which a silent network says nothing, for some steps: a round that rings nobody would be lost.
    """
    step = timedelta(seconds=settings.SHERIF.ladder_seconds)
    half_a_step_ago = now - step / 2
    dark = returning.in_the_dark(alert, since=now - _IN_THE_DARK * step)
    ringing = _rung_since(alert, half_a_step_ago) | _rung_for_another(alert, half_a_step_ago) | dark[Channel.VOICE]
    earlier = _earlier(alert)
    text_until = min(now + _LONG, alert.expires_at) - JITTER if last else now + JITTER
    rung: Told = []
    waiting = False
    for contact in _not_reached(alert, since=since):
        sent = earlier.get(contact.pk, _Earlier())
        channels = _channels(alert, contact, sent, text_until=text_until)
        if contact.pk in ringing or sent.is_ringing(since=half_a_step_ago):
            waiting = True
        elif lit := [channel for channel in channels if contact.pk not in dark[channel]]:
            rung.append((contact, lit))
        elif channels:
            waiting = True
    return Company(rung=rung, waiting=waiting)


def without_text(alert: Alert, *, now: datetime) -> Told:
    """The relatives of whom nothing human was heard in this alert, and whom no text of it can reach any more."""
    earlier = _earlier(alert)
    ways = [
        (contact, _channels(alert, contact, earlier.get(contact.pk, _Earlier()), text_until=now + JITTER))
        for contact in _not_reached(alert, since=alert.opened_at)
    ]
    return [(contact, [Channel.SMS]) for contact, channels in ways if Channel.SMS in channels]


def on_call(alert: Alert, occasion: Occasion, *, since: datetime) -> Told:
    """Her on-call line by all its ways, once for each occasion, unless it was reached or pressed 9; else nobody."""
    line = alert.victim.contacts.on_call()
    if line is None or line.pk in _reached(alert, since=since) | Event.objects.declined(alert):
        return []
    cut_off = Link.objects.filter(alert=alert, contact=line, cut_off_at__isnull=False)
    channels = line.channels(Gesture.DOUBLE)
    if not channels or cut_off.exists() or alert.deliveries.filter(contact=line, occasion=occasion).exists():
        return []
    return [(line, channels)]


def _not_reached(alert: Alert, *, since: datetime) -> list[Contact]:
    """The relatives told in this alert, in her order: not cut off, still among them, not out of it by key 9."""
    told = Link.objects.filter(
        alert=alert, cut_off_at=None, contact__state__in=TOLD, contact__rank__lte=MOST_CONTACTS
    ).select_related("contact")
    out = _reached(alert, since=since) | Event.objects.declined(alert)
    return [link.contact for link in told.order_by("contact__rank", "pk") if link.contact_id not in out]


def _reached(alert: Alert, *, since: datetime) -> set[int | None]:
    """The contacts (ids) of whom something human was heard since then."""
    opened = Look.objects.filter(alert=alert, what="link", at__gte=since)
    pressed = alert.deliveries.filter(state=DeliveryState.ANSWERED, moved_at__gte=since)
    acted = alert.events.filter(at__gte=since, contact__isnull=False).exclude(by="").exclude(kind=EventKind.STOPPED)
    return {pk for rows in (opened, pressed, acted) for pk in rows.values_list("contact_id", flat=True)}


def _earlier(alert: Alert) -> Mapping[int, _Earlier]:
    sent: dict[int, dict[str, list[Delivery]]] = {}
    for delivery in alert.deliveries.filter(channel__in=(Channel.SMS, Channel.VOICE)):
        sent.setdefault(delivery.contact_id, {Channel.SMS: [], Channel.VOICE: []})[delivery.channel].append(delivery)
    return {pk: _Earlier(texts=rows[Channel.SMS], calls=rows[Channel.VOICE]) for pk, rows in sent.items()}


def _rung_since(alert: Alert, moment: datetime) -> set[int]:
    """The contacts (ids) whose telephone began to ring after this moment, whatever was heard of that call later."""
    left = alert.events.filter(
        delivery__channel=Channel.VOICE, kind__in=(EventKind.ACCEPTED, EventKind.DELIVERED)
    ).values("delivery", "delivery__contact")
    lately = left.annotate(at_first=Min("at")).filter(at_first__gt=moment)
    return set(lately.values_list("delivery__contact", flat=True))


def _rung_for_another(alert: Alert, moment: datetime) -> set[int]:
    """The same for another alert of hers: one closed under duress goes on beside the one that she gave afterwards."""
    calls = Delivery.objects.filter(alert__victim=alert.victim_id, channel=Channel.VOICE, created_at__gt=moment)
    waits_or_rings = calls.exclude(alert=alert).exclude(state=DeliveryState.FAILED, provider_id="")
    return set(waits_or_rings.values_list("contact", flat=True))


def _channels(alert: Alert, contact: Contact, sent: _Earlier, *, text_until: datetime) -> list[Channel]:
    wanted = [Channel.VOICE]
    if not any(_can_arrive(text, alert, text_until) for text in sent.texts):
        wanted.append(Channel.SMS)
    open_ways = contact.channels(Gesture.DOUBLE)
    return [channel for channel in wanted if channel in open_ways and not sent.is_hopeless(channel)]


def _can_arrive(text: Delivery, alert: Alert, until: datetime) -> bool:
    """Whether this text arrived, or may arrive until then: an unknown fate and a missing receipt are no failures."""
    if text.state in _ARRIVED | _WAITS:
        return True
    if text.state == DeliveryState.FAILED:
        return False
    return text.moved_at + timedelta(seconds=composing.valid_for(text, alert)) > until
