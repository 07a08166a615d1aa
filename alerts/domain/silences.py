"""What has quietly stopped working: told on her own page, in words that mean nothing to who looks over her shoulder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts import access
from alerts.domain import failures
from alerts.models import Alert, Contact, Delivery, Phone, Victim
from alerts.states import ENDINGS, TOLD, DeliveryState, Gesture

_LOW_BATTERY = 15  # percent
_SETTLED = frozenset({DeliveryState.FAILED, DeliveryState.DELIVERED, DeliveryState.OPENED, DeliveryState.ANSWERED})


class About(StrEnum):
    """Where she mends it."""

    PHONES = "phones"
    CONTACTS = "contacts"
    DRILLS = "drills"


@dataclass(frozen=True, kw_only=True)
class Silence:
    """One thing that fails without a sound: a sentence, and the page on which it is mended."""

    about: About
    words: str


def found(victim: Victim, *, now: datetime) -> list[Silence]:
    """Everything of hers that is silent at this moment."""
    return [*_phones(victim, now=now), *_contacts(victim), *_drills(victim, now=now)]


def _phones(victim: Victim, *, now: datetime) -> Sequence[Silence]:
    """Of several telephones the one that was seen last speaks: an old one in a drawer is no failure."""
    phones = Phone.objects.active().filter(victim=victim)
    newest = max(phones, key=lambda phone: phone.seen_at or phone.paired_at, default=None)
    if newest is None:
        return ()
    since = newest.seen_at or newest.paired_at
    days = (now - since).days
    label = newest.label or _("Téléphone")
    if days >= settings.SILENT_AFTER["phone_days"]:
        words = ngettext(
            "%(label)s : pas vu depuis %(days)d jour. Ouvrez sa page un instant.",
            "%(label)s : pas vu depuis %(days)d jours. Ouvrez sa page un instant.",
            days,
        )
        return (Silence(about=About.PHONES, words=words % {"label": label, "days": days}),)
    if newest.battery is not None and newest.battery <= _LOW_BATTERY:
        words = _("%(label)s : batterie à %(percent)d %% la dernière fois.")
        return (Silence(about=About.PHONES, words=words % {"label": label, "percent": newest.battery}),)
    return ()


def _contacts(victim: Victim) -> Sequence[Silence]:
    """Relatives whom nothing reaches: by every way the newest message failed, or no way is left."""
    return [
        Silence(about=About.CONTACTS, words=_("%(name)s : rien ne lui parvient.") % {"name": contact.name})
        for contact in Contact.objects.filter(victim=victim, state__in=TOLD).order_by("rank", "pk")
        if _is_unreachable(contact)
    ]


def _is_unreachable(contact: Contact) -> bool:
    ways = contact.channels(Gesture.DOUBLE)
    sent = Delivery.objects.filter(contact=contact, channel__in=ways, state__in=_SETTLED).exclude(occasion__in=ENDINGS)
    meant = sent.exclude(error_code__in=[*failures.NEEDLESS, failures.OVER])
    newest = dict(meant.order_by("created_at").values_list("channel", "state"))
    return not ways or (bool(newest) and set(newest.values()) == {DeliveryState.FAILED})


def _drills(victim: Victim, *, now: datetime) -> Sequence[Silence]:
    days = settings.SILENT_AFTER["drill_days"]
    last = access.drills_of(victim).values_list("opened_at", flat=True).first()
    proved = Alert.objects.filter(victim=victim, opened_at__gt=now - timedelta(days=days)).exists()
    if last is None or proved:  # none yet stands in the list of what remains to be done
        return ()
    return (Silence(about=About.DRILLS, words=_("Le dernier essai date : refaites-en un.")),)
