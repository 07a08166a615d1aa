"""STOP: a number that wants no more texts. The network keeps to it by itself; the record says so to her."""

from datetime import datetime

from django.db import transaction

from alerts.domain import timeline
from alerts.models import Alert, Contact, Link
from alerts.states import EventKind


def stop(contact: Contact, *, now: datetime) -> bool:
    """No SMS to this contact's number from now on, wherever it stands; a line in every live alert that it is told of.

    Calls and mails go on. Returns whether this changed anything: STOP twice over is one line.
    """
    told = Link.objects.filter(contact__phone_digest=contact.phone_digest, cut_off_at=None)
    with transaction.atomic():
        live = Alert.objects.live_for_contacts(now).filter(pk__in=told.values("alert_id"))
        locked = live.select_for_update(of=("self",)).select_related("victim").order_by("pk")
        alerts = {alert.pk: alert for alert in locked}  # before their rows, as everywhere
        rows = Contact.objects.filter(phone_digest=contact.phone_digest, sms_stopped_at=None)
        stopped = set(rows.values_list("pk", flat=True)) if contact.phone_digest else set()
        Contact.objects.filter(pk__in=stopped).update(sms_stopped_at=now)
        for link in told.filter(alert__in=alerts, contact__in=stopped).select_related("contact").order_by("pk"):
            alert = alerts[link.alert_id]
            event = timeline.append(alert, EventKind.STOPPED, at=now, contact=link.contact)
            timeline.announce(alert, "action", event=event, contact=link.contact_id)
    return bool(stopped)


def resume(contact: Contact) -> bool:
    """SMS to this contact's number again. Returns whether they had been stopped."""
    if not contact.phone_digest:
        return False
    rows = Contact.objects.filter(phone_digest=contact.phone_digest, sms_stopped_at__isnull=False)
    return bool(rows.update(sms_stopped_at=None))
