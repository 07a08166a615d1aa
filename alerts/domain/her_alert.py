"""What her phone may show of her alert: never where a responder is, never that somebody calls the 17.

A closed alert and one closed under duress read the same, also after the cap; what went on among the contacts
afterwards is not in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from alerts.domain import failures
from alerts.models import Alert, Contact, Delivery, Event, Finding, Link
from alerts.states import (
    FARTHER,
    ON_CALLS,
    ROUNDS,
    AlertKind,
    AlertState,
    Channel,
    DeliveryState,
    EventKind,
    FindingKind,
    Occasion,
)

_SHOWN = (Occasion.CLICK, Occasion.UPGRADE, Occasion.UPGRADE_2, Occasion.DRILL, *ROUNDS, *ON_CALLS)
_TELLS_ANEW = frozenset({Occasion.UPGRADE, Occasion.UPGRADE_2})
_ANSWERS = (EventKind.DECLINED, EventKind.TAKE_CHARGE, EventKind.HAND_OVER)


@dataclass(frozen=True, kw_only=True)
class Told:
    """One contact who is told: how far it got by each channel, and what she or he did.

    `declined`: cannot help, and has not taken charge since. `stopped`: this number answered STOP to texts.
    """

    id: int
    name: str
    deliveries: tuple[tuple[Channel, DeliveryState], ...]
    opened: bool
    in_charge: bool
    declined: bool
    stopped: bool


@dataclass(frozen=True, kw_only=True)
class HerAlert:
    """An alert as her phone may know it."""

    id: UUID
    kind: AlertKind
    state: AlertState
    drill: bool
    opened_at: datetime
    contacts: tuple[Told, ...]
    in_charge: str | None
    nobody_reached: bool


def view(alert: Alert, *, now: datetime) -> HerAlert:
    """Her alert at this moment; the alert is read anew, because her contacts act on it at the same time."""
    alert = Alert.objects.select_related("in_charge").get(pk=alert.pk)
    state = state_on_her_phone(alert, now=now)
    is_open = state is AlertState.OPEN
    return HerAlert(
        id=alert.pk,
        kind=AlertKind(alert.kind),
        state=state,
        drill=alert.drill,
        opened_at=alert.opened_at,
        contacts=_told(alert) if is_open else (),
        in_charge=alert.in_charge.name if is_open and alert.in_charge else None,
        nobody_reached=is_open and _is_unreached(alert),
    )


def state_on_her_phone(alert: Alert, *, now: datetime) -> AlertState:
    """Open, closed or expired. One closed under duress stays closed here when it expires for the contacts."""
    if alert.state == AlertState.OPEN:
        return AlertState.OPEN if now < alert.expires_at else AlertState.EXPIRED
    return AlertState.EXPIRED if alert.state == AlertState.EXPIRED and not alert.reason else AlertState.CLOSED


def _is_unreached(alert: Alert) -> bool:
    """Whether the auditor found, a minute after her click or later, that nobody is known to have received it."""
    return Finding.objects.filter(alert=alert, kind=FindingKind.NOBODY_REACHED, cleared_at=None).exists()


def _told(alert: Alert) -> tuple[Told, ...]:
    opened = dict(Link.objects.filter(alert=alert).values_list("contact_id", "opened_at"))
    declined = _declined(alert)
    furthest = _furthest(alert)
    return tuple(
        Told(
            id=contact.pk,
            name=contact.name,
            deliveries=tuple(sorted(furthest.get(contact.pk, {}).items(), key=_in_order)),
            opened=opened[contact.pk] is not None,
            in_charge=contact.pk == alert.in_charge_id,
            declined=contact.pk in declined,
            stopped=contact.sms_stopped_at is not None,
        )
        for contact in Contact.objects.filter(pk__in=opened).order_by("rank", "pk")
    )


def _furthest(alert: Alert) -> Mapping[int, Mapping[Channel, DeliveryState]]:
    """How far it got to each contact by each way since the click, or the stronger click, that told her or him last.

    A round that fails takes nothing back from the text that arrived before it.
    """
    shown = Delivery.objects.filter(alert=alert, occasion__in=_SHOWN).exclude(error_code__in=failures.NEEDLESS)
    rows = shown.order_by("created_at").values_list("contact_id", "channel", "occasion", "state")
    furthest: dict[int, dict[Channel, DeliveryState]] = {}
    for contact, channel, occasion, state in rows:
        ways, now = furthest.setdefault(contact, {}), DeliveryState(state)
        before = ways.get(Channel(channel))
        if before is None or occasion in _TELLS_ANEW or FARTHER.index(now) >= FARTHER.index(before):
            ways[Channel(channel)] = now
    return furthest


def _declined(alert: Alert) -> set[int]:
    """Those whose last word was that they cannot help."""
    said = Event.objects.filter(alert=alert, kind__in=_ANSWERS, contact__isnull=False).order_by("sequence")
    last = dict(said.values_list("contact_id", "kind"))
    return {contact for contact, kind in last.items() if kind == EventKind.DECLINED}


def _in_order(delivery: tuple[Channel, DeliveryState]) -> int:
    return list(Channel).index(delivery[0])
