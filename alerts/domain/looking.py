"""Who looked at her position or saw that there was an alert, and when: for her to read, for nobody to take back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.utils.translation import gettext as _

from alerts.domain import endings
from alerts.models import Account, Alert, Look

AGAIN_AFTER = timedelta(hours=1)  # the same person at the same list is one look an hour, as on the live page
MOST = 500


class What(StrEnum):
    """What was looked at."""

    LINK = "link"  # a relative opened the link
    PAGE = "page"  # a relative read the live page, an hour or more later
    LIST = "list"  # staff saw the alert in the admin's list: no name, no position


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One look. `who` is a relative's name, or how staff is called here."""

    alert: UUID
    at: datetime
    who: str
    contact: int | None
    words: str


def by_staff(alerts: Collection[Alert], account: Account, *, now: datetime) -> None:
    """Write down that this account saw these alerts in a list, once an hour each."""
    recent = Look.objects.filter(alert__in=alerts, account=account, what=What.LIST, at__gt=now - AGAIN_AFTER)
    known = set(recent.values_list("alert_id", flat=True))
    new = [alert for alert in alerts if alert.pk not in known]
    Look.objects.bulk_create([Look(alert=alert, account=account, at=now, what=What.LIST) for alert in new])


def of(alerts: Collection[Alert]) -> list[Seen]:
    """Who looked at these past alerts of hers, the newest first.

    What relatives saw after the end of an alert under duress is left out: it would tell its reader which end it was.
    """
    ended = endings.of_all(alerts)
    looks = Look.objects.filter(alert__in=[alert.pk for alert in alerts]).select_related("contact").order_by("-at")
    said = _words()
    shown = [look for look in looks if look.account_id is not None or look.at <= ended[look.alert_id]]
    return [_seen(look, said) for look in shown[:MOST]]


def _seen(look: Look, said: Mapping[str, str]) -> Seen:
    return Seen(
        alert=look.alert_id,
        at=look.at,
        who=_who(look),
        contact=look.contact_id,
        words=said.get(look.what, said[What.PAGE]),
    )


def _who(look: Look) -> str:
    if look.contact is not None:
        return look.contact.name
    if look.account_id is not None:
        return _("Équipe du service (compte %(number)d)") % {"number": look.account_id}
    return _("Quelqu'un dont le compte ou la fiche n'existe plus")


def _words() -> Mapping[str, str]:
    return {
        What.LINK: _("a ouvert le lien, avec la position"),
        What.PAGE: _("a regardé la page, avec la position"),
        What.LIST: _("a vu l'alerte dans une liste, sans nom ni position"),
    }
