"""How the alerts of a process stand, in two small questions a second: a lost broadcast then costs a second."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from alerts.domain import timeline
from alerts.models import Alert, Event, Link
from alerts.states import LIVE_FOR_CONTACTS, AlertState, EventKind

_ENDS = (EventKind.CLOSED, EventKind.FALSE_ALARM, EventKind.EXPIRED)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The numbers of the alerts that go on, and the links (ids) that were cut off."""

    sequences: Mapping[UUID, int]
    cut_off: frozenset[int]


def read(alert_ids: Collection[UUID], *, now: datetime) -> Standing:
    """How these alerts stand; one that is absent from `sequences` is over."""
    live = Alert.objects.live_for_contacts(now).filter(pk__in=alert_ids)
    cut_off = Link.objects.filter(alert__in=alert_ids, cut_off_at__isnull=False)
    return Standing(
        sequences=dict(live.values_list("pk", "sequence")), cut_off=frozenset(cut_off.values_list("pk", flat=True))
    )


def ended(alert_id: UUID) -> dict[str, object] | None:
    """The `ended` message of an alert that is over, as its broadcast was; without a line if only its cap passed.

    None if she erased it meanwhile.
    """
    alert = Alert.objects.select_related("victim").filter(pk=alert_id).first()
    if alert is None:
        return None
    state = AlertState.EXPIRED if alert.state in LIVE_FOR_CONTACTS else alert.state
    message: dict[str, object] = {"type": "ended", "sequence": alert.sequence, "state": state}
    event = Event.objects.select_related("contact").filter(alert=alert, kind__in=_ENDS).order_by("-sequence").first()
    if event is not None:
        event.alert = alert
        message["event"] = timeline.line(event)
    return message
