"""Personal links: drawn at the claim, kept as a hash, alive with their alert."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from alerts.models import Alert, Contact, Delivery, Link, LinkToken

_TOKEN_BYTES = 16  # 128 bits, 22 characters: fits in an SMS


def fingerprint(token: str) -> str:
    """SHA-256 (hex) of a token: what the database keeps (ASVS 5.0 V7.2)."""
    return hashlib.sha256(token.encode()).hexdigest()


def place_for(alert: Alert, contact: Contact) -> Link:
    """A new place of this contact in this alert; call it once, with the deliveries."""
    return Link(alert=alert, contact=contact, place=secrets.token_urlsafe(_TOKEN_BYTES))


def draw(deliveries: Sequence[Delivery], *, at: datetime) -> dict[UUID, str]:
    """A new token for each of these deliveries of one alert, by delivery; only hashes are stored.

    Call it in the transaction that takes the lease: it costs two statements, however many there are.

    Raises KeyError if one of their contacts has no place in the alert.
    """
    if not deliveries:
        return {}
    places = dict(Link.objects.filter(alert=deliveries[0].alert_id).values_list("contact_id", "pk"))
    tokens = {delivery.pk: secrets.token_urlsafe(_TOKEN_BYTES) for delivery in deliveries}
    LinkToken.objects.bulk_create(
        [
            LinkToken(
                link_id=places[delivery.contact_id],
                delivery=delivery,
                token_hash=fingerprint(tokens[delivery.pk]),
                drawn_at=at,
            )
            for delivery in deliveries
        ]
    )
    return tokens


def url(token: str) -> str:
    """The whole address that travels in a message, built from SHERIF_PUBLIC_URL alone."""
    path: str = reverse("responders:link", args=[token])
    return f"{settings.SHERIF.public_url}{path}"


def read(token: str, *, now: datetime) -> LinkToken | None:
    """The token if its link works now, else None: forged, over and cut off are told apart by nobody."""
    found = (
        LinkToken.objects.select_related("link__alert__victim", "link__contact", "delivery")
        .filter(token_hash=fingerprint(token))
        .first()
    )
    if found is None or found.link.cut_off_at is not None or not found.link.alert.is_live(now):
        return None
    return found
