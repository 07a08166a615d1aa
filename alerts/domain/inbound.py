"""A text from a telephone: a click of hers, a contact's answer, STOP, or nothing at all.

A sender's number can be forged, and nothing here proves who held the telephone. So a text can raise an alert and never
end one; who takes charge by text is shown as such, and told so at the number on record. Whoever is not known, or writes
what means nothing, gets the same silence.

Where one number is hers and a contact's too: a bare "1" is her own click even while an alert is live in which she is
told, and the answer says how to take charge instead. A needless warning is a nuisance; a lost one, or calls that stop
because of a misunderstanding, may be a death. Anything written out ("ok", "j'y vais") is an answer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.db.models import F, Q

from alerts import access
from alerts.domain import alerting, reading, responding, stopping, throttling, tracking
from alerts.domain.messages import replies
from alerts.domain.placing import Place
from alerts.domain.reading import Answer, Choice, Meaning
from alerts.domain.responding import Act, OverError, TakenError
from alerts.models import Contact, Delivery, Event, Link, Phone, Victim
from alerts.models.fields import digest
from alerts.states import (
    GRAVITY,
    KIND_OF_GESTURE,
    LIVE_FOR_CONTACTS,
    AlertKind,
    Channel,
    ContactState,
    DeliveryState,
    Gesture,
)

ENDED_LATELY = timedelta(hours=24)  # as long as a page that was opened goes on telling how it ended
MOST_VICTIMS = 5  # who say that one number is theirs
_NAMESPACE = UUID("0d7c1c0e-3f0f-4a7a-9c44-6a6f3d0f5b1e")
_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_OPTED: Mapping[str, Choice] = {"STOP": Choice.STOP, "START": Choice.START}  # Twilio's OptOutType
_LEFT = (ContactState.DECLINED, ContactState.WITHDRAWN, ContactState.DECOY)
_WITH_THE_NETWORK = (
    DeliveryState.SENDING,
    DeliveryState.UNKNOWN,
    DeliveryState.ACCEPTED,
    DeliveryState.DELIVERED,
)


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text as the network hands it over: the sender in E.164, the network's own id, what it did about STOP."""

    number: str
    body: str
    sid: str
    opted: str = ""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What goes back, to a number on record."""

    to: str
    text: str


@dataclass(frozen=True, kw_only=True)
class _Heard:
    """A text that was read. `number` is the sender's keyed digest; `uid` is the same for every repeat."""

    number: str
    meaning: Meaning
    uid: UUID
    now: datetime


def number_for(victim: Victim) -> str:
    """Where a text of hers is a click; nothing where there is no such number, or hers is not on record."""
    number: str = settings.SHERIF.inbound_number
    return number if victim.phone_digest else ""


def receive(text: Text, *, now: datetime) -> Reply | None:
    """Do what a text asks for, if its sender may; what to answer, or None."""
    if not _E164.fullmatch(text.number):
        return None
    heard = _Heard(
        number=digest("number", text.number),
        meaning=reading.read(text.body),
        uid=uuid5(_NAMESPACE, text.sid) if text.sid else uuid4(),
        now=now,
    )
    if _choose(heard, heard.meaning.choice or _OPTED.get(text.opted)):
        return None
    return _act(heard)


def _choose(heard: _Heard, choice: Choice | None) -> bool:
    """STOP and START, which the network confirms by itself; whether that was all. "YES" is START and an answer."""
    if choice is not None:
        contact = Contact.objects.filter(phone_digest=heard.number).first()
        if contact is not None and throttling.passes(heard.number, now=heard.now):
            if choice is Choice.STOP:
                stopping.stop(contact, now=heard.now)
            else:
                stopping.resume(contact)
    return choice is Choice.STOP


def _act(heard: _Heard) -> Reply | None:
    """Her click or a contact's answer: only what is written out is an answer where it could be both."""
    meaning = heard.meaning
    links = _links(heard) if meaning.answer else []
    phones = _her_phones(heard) if meaning.gesture or meaning.is_trial else []
    if phones and meaning.is_trial:
        return _try(heard, phones[0].victim)
    if phones and (meaning.is_bare or not links):
        or_answered = any(link.alert.is_live(heard.now) for link in links)
        return _click(heard, phones, or_answered=or_answered)
    if links and throttling.passes(heard.number, now=heard.now):
        return _answer(heard, _most_pressing(heard, links))
    return None


def _try(heard: _Heard, victim: Victim) -> Reply | None:
    """She asks whether a text of hers would be heard. It was, on the very way of a click, and nobody is told."""
    if not throttling.passes(heard.number, now=heard.now):
        return None
    return Reply(to=victim.phone_number, text=replies.tried(victim.language))


def _her_phones(heard: _Heard) -> list[Phone]:
    """One active telephone of each victim with this number: the one seen last. She who was first comes first."""
    phones = Phone.objects.active().select_related("victim").filter(victim__phone_digest=heard.number)
    by_victim: dict[int, Phone] = {}
    for phone in phones.order_by(F("seen_at").desc(nulls_last=True), "-paired_at", "-pk"):
        by_victim.setdefault(phone.victim_id, phone)
    return sorted(by_victim.values(), key=lambda phone: (phone.victim.created_at, phone.victim_id))[:MOST_VICTIMS]


