"""A browser opens an invitation and comes back to the consent page of its contact."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from alerts import links
from alerts.domain import deliveries
from alerts.models import Consent, ConsentToken
from alerts.states import DeliveryState
from responders.domain import visiting
from responders.models import ConsentVisit, Visit

OPEN_FOR = timedelta(days=1)  # in this browser; then the link is opened again


def enter(token: ConsentToken, browser_key: str, *, now: datetime) -> str:
    """A human opened this invitation in this browser: returns the key that the browser keeps."""
    key = visiting.key_for(browser_key)
    with transaction.atomic():
        Consent.objects.filter(pk=token.consent_id, opened_at=None).update(opened_at=now)
        ConsentVisit.objects.update_or_create(
            consent=token.consent, browser_hash=links.fingerprint(key), defaults={"opened_at": now}
        )
        if token.delivery is not None:
            deliveries.move_alone(token.delivery, DeliveryState.OPENED, now=now)
    return key


def find(place: str, browser_key: str, *, now: datetime) -> Consent | None:
    """The consent at this place, for a browser that opened an invitation lately, or a link of an alert of its contact.

    Forged, foreign and forgotten are told apart by nobody.
    """
    if not browser_key:
        return None
    ours = links.fingerprint(browser_key)
    invited = ConsentVisit.objects.filter(browser_hash=ours, opened_at__gt=now - OPEN_FOR).values("consent")
    told = Visit.objects.filter(browser_hash=ours, seen_at__gt=now - OPEN_FOR, link__cut_off_at=None)
    known = Q(pk__in=invited) | Q(contact__in=told.values("link__contact"))
    return Consent.objects.select_related("contact__victim").filter(known, place=place).first()


def devices(consent: Consent) -> int:
    """In how many browsers the page was opened: she reads it, so that a second one is never silent."""
    return consent.visits.count()
