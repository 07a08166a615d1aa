"""During an alert she takes somebody out of it: two taps and her PIN. The link dies, the others read who was cut off.

Outside an alert a relative is removed from the list instead (`alerts.domain.contacts`), and learns nothing of it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from alerts.domain import enrolment, responding, timeline
from alerts.domain.closing import OtherAlertError
from alerts.domain.responding import Act
from alerts.models import Alert, Link, Phone
from alerts.states import AlertState, EventKind


@dataclass(frozen=True, kw_only=True)
class Cut:
    """What she chose and typed: whom (by the contact's id) to take out of which alert, and her PIN."""

    alert_id: UUID
    contact_id: int
    pin: str


def cut_off(phone: Phone, cut: Cut, *, now: datetime) -> None:
    """Take a contact out of her alert, whatever she or he does in it at present. A repeat changes nothing.

    Under the duress PIN everything looks the same and nobody is cut off: whoever forces her hand shall not choose who
    watches. Raises enrolment.TooManyTriesError, enrolment.WrongPinError, OtherAlertError.
    """
    typed = enrolment.check_pin(phone, cut.pin, now=now)
    with transaction.atomic():
        alert = _locked(phone, cut.alert_id)
        link = Link.objects.select_related("contact").filter(alert=alert, contact=cut.contact_id).first()
        if link is None:
            raise OtherAlertError
        if typed is not AlertState.CLOSED or link.cut_off_at is not None or not alert.is_live(now):
            return
        responding.release(alert.pk, link.contact, Act(by="page"), now=now)
        Link.objects.filter(pk=link.pk).update(cut_off_at=now)
        event = timeline.append(alert, EventKind.CUT_OFF, at=now, contact=link.contact)
        timeline.announce(alert, "action", event=event, contact=link.contact_id, cut_off=True)


def _locked(phone: Phone, alert_id: UUID) -> Alert:
    """An alert of hers; its row stays locked."""
    hers = Alert.objects.select_for_update(of=("self",)).select_related("victim")
    alert = hers.filter(pk=alert_id, victim=phone.victim_id).first()
    if alert is None:
        raise OtherAlertError
    return alert
