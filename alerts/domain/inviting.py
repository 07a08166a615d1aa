"""She asks a relative whether to be told: one text or mail with the personal link of the consent page.

An invitation is a delivery without an alert (`alerts.domain.posting` sends it). It can be repeated, but nobody is
pestered: so many a day to one relative, to one number whoever asks, and from one account.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from alerts.domain import consenting, contacts
from alerts.domain.contacts import ListError
from alerts.models import Consent, Contact, Delivery
from alerts.models.deliveries import DeliveryQuerySet
from alerts.states import CONTACT_MOVES, Channel, ConsentAnswer, ContactState, Gesture, Occasion, before

DAY = timedelta(days=1)
MOST_TO_ONE, MOST_TO_A_NUMBER, MOST_OF_ONE = 3, 5, 15  # a day: one relative, one number, one account
_WRITTEN = (Channel.SMS, Channel.EMAIL)


class NoWayError(ListError):
    """Neither a text nor a mail reaches this relative: what the page says has to be told by mouth."""


class TooOftenError(ListError):
    """So many invitations went there, or came from her, within a day."""


@dataclass(frozen=True, kw_only=True)
class Sending:
    """The last invitation of a relative: by which channel, in which state, when (UTC)."""

    channel: Channel
    state: str
    at: datetime
    code: str


def way(contact: Contact) -> Channel | None:
    """How an invitation reaches this relative: a text before a mail, never a call."""
    ways = contact.channels(Gesture.DOUBLE)
    return next((channel for channel in _WRITTEN if channel in ways), None)


def invite(contact: Contact, *, now: datetime) -> None:
    """Ask this relative, again if need be; who has accepted gets the page once more and stays accepted.

    A decoy is never told anything again: nothing leaves, and nothing says so. Raises FrozenError, NoWayError,
    TooOftenError.
    """
    with transaction.atomic():
        contacts.unfrozen(contact.victim, now=now)
        contact = Contact.objects.select_for_update(of=("self",)).select_related("victim").get(pk=contact.pk)
        channel = way(contact)
        if channel is None:
            raise NoWayError
        if contact.state in {ContactState.DECOY, ContactState.REMOVED}:
            return
        _refuse_too_many(contact, now=now)
        _ask_again(contact)
        write(contact, channel, now=now)


def write(contact: Contact, channel: Channel, *, now: datetime) -> Delivery:
    """One invitation by this channel, due now."""
    return Delivery.objects.create(
        id=uuid4(),
        contact=contact,
        channel=channel,
        occasion=Occasion.INVITATION,
        created_at=now,
        not_before=now,
        moved_at=now,
    )


def last(contact: Contact) -> Sending | None:
    """The newest invitation of this relative."""
    row = _invitations().filter(contact=contact).order_by("-created_at").first()
    if row is None:
        return None
    return Sending(channel=Channel(row.channel), state=row.state, at=row.moved_at, code=row.error_code)


def example_link() -> str:
    """The beginning of the address that an invitation holds, for a preview."""
    return f"{settings.SHERIF.public_url}/c/..."


def _invitations() -> DeliveryQuerySet:
    return Delivery.objects.filter(occasion=Occasion.INVITATION, alert=None)


def _refuse_too_many(contact: Contact, *, now: datetime) -> None:
    lately = _invitations().filter(created_at__gt=now - DAY)
    if lately.filter(contact=contact).count() >= MOST_TO_ONE:
        raise TooOftenError
    if contact.phone_digest and lately.filter(contact__phone_digest=contact.phone_digest).count() >= MOST_TO_A_NUMBER:
        raise TooOftenError
    if lately.filter(contact__victim=contact.victim_id).count() >= MOST_OF_ONE:
        raise TooOftenError


def _ask_again(contact: Contact) -> None:
    """Who said no is asked anew; who said yes, or nothing yet, stays so."""
    asked = Contact.objects.filter(pk=contact.pk, state__in=before(CONTACT_MOVES, ContactState.INVITED))
    if asked.exclude(state=ContactState.REMOVED).update(state=ContactState.INVITED):
        consent = consenting.of(contact)
        Consent.objects.filter(pk=consent.pk).update(answer=ConsentAnswer.AWAITED, answered_at=None)
