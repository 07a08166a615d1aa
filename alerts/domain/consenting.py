"""A relative's own yes or no: asked by a message, given on a page without an account, taken back at any time.

The answer (`Consent`) is the relative's; what becomes of it (`Contact.state`) follows where she still wants it. Of a
decoy and of a removed relative only the answer moves: their page goes on as if nothing had happened.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from alerts.domain import codewords, responding
from alerts.domain.responding import Act
from alerts.links import fingerprint
from alerts.models import Alert, Consent, ConsentToken, Contact, Delivery
from alerts.states import CONTACT_MOVES, ConsentAnswer, ContactState, before

_BYTES = 16  # 128 bits, 22 characters
_SAID: Mapping[ContactState, ConsentAnswer] = {
    ContactState.ACCEPTED: ConsentAnswer.ACCEPTED,
    ContactState.DECLINED: ConsentAnswer.DECLINED,
    ContactState.WITHDRAWN: ConsentAnswer.WITHDRAWN,
    ContactState.DECOY: ConsentAnswer.ACCEPTED,
}
_LOOKS: Mapping[ConsentAnswer, ContactState] = {
    ConsentAnswer.AWAITED: ContactState.INVITED,
    ConsentAnswer.ACCEPTED: ContactState.ACCEPTED,
    ConsentAnswer.DECLINED: ContactState.DECLINED,
    ConsentAnswer.WITHDRAWN: ContactState.WITHDRAWN,
}


def of(contact: Contact) -> Consent:
    """The consent of this relative, begun with what is known already, and a code word if there was none."""
    with transaction.atomic():
        if not contact.code_word:
            contact.code_word = codewords.draw(contact.language)
            Contact.objects.filter(pk=contact.pk, code_word="").update(code_word=contact.code_word)
        begun = {
            "place": secrets.token_urlsafe(_BYTES),
            "answer": _SAID.get(ContactState(contact.state), ConsentAnswer.AWAITED),
        }
        consent, _ = Consent.objects.get_or_create(contact=contact, defaults=begun)
    return consent


def draw(contact: Contact, delivery: Delivery | None, *, at: datetime) -> str:
    """A new token of the page of this relative; only its hash is stored. Older ones go on working."""
    token = secrets.token_urlsafe(_BYTES)
    ConsentToken.objects.create(consent=of(contact), delivery=delivery, token_hash=fingerprint(token), drawn_at=at)
    return token


def url(token: str) -> str:
    """The whole address that travels in an invitation, built from SHERIF_PUBLIC_URL alone."""
    path: str = reverse("responders:consent_link", args=[token])
    return f"{settings.SHERIF.public_url}{path}"


def read(token: str) -> ConsentToken | None:
    """The token, or None: one that was forged and one of a record that is gone are told apart by nobody."""
    known = ConsentToken.objects.select_related("consent__contact__victim", "delivery")
    return known.filter(token_hash=fingerprint(token)).first()


def looks(contact: Contact) -> ContactState:
    """What anybody who looks at her list reads: a decoy looks as if it were enrolled."""
    if contact.state != ContactState.DECOY:
        return ContactState(contact.state)
    consent: Consent | None = getattr(contact, "consent", None)
    return _LOOKS[ConsentAnswer(consent.answer)] if consent else ContactState.ACCEPTED


def accept(consent: Consent, *, now: datetime) -> None:
    """Yes, also after a no."""
    _answer(consent, ConsentAnswer.ACCEPTED, now=now)


def leave(consent: Consent, *, now: datetime) -> None:
    """No, or no more. In an alert that goes on it is said to the others too, and nobody waits for this relative."""
    had_accepted = consent.answer == ConsentAnswer.ACCEPTED
    _answer(consent, ConsentAnswer.WITHDRAWN if had_accepted else ConsentAnswer.DECLINED, now=now)


def _answer(consent: Consent, said: ConsentAnswer, *, now: datetime) -> None:
    contact, yes = consent.contact, said is ConsentAnswer.ACCEPTED
    with transaction.atomic():
        alerts = _live_alerts(contact, now=now)  # before their rows, as everywhere
        Consent.objects.filter(pk=consent.pk).update(answer=said, answered_at=now)
        for to in (ContactState.ACCEPTED,) if yes else (ContactState.DECLINED, ContactState.WITHDRAWN):
            moves = before(CONTACT_MOVES, to) - {ContactState.REMOVED}  # a removal is taken back by her alone
            Contact.objects.filter(pk=contact.pk, state__in=moves).update(state=to)
        for alert in () if yes else alerts:
            responding.decline(alert.pk, contact, Act(by="page"), now=now)
    consent.answer, consent.answered_at = said, now


def _live_alerts(contact: Contact, *, now: datetime) -> list[Alert]:
    """Those that this relative is told of; their rows stay locked."""
    told = Alert.objects.live_for_contacts(now).filter(pk__in=contact.links.filter(cut_off_at=None).values("alert"))
    return list(told.select_for_update(of=("self",)).order_by("pk"))