def _click(heard: _Heard, phones: Sequence[Phone], *, or_answered: bool) -> Reply | None:
    """Her click, in every record that says that this number is hers; where she is, in the first of them alone.

    Nothing proves the number of an account. Were the click to go to one account only, somebody could take hers away
    by another one with her number; were her place to go to all of them, that account would say where she is.
    """
    if not _is_needed(heard, phones) and not throttling.passes(heard.number, now=heard.now):
        return None
    first = phones[0]
    for phone in phones:
        place = heard.meaning.place if phone == first else None
        alerting.receive_click(phone, _report(heard, place), now=heard.now)
    victim = first.victim
    return Reply(to=victim.phone_number, text=replies.clicked(victim.language, or_answered=or_answered))


def _is_needed(heard: _Heard, phones: Sequence[Phone]) -> bool:
    """Whether this click tells anybody anything: such a one is never held back."""
    gravity = GRAVITY[KIND_OF_GESTURE[_gesture(heard)]]
    alerts = [access.open_alert_of(phone.victim, now=heard.now) for phone in phones]
    return any(alert is None or alert.drill or GRAVITY[AlertKind(alert.kind)] < gravity for alert in alerts)


def _report(heard: _Heard, place: Place | None) -> alerting.ClickReport:
    now = heard.now
    fix = None
    if place is not None:
        uid = uuid5(heard.uid, "fix")
        fix = tracking.Fix(uid=uid, latitude=place.latitude, longitude=place.longitude, recorded_at=now)
    return alerting.ClickReport(uid=heard.uid, gesture=_gesture(heard), clicked_at=now, sent_at=now, fix=fix, by="sms")


def _gesture(heard: _Heard) -> Gesture:
    if heard.meaning.gesture is None:
        raise ValueError("a text that is no click")
    return heard.meaning.gesture


def _links(heard: _Heard) -> list[Link]:
    """Where this number is told of an alert that goes on or ended lately, and was neither cut off nor left."""
    goes_on = Q(alert__state__in=LIVE_FOR_CONTACTS, alert__expires_at__gt=heard.now - ENDED_LATELY)
    ended_lately = Q(alert__ended_at__gt=heard.now - ENDED_LATELY)
    links = Link.objects.filter(goes_on | ended_lately, contact__phone_digest=heard.number, cut_off_at=None)
    return list(links.exclude(contact__state__in=_LEFT).select_related("alert__victim", "contact"))


def _most_pressing(heard: _Heard, links: Sequence[Link]) -> Link:
    """The alert that is meant: the one of which this very text spoke before; one that goes on, no drill, without
    anybody in charge; the newest.
    """
    alerts = [link.alert_id for link in links]
    known = set(Event.objects.filter(alert__in=alerts, act=heard.uid).values_list("alert_id", flat=True))

    def weight(link: Link) -> tuple[bool, bool, bool, bool, datetime]:
        alert = link.alert
        alone = alert.in_charge_id is None
        return alert.pk in known, alert.is_live(heard.now), not alert.drill, alone, alert.opened_at

    return max(links, key=weight)


def _answer(heard: _Heard, link: Link) -> Reply | None:
    """What a contact says of an alert, and the confirmation to the number on record: a sender can be forged."""
    contact, victim, drill = link.contact, link.alert.victim, link.alert.drill
    say = replies.Speaker(language=contact.language, name=victim.name, drill=drill)
    try:
        said = _decline(heard, link, say) if heard.meaning.answer is Answer.DECLINE else _take_charge(heard, link, say)
    except OverError:
        said = say.over()
    return None if contact.sms_stopped_at else Reply(to=contact.phone_number, text=said)


def _decline(heard: _Heard, link: Link, say: replies.Speaker) -> str:
    responding.decline(link.alert_id, link.contact, Act(by="sms", uid=heard.uid), now=heard.now)
    _mark_answered(link, now=heard.now)
    return say.declined()


def _take_charge(heard: _Heard, link: Link, say: replies.Speaker) -> str:
    """Once: "ok" twice over is one line."""
    alert = link.alert
    if not alert.is_live(heard.now):
        raise OverError
    _mark_answered(link, now=heard.now)
    if alert.in_charge_id == link.contact_id:
        return say.taken()
    try:
        responding.take_charge(alert.pk, link.contact, Act(by="sms", uid=heard.uid), now=heard.now)
    except TakenError as taken:
        return say.taken_by(taken.name)
    return say.taken()


def _mark_answered(link: Link, *, now: datetime) -> None:
    """The text that was answered reached a human; one that failed or has not left is not what was answered."""
    texts = Delivery.objects.filter(alert=link.alert_id, contact=link.contact_id, channel=Channel.SMS)
    answered = texts.filter(state__in=_WITH_THE_NETWORK).select_related("contact").order_by("-created_at").first()
    if answered is not None:
        responding.answer(answered, now=now)
