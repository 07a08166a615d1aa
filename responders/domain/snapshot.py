"""The whole state of an alert as one contact sees it: what the page shows first, what a socket sends first.

The sequence is read before everything else: what changes meanwhile is told again by an event, never lost.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import F, OuterRef, Subquery
from django.utils.translation import override

from alerts.domain import stories, streets, timeline, tracking
from alerts.models import Alert, Contact, Delivery, Event, Link, Position
from alerts.states import AlertState, EventKind
from responders.domain import calling, geometry, room
from responders.models import Role, SharedPosition

MOST_TRACK_POINTS = 300
_MOST_ROWS = 3_600  # one hour at one fix a second; a longer track is first sampled in the database
_DECIMALS = 5  # about a metre
# By which way the last one took charge: the sender of an SMS can be forged, and the others should know.
_TAKING = Event.objects.filter(alert=OuterRef("pk"), kind__in=(EventKind.TAKE_CHARGE, EventKind.HAND_OVER))
_LAST_WAY = Subquery(_TAKING.order_by("-sequence").values("by")[:1])


def read(link: Link, *, now: datetime) -> dict[str, object]:
    """The snapshot of contract.md for the contact at this place, in her or his language.

    After the end there is neither position nor track. Costs eight queries, however long the alert lasted.
    """
    alert = Alert.objects.select_related("victim").annotate(last_way=_LAST_WAY).get(pk=link.alert_id)
    way = getattr(alert, "last_way", None)
    places = _places(alert)
    contacts = {place.contact_id: place.contact for place in places}
    deliveries = _deliveries(alert, contacts)
    live = alert.is_live(now)
    calls = calling.lines(alert)
    with override(link.contact.language):
        lines = _timeline(alert, contacts, deliveries, live=live)
    return {
        "type": "snapshot",
        "server_now": now.isoformat(),
        "sequence": alert.sequence,
        "alert": {
            "kind": alert.kind,
            "state": AlertState.EXPIRED if not live and alert.state == AlertState.OPEN else alert.state,
            "ended": not live,
            "drill": alert.drill,
            "opened_at": alert.opened_at.isoformat(),
        },
        "victim": {"name": alert.victim.name, "phone_allowed": alert.victim.phone_allowed or link.contact.may_ring},
        "position": _position(alert, now=now) if live else None,
        "track": _track(alert) if live else [],
        "deliveries": [timeline.delivery_line(delivery, delivery.contact) for delivery in deliveries.values()],
        "responders": [
            {
                **_responder(place, link, alert, live=live),
                "in_charge_by": way if place.contact_id == alert.in_charge_id else None,
            }
            for place in places
            if place.cut_off_at is None
        ],
        "in_charge": contacts[alert.in_charge_id].name if alert.in_charge_id in contacts else None,
        "seventeen": calling.told(calls),
        "calls": calls,
        "room": room.line(alert.pk) if live else None,
        "timeline": lines,
    }


def shared_line(shared: SharedPosition) -> dict[str, object]:
    """Where a responder chose to say she or he is, for the pages."""
    return {
        "latitude": shared.latitude,
        "longitude": shared.longitude,
        "accuracy": shared.accuracy,
        "at": shared.at.isoformat(),
    }


def _places(alert: Alert) -> list[Link]:
    places = Link.objects.filter(alert=alert).select_related("contact", "shared_position", "role")
    return list(places.order_by("contact__rank", "pk"))


def _deliveries(alert: Alert, contacts: Mapping[int, Contact]) -> dict[UUID, Delivery]:
    """Rows take their contact from the places: nothing is decrypted twice."""
    deliveries: dict[UUID, Delivery] = {}
    for delivery in Delivery.objects.filter(alert=alert).order_by("created_at", "contact__rank", "channel"):
        if delivery.contact_id in contacts:
            delivery.contact = contacts[delivery.contact_id]
        deliveries[delivery.pk] = delivery
    return deliveries


def _responder(place: Link, own: Link, alert: Alert, *, live: bool) -> dict[str, object]:
    role: Role | None = getattr(place, "role", None)
    shared: SharedPosition | None = getattr(place, "shared_position", None) if live else None
    return {
        "contact": place.contact_id,
        "name": place.contact.name,
        "you": place.pk == own.pk,
        "opened": place.opened_at is not None,
        "in_charge": place.contact_id == alert.in_charge_id,
        "role": role.kind if role else None,
        "position": shared_line(shared) if shared else None,
    }


def _position(alert: Alert, *, now: datetime) -> dict[str, object] | None:
    newest = tracking.newest(alert)
    if newest is None:
        return None
    streets.wonder(alert.pk, newest.latitude, newest.longitude)  # another process may have asked; this one did not
    return tracking.position_line(newest, now=now)


def _track(alert: Alert) -> list[list[object]]:
    fixes = Position.objects.filter(alert=alert)
    stride = max(1, math.ceil(fixes.count() / _MOST_ROWS))
    rows = list(
        fixes.annotate(rest=F("pk") % stride)
        .filter(rest=0)
        .order_by("recorded_at", "pk")
        .values_list("latitude", "longitude", "recorded_at")
    )
    thinned = geometry.thin(rows, MOST_TRACK_POINTS)
    return [[round(lat, _DECIMALS), round(lon, _DECIMALS), at.isoformat()] for lat, lon, at in thinned]


def _timeline(
    alert: Alert, contacts: Mapping[int, Contact], deliveries: Mapping[UUID, Delivery], *, live: bool
) -> list[dict[str, object]]:
    """The newest lines, the newest first; after the end they say no place any more."""
    lines = []
    for event in stories.newest(alert):
        event.alert = alert
        if event.contact_id is not None and event.contact_id in contacts:
            event.contact = contacts[event.contact_id]
        if event.delivery_id is not None and event.delivery_id in deliveries:
            event.delivery = deliveries[event.delivery_id]
        lines.append({**timeline.facts(event), "text": timeline.words(event, placed=live)})
    return lines
