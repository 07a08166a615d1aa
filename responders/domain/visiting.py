"""A browser opens a contact's link and comes back to the contact's place in the alert."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from alerts import links
from alerts.domain import responding
from alerts.models import Alert, LinkToken, Look
from alerts.states import LIVE_FOR_CONTACTS, EventKind
from responders.models import ConsentVisit, Visit

READS_ENDED_FOR = timedelta(hours=24)
LOOK_AGAIN_AFTER = timedelta(hours=1)
_KEY_BYTES = 32  # 256 bits, 43 characters
_KEY_CHARACTERS = 43


def enter(token: LinkToken, browser_key: str, *, now: datetime) -> str:
    """A human opened this link in this browser: returns the key that the browser keeps, a new one if it had none.

    One key holds many places. A second browser at the same place is a line that everybody sees.
    """
    key = key_for(browser_key)
    link = token.link
    with transaction.atomic():
        others = Visit.objects.filter(link=link).exclude(browser_hash=links.fingerprint(key)).exists()
        visit, is_first = Visit.objects.get_or_create(
            link=link, browser_hash=links.fingerprint(key), defaults={"opened_at": now, "seen_at": now}
        )
        responding.open_link(link, token.delivery, now=now)
        if others and is_first:
            act = responding.Act(by="device")
            responding.note(link.alert_id, link.contact, act, kind=EventKind.LINK_OPENED, now=now)
        Visit.objects.filter(pk=visit.pk).update(seen_at=now, looked_at=now)
    return key


def find(place: str, browser_key: str, *, now: datetime) -> Visit | None:
    """This browser's visit to this place while it may read something there, else None: for 24 h after the end too.

    `visit.link.alert.is_live(now)` tells whether the alert goes on. Never opened here, forged, cut off and long over
    are told apart by nobody.
    """
    if not browser_key:
        return None
    visit = (
        Visit.objects.select_related("link__alert__victim", "link__contact")
        .filter(link__place=place, link__cut_off_at=None, browser_hash=links.fingerprint(browser_key))
        .first()
    )
    if visit is None or now >= ended_at(visit.link.alert, now=now) + READS_ENDED_FOR:
        return None
    return visit


def looks_somewhere(browser_key: str, *, now: datetime) -> bool:
    """Whether this browser may look at the map of any alert that goes on."""
    if not browser_key:
        return False
    return Visit.objects.filter(
        browser_hash=links.fingerprint(browser_key),
        link__cut_off_at=None,
        link__alert__state__in=LIVE_FOR_CONTACTS,
        link__alert__expires_at__gt=now,
    ).exists()


def ended_at(alert: Alert, *, now: datetime) -> datetime:
    """When the alert ended for its contacts (UTC): `now` while it goes on, its cap if nobody closed it before."""
    if alert.is_live(now):
        return now
    if alert.state in LIVE_FOR_CONTACTS or alert.ended_at is None:
        return alert.expires_at
    return alert.ended_at


def look(visit: Visit, *, now: datetime) -> None:
    """Write down that somebody looked at her position: once per browser and hour, not at every refresh."""
    due = Q(looked_at=None) | Q(looked_at__lte=now - LOOK_AGAIN_AFTER)
    with transaction.atomic():
        if Visit.objects.filter(due, pk=visit.pk).update(looked_at=now, seen_at=now):
            Look.objects.create(alert=visit.link.alert, contact=visit.link.contact, at=now, what="page")


def key_for(browser_key: str) -> str:
    """The key of this browser if we gave it, else a new one: a key that somebody planted is never taken."""
    return browser_key if _known(browser_key) else secrets.token_urlsafe(_KEY_BYTES)


def _known(browser_key: str) -> bool:
    if len(browser_key) != _KEY_CHARACTERS:
        return False
    ours = links.fingerprint(browser_key)
    return any(visits.filter(browser_hash=ours).exists() for visits in (Visit.objects, ConsentVisit.objects))
