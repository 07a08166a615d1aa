"""When an alert ended for her, which is all that her pages may know of its end.

An alert that she closed under duress goes on for her relatives. What her pages show of it must be, to the last figure,
what they would show had she closed it freely: nothing later than that moment, and no message that only one of the two
endings sends.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from alerts.models import Alert, Event
from alerts.states import EventKind

KINDS = frozenset({EventKind.CLOSED, EventKind.FALSE_ALARM, EventKind.CLOSED_UNDER_DURESS, EventKind.EXPIRED})


def of_all(alerts: Collection[Alert]) -> Mapping[UUID, datetime]:
    """When each of them ended for her (UTC): its first ending, or its cap where none was written yet."""
    said = Event.objects.filter(alert__in=[alert.pk for alert in alerts], kind__in=KINDS).order_by("-sequence")
    first = dict(said.values_list("alert_id", "at"))
    return {alert.pk: first.get(alert.pk, alert.expires_at) for alert in alerts}


def of(alert: Alert) -> datetime:
    """The same of one."""
    return of_all([alert])[alert.pk]
