"""How she ends an alert from her phone: openly, or so that only her phone believes it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from alerts.domain import alerting, enrolment
from alerts.models import Alert, Phone
from alerts.states import AlertState


class OtherAlertError(Exception):
    """The id is that of no alert of hers; nothing was changed."""


@dataclass(frozen=True, kw_only=True)
class End:
    """What she typed: which alert, her PIN, "safe" or "false_alarm"."""

    alert_id: UUID
    pin: str
    reason: str


def close(phone: Phone, end: End, *, now: datetime) -> None:
    """End an alert of hers. An alert that has ended already stays as it is: a repeat is no error.

    Raises enrolment.TooManyTriesError, enrolment.WrongPinError, OtherAlertError.
    """
    to = enrolment.check_pin(phone, end.pin, now=now)
    alert = Alert.objects.select_related("victim").filter(pk=end.alert_id, victim=phone.victim_id).first()
    if alert is None:
        raise OtherAlertError
    if alert.state == AlertState.OPEN:
        alerting.close(alert, to, reason=end.reason, now=now)
