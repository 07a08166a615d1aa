"""Her list of relatives: five at most, in her order, and still during an alert."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from alerts import access
from alerts.domain import changes, codewords
from alerts.models import MOST_CONTACTS, ChangeKind, Consent, Contact, Victim
from alerts.models.fields import digest
from alerts.states import CONTACT_MOVES, ConsentAnswer, ContactState, before

UNDO_FOR = timedelta(minutes=1)
_LEFT = (ConsentAnswer.DECLINED, ConsentAnswer.WITHDRAWN)


class ListError(Exception):
    """The list stays as it was."""


class FrozenError(ListError):
    """An alert is open: whoever holds her phone or knows her password changes nothing now."""


class FullError(ListError):
    """Five relatives stand in the list already."""


class NumberKnownError(ListError):
    """Another relative of the list has this number."""


class OwnNumberError(ListError):
    """This is her own number: nobody would be told."""


class TooLateError(ListError):
    """The minute in which a removal can be taken back is over."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """What she says of one relative; the number in E.164, or empty beside an e-mail address."""

    name: str
    phone_number: str
    email: str
    language: str
    by_sms: bool
    by_voice: bool
    by_email: bool
    on_single: bool
    may_ring: bool = False


@dataclass(frozen=True, kw_only=True)
class Removal:
    """What is needed to take a removal back: whom, what she or he was, and when it happened (UTC)."""

    contact: int
    was: ContactState
    at: datetime


def relatives(victim: Victim) -> list[Contact]:
    """Her relatives in her order, without the on-call line."""
    return list(victim.contacts.kept().filter(rank__lte=MOST_CONTACTS))


def on_call_line(victim: Victim) -> Contact | None:
    """The on-call line of her association, if she took it in."""
    return victim.contacts.kept().filter(rank__gt=MOST_CONTACTS).first()


def add(victim: Victim, card: Card, *, now: datetime) -> Contact:
    """A relative more, at the end. Raises FrozenError, FullError, NumberKnownError, OwnNumberError."""
    with transaction.atomic():
        victim = _changing(victim, now=now)
        listed = relatives(victim)
        _refuse_number(victim, card, others=victim.contacts.kept())
        if len(listed) >= MOST_CONTACTS:
            raise FullError
        _number(listed)
        return _create(victim, card, rank=len(listed) + 1, now=now)


def change(contact: Contact, card: Card, *, now: datetime) -> Contact:
    """What she says of a relative from now on; the line of the list that holds it.

    Consent belongs to a number: behind another number waits somebody who has not been asked, so the old line leaves
    the list and an invited one takes its place. Raises FrozenError, NumberKnownError, OwnNumberError.
    """
    with transaction.atomic():
        victim = _changing(contact.victim, now=now)
        _refuse_number(victim, card, others=victim.contacts.kept().exclude(pk=contact.pk))
        if card.phone_number != contact.phone_number and contact.state != ContactState.INVITED:
            _remove(contact, now=now)
            return _create(victim, card, rank=contact.rank, now=now)
        stopped = _stopped_at(victim, card)
        Contact.objects.filter(pk=contact.pk).update(**asdict(card), phone_digest=_digest(card), sms_stopped_at=stopped)
    return contact


def shift(contact: Contact, *, by: int, now: datetime) -> None:
    """One place up (-1) or down (+1); at either end nothing happens. Raises FrozenError."""
    with transaction.atomic():
        listed = relatives(_changing(contact.victim, now=now))
        if contact not in listed:  # removed a moment ago by another window of hers
            return
        place = listed.index(contact)
        other = min(max(place + by, 0), len(listed) - 1)
        listed[place], listed[other] = listed[other], listed[place]
        _number(listed)


def remove(contact: Contact, *, now: datetime) -> Removal:
    """Out of the list; the contact learns nothing of it. Raises FrozenError."""
    with transaction.atomic():
        _changing(contact.victim, now=now)
        was = ContactState(Contact.objects.values_list("state", flat=True).get(pk=contact.pk))
        _remove(contact, now=now)
    return Removal(contact=contact.pk, was=was, at=now)


def make_decoy(contact: Contact, *, now: datetime) -> bool:
    """From now on this relative looks enrolled and is never told anything again. Raises FrozenError.

    Returns False where nothing changed, as with who said no: nothing is sent there anyway. It is announced as any
    setting is: "the list changed" beside a list that looks the same would name the decoy.
    """
    with transaction.atomic():
        _changing(contact.victim, now=now, kind=ChangeKind.SETTINGS)
        return _move(contact, ContactState.DECOY)


def pretend_decoy(contact: Contact, *, now: datetime) -> None:
    """What the code under duress does instead: the same line, the same announcement, and nobody silenced.

    Raises FrozenError exactly when the real thing does.
    """
    with transaction.atomic():
        _changing(contact.victim, now=now, kind=ChangeKind.SETTINGS)


def refuse_during_alert(victim: Victim, *, now: datetime) -> None:
    """Raises FrozenError exactly when a change of her list would."""
    if access.open_alert_of(victim, now=now):
        raise FrozenError


def can_take_back(removal: Removal, *, now: datetime) -> bool:
    """Whether a removal can still be undone: for a minute, and not of who had declined or is a decoy."""
    return removal.was in CONTACT_MOVES[ContactState.REMOVED] and now - removal.at <= UNDO_FOR


def take_back(victim: Victim, removal: Removal, *, now: datetime) -> None:
    """Undo a removal: the relative stands again where she or he stood.

    Raises TooLateError, FrozenError, FullError, NumberKnownError.
    """
    if not can_take_back(removal, now=now):
        raise TooLateError
    with transaction.atomic():
        victim = _changing(victim, now=now)
        contact = Contact.objects.filter(victim=victim, pk=removal.contact, state=ContactState.REMOVED).first()
        if contact is None:
            raise TooLateError
        if Consent.objects.filter(contact=contact, answer__in=_LEFT).exists():
            raise TooLateError  # she or he said no meanwhile
        kept = victim.contacts.kept()
        if contact.phone_digest and kept.filter(phone_digest=contact.phone_digest).exists():
            raise NumberKnownError
        if contact.rank <= MOST_CONTACTS and len(relatives(victim)) >= MOST_CONTACTS:
            raise FullError
        _move(contact, removal.was)
        Contact.objects.filter(pk=contact.pk).update(removed_at=None)


def unfrozen(victim: Victim, *, now: datetime) -> Victim:
    """Her row, locked as a click locks it: the list cannot change between a click and its messages.

    Call it inside the transaction that needs the list as it is. Raises FrozenError.
    """
    victim = Victim.objects.select_for_update().get(pk=victim.pk)
    refuse_during_alert(victim, now=now)
    return victim


def _changing(victim: Victim, *, now: datetime, kind: ChangeKind = ChangeKind.CONTACTS) -> Victim:
    """Her row as `unfrozen` gives it; what follows is announced, and a refusal takes the announcement back."""
    victim = unfrozen(victim, now=now)
    changes.record(victim, kind, now=now)
    return victim


def _refuse_number(victim: Victim, card: Card, *, others: QuerySet[Contact]) -> None:
    if not card.phone_number:
        return
    if card.phone_number == victim.phone_number:
        raise OwnNumberError
    if others.filter(phone_digest=_digest(card)).exists():
        raise NumberKnownError


def _create(victim: Victim, card: Card, *, rank: int, now: datetime) -> Contact:
    return Contact.objects.create(
        victim=victim,
        rank=rank,
        phone_digest=_digest(card),
        sms_stopped_at=_stopped_at(victim, card),
        code_word=codewords.draw(card.language),
        created_at=now,
        **asdict(card),
    )


def _stopped_at(victim: Victim, card: Card) -> datetime | None:
    """When this number answered STOP. Out of her own list only: another list would tell whose relative it is."""
    known = victim.contacts.filter(phone_digest=_digest(card), sms_stopped_at__isnull=False).exclude(phone_digest="")
    return known.values_list("sms_stopped_at", flat=True).first()


def _digest(card: Card) -> str:
    return digest("number", card.phone_number) if card.phone_number else ""


def _number(listed: Sequence[Contact]) -> None:
    for rank, contact in enumerate(listed, start=1):
        if contact.rank != rank:
            Contact.objects.filter(pk=contact.pk).update(rank=rank)


def _move(contact: Contact, to: ContactState) -> bool:
    return bool(Contact.objects.filter(pk=contact.pk, state__in=before(CONTACT_MOVES, to)).update(state=to))


def _remove(contact: Contact, *, now: datetime) -> None:
    if _move(contact, ContactState.REMOVED):
        Contact.objects.filter(pk=contact.pk).update(removed_at=now)
