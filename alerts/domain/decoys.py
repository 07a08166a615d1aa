"""A decoy stands on her pages as somebody who was told: Paul, who reads them, must not learn it from a list."""

from collections.abc import Collection, Mapping

from alerts.models import MOST_CONTACTS, Alert, Contact, Victim
from alerts.models.contacts import ContactQuerySet
from alerts.states import TOLD, AlertKind, Channel, ContactState, Gesture

_GESTURES: Mapping[AlertKind, Gesture] = {
    AlertKind.PREVENTION: Gesture.SINGLE,
    AlertKind.RESCUE: Gesture.DOUBLE,
    AlertKind.ALARM: Gesture.LONG,
}


def enrolled(victim: Victim) -> ContactQuerySet:
    """Her relatives as far as her list shows them: whoever is told, and whoever seems to be."""
    seem = {*TOLD, ContactState.DECOY}
    return victim.contacts.filter(state__in=seem, rank__lte=MOST_CONTACTS).order_by("rank", "pk")


def seeming(alert: Alert, *, told: Collection[int]) -> list[tuple[Contact, tuple[Channel, ...]]]:
    """Decoys who are not among those told of this alert (ids), with the ways by which they seem to have been told."""
    gesture = _GESTURES[AlertKind(alert.kind)]
    decoys = Contact.objects.filter(victim=alert.victim_id, state=ContactState.DECOY, created_at__lte=alert.opened_at)
    if gesture is Gesture.SINGLE:
        decoys = decoys.filter(on_single=True)
    missing = decoys.exclude(pk__in=told).order_by("rank", "pk")
    return [(contact, ways) for contact in missing if (ways := contact.channels(gesture))]
