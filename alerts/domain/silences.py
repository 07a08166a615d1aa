"""What has quietly stopped working: told on her own page, in words that mean nothing to who looks over her shoulder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts import access
from alerts.domain import reaching
from alerts.models import Alert, Contact, Phone, Victim
from alerts.states import TOLD

_LOW_BATTERY = 15  # percent
_LOW_CELL = 20  # percent; as the page itself says it (static/js/pure/button.js)


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
    return [*_phones(victim, now=now), *_contacts(victim, now=now), *_drills(victim, now=now)]


def _phones(victim: Victim, *, now: datetime) -> Sequence[Silence]:
    """Of several telephones the one that was seen last speaks: an old one in a drawer is no failure."""
    phones = Phone.objects.active().filter(victim=victim)
    newest = max(phones, key=lambda phone: phone.seen_at or phone.paired_at, default=None)
    if newest is None:
        return ()
    label = newest.label or _("Téléphone")
    days = (now - (newest.seen_at or newest.paired_at)).days
    if days >= settings.SILENT_AFTER["phone_days"]:  # what it told before that is no news
        words = ngettext(
            "%(label)s : pas vu depuis %(days)d jour. Ouvrez sa page un instant.",
            "%(label)s : pas vu depuis %(days)d jours. Ouvrez sa page un instant.",
            days,
        )
        return (Silence(about=About.PHONES, words=words % {"label": label, "days": days}),)
    said = (_battery(newest, label), _position(newest, label), _button(newest, label, now=now))
    return [Silence(about=About.PHONES, words=words) for words in said if words]


def _battery(phone: Phone, label: str) -> str:
    if phone.battery is None or phone.battery > _LOW_BATTERY:
        return ""
    words = _("%(label)s : batterie à %(percent)d %% la dernière fois.")
    return words % {"label": label, "percent": phone.battery}


def _position(phone: Phone, label: str) -> str:
    if phone.position_allowed is not False:
        return ""
    return _("%(label)s : position plus autorisée. Ouvrez sa page un instant.") % {"label": label}


def _button(phone: Phone, label: str, *, now: datetime) -> str:
    """Called by a word that fits headphones, too: whoever reads along learns of no button."""
    if phone.button_seen_at is None:
        return ""
    days = (now - phone.button_seen_at).days
    if days >= settings.SILENT_AFTER["button_days"]:
        words = ngettext(
            "%(label)s : accessoire pas vu depuis %(days)d jour. Ouvrez sa page un instant.",
            "%(label)s : accessoire pas vu depuis %(days)d jours. Ouvrez sa page un instant.",
            days,
        )
        return words % {"label": label, "days": days}
    if phone.button_battery is None or phone.button_battery > _LOW_CELL:
        return ""
    words = _("%(label)s : pile de l'accessoire à %(percent)d %%.")
    return words % {"label": label, "percent": phone.button_battery}


def _contacts(victim: Victim, *, now: datetime) -> Sequence[Silence]:
    """Relatives whom nothing reaches."""
    told = list(Contact.objects.filter(victim=victim, state__in=TOLD).order_by("rank", "pk"))
    ways = reaching.ways(told, now=now)
    return [
        Silence(about=About.CONTACTS, words=_("%(name)s : rien ne lui parvient.") % {"name": contact.name})
        for contact in told
        if reaching.is_unreachable(ways[contact.pk])
    ]


def _drills(victim: Victim, *, now: datetime) -> Sequence[Silence]:
    days = settings.SILENT_AFTER["drill_days"]
    last = access.drills_of(victim).values_list("opened_at", flat=True).first()
    proved = Alert.objects.filter(victim=victim, opened_at__gt=now - timedelta(days=days)).exists()
    if last is None or proved:  # none yet stands in the list of what remains to be done
        return ()
    return (Silence(about=About.DRILLS, words=_("Le dernier essai date : refaites-en un.")),)
