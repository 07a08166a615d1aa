"""Lets the operator's canary go and takes it back: an exercise from click to telephone, every SHERIF_CANARY_MINUTES.

It is a step of the sweep, not of the auditor: whoever judges it (`alerts.domain.canary`) has no part in it, and a
worker that lets none go is found out by that very fact.
"""

import logging
import secrets
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from alerts.domain import alerting, canary, costs
from alerts.domain.alerting import ClickReport
from alerts.domain.canary import Standing
from alerts.links import fingerprint
from alerts.models import Account, Alert, Contact, Phone, Victim
from alerts.models.alerts import AlertQuerySet
from alerts.models.fields import digest
from alerts.providers import numbers
from alerts.states import AlertState, ContactState, Gesture

KEPT = timedelta(days=7)  # then nobody wants to know any more how a drill of the operator's went
_AT_ONCE = 20  # forgotten in one go

log = logging.getLogger(__name__)


def forget_old(*, now: datetime) -> None:
    """Delete the canary's ended alerts that are older than KEPT, with all that hangs on them; their costs stay.

    Looks before it writes. Any number of workers may do so: a row is counted by the one that held its lock.
    """
    old = list(_old(now).values_list("pk", flat=True)[:_AT_ONCE])
    if not old:
        return
    with transaction.atomic():
        locked = Alert.objects.select_for_update(of=("self",)).filter(pk__in=old).order_by("pk")
        mine = list(locked.values_list("pk", flat=True))
        costs.keep(mine, now=now)
        Alert.objects.filter(pk__in=mine).delete()


def _old(now: datetime) -> AlertQuerySet:
    drills = Alert.objects.filter(drill=True, victim__canary=True, victim__account__username=canary.USERNAME)
    return drills.exclude(state=AlertState.OPEN).filter(opened_at__lt=now - KEPT).order_by("opened_at")


def tend(*, now: datetime) -> None:
    """End the canary whose fate is known; let the next one go when it is due. Any number of workers may do so."""
    sherif = settings.SHERIF
    if not sherif.canary_minutes or numbers.is_forbidden(sherif.canary_to):
        return
    last = canary.newest()
    if last is not None and last.state == AlertState.OPEN:
        if canary.standing(last, now=now) is not Standing.RUNNING:
            alerting.expire(last, now=now)  # not closed: nobody is told of its end
        return
    if last is None or now - last.opened_at >= timedelta(minutes=sherif.canary_minutes):
        _let_go(sherif.canary_to, every=timedelta(minutes=sherif.canary_minutes), now=now)


def _let_go(number: str, *, every: timedelta, now: datetime) -> None:
    with transaction.atomic():
        phone = _phone(number)
        Victim.objects.select_for_update().get(pk=phone.victim_id)
        last = canary.newest()
        if last is not None and now - last.opened_at < every:  # another worker was first
            return
        report = ClickReport(uid=uuid4(), gesture=Gesture.SINGLE, clicked_at=now, sent_at=now)
        alerting.receive_click(phone, report, now=now, drill=True)


def _phone(number: str) -> Phone:
    """The telephone of nobody: its credential is drawn and forgotten. Its one contact has this number (E.164)."""
    account, fresh = Account.objects.get_or_create(username=canary.USERNAME)
    if fresh:
        account.set_unusable_password()
        account.save(update_fields=["password"])
    victim, _ = Victim.objects.get_or_create(account=account, defaults={"canary": True, "name": "Canari"})
    _point_at(victim, number)
    phone = Phone.objects.active().filter(victim=victim).first()
    return phone or Phone.objects.create(
        victim=victim,
        token_hash=fingerprint(secrets.token_urlsafe(32)),
        osmand_id="",
        osmand_digest=digest("osmand", secrets.token_urlsafe(32)),
    )


def _point_at(victim: Victim, number: str) -> None:
    wanted = {"phone_number": number, "phone_digest": digest("number", number)}
    contact = Contact.objects.filter(victim=victim).first()
    if contact is None:
        Contact.objects.create(
            victim=victim,
            rank=1,
            name="Exploitant",
            by_voice=False,
            by_email=False,
            state=ContactState.ACCEPTED,
            **wanted,
        )
    elif contact.phone_digest != wanted["phone_digest"]:
        Contact.objects.filter(pk=contact.pk).update(**wanted)
