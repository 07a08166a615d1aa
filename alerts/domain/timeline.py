"""The record of what happened, as lines that pages show and sockets carry: one wording for both."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import partial

from django.db import transaction
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from alerts import broadcast
from alerts.domain import failures, whereabouts, zones
from alerts.models import Alert, Contact, Delivery, Event
from alerts.states import AlertKind, Channel, EventKind

LANGUAGES = ("fr", "en")
_PLACED = (EventKind.OPENED, EventKind.CLICKED, EventKind.POSITION_FIRST)
_ROUNDS = (EventKind.ROUND_1, EventKind.ROUND_2, EventKind.ROUND_3)


class About(StrEnum):
    """What a line is about, for who reads only some of them."""

    PEOPLE = "people"
    MESSAGES = "messages"
    POSITIONS = "positions"


OUTCOMES: Mapping[EventKind, str] = {
    EventKind.ACCEPTED: "sent",
    EventKind.DELIVERED: "received",
    EventKind.ANSWERED: "answered",
    EventKind.FAILED: "failed",
    EventKind.UNKNOWN: "unsure",
    EventKind.LIMITED: "waiting",
}
MESSAGES = frozenset(OUTCOMES)
_NEEDLESS = failures.NEEDLESS | {failures.OVER}
_ABOUT: Mapping[EventKind, About] = {
    **dict.fromkeys(
        (*OUTCOMES, *_ROUNDS, EventKind.ON_CALL, EventKind.EXHAUSTED, EventKind.NOBODY_REACHED, EventKind.STOPPED),
        About.MESSAGES,
    ),
    EventKind.POSITION_FIRST: About.POSITIONS,
    EventKind.POSITION_BACK: About.POSITIONS,
}


def append(alert: Alert, kind: EventKind, *, at: datetime, **fields: object) -> Event:
    """Write one line. Call it inside the transaction that stores what it tells."""
    return Event.objects.append(alert, kind, at=at, **fields)


def announce(alert: Alert, kind: str, /, *, event: Event | None = None, **facts: object) -> None:
    """After commit, tell the pages: `{"type": kind, "sequence", "event": line or absent, **facts}`.

    Facts hold only what JSON knows. The number is that of the last line written by this transaction.
    """
    message: dict[str, object] = {"type": kind, "sequence": alert.sequence, **facts}
    if event is not None:
        message["event"] = line(event)
    transaction.on_commit(partial(broadcast.publish, alert.pk, message))


def line(event: Event) -> dict[str, object]:
    """One line of the timeline in every language: its facts and `"texts": {"fr", "en"}`."""
    texts: dict[str, str] = {}
    for language in LANGUAGES:
        with override(language):
            texts[language] = words(event)
    return {**facts(event), "texts": texts}


def facts(event: Event) -> dict[str, object]:
    """What a line says besides its words: `{"sequence", "at", "kind", "about", "message"}`.

    `message` is null, or for a line about one message to one contact its round, contact (id), way and outcome.
    """
    kind = EventKind(event.kind)
    message: dict[str, object] | None = None
    if event.delivery is not None:
        sent = event.delivery
        needless = kind is EventKind.FAILED and sent.error_code in _NEEDLESS
        outcome = "needless" if needless else OUTCOMES[kind]
        message = {"round": sent.occasion, "to": sent.contact_id, "way": sent.channel, "outcome": outcome}
    return {
        "sequence": event.sequence,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "about": _ABOUT.get(kind, About.PEOPLE),
        "message": message,
    }


def words(event: Event, *, placed: bool = True) -> str:
    """One line of the timeline as a sentence in the active language; `placed` says where she was, while that may be."""
    kind = EventKind(event.kind)
    if event.delivery is not None:
        return _delivery_words(kind, event.delivery)
    if kind in _ROUNDS:
        return _("Personne n'a pris en charge : nouvel appel à %(names)s") % {"names": _listed(event.note)}
    name = event.contact.name if event.contact else event.alert.victim.name
    if kind is EventKind.UPGRADED:
        became = AlertKind(event.note or event.alert.kind)  # a later click may have made it graver still
        spoken = _sentences()[kind] % {"name": name, "kind": kind_words(became)}
    elif kind is EventKind.POSITION_BACK:
        since = zones.clock(datetime.fromisoformat(event.note), event.alert.victim.time_zone)
        spoken = _("Position de %(name)s retrouvée : rien reçu depuis %(time)s") % {"name": name, "time": since}
    elif kind in _PLACED:
        spoken = _placed(_sentences()[kind] % {"name": name}, event.note if placed else "")
    else:
        spoken = _noted(_sentences().get(kind, "%(name)s") % {"name": name}, event.note)
    asides = [aside for aside in (_by_words().get(event.by, ""), _late(event)) if aside]
    return f"{spoken} ({', '.join(asides)})" if asides else spoken


def _late(event: Event) -> str:
    """When it was done, where the news of it was held up: a telephone without a network, or in the middle of a call."""
    if event.done_at is None:
        return ""
    return _("à %(time)s, arrivé plus tard") % {"time": zones.clock(event.done_at, event.alert.victim.time_zone)}


def names(of: Iterable[str]) -> str:
    """Several names as one note: one a line, so that each language joins them in its own way."""
    return "\n".join(" ".join(name.split()) for name in of)


def _listed(note: str) -> str:
    *others, last = note.split("\n")
    return _("%(names)s et %(last)s") % {"names": ", ".join(others), "last": last} if others else last


def _placed(sentence: str, note: str) -> str:
    """What her phone said of where it was: "Marie a donné l'alerte à Compiègne (60)"."""
    return " ".join(filter(None, (sentence, whereabouts.noted(note, get_language() or "fr"))))


def _noted(sentence: str, note: str) -> str:
    return _("%(sentence)s : %(note)s") % {"sentence": sentence, "note": note} if note else sentence


def kind_words(kind: AlertKind) -> str:
    """How grave, as a word."""
    words_of: Mapping[AlertKind, str] = {
        AlertKind.PREVENTION: _("prévention"),
        AlertKind.RESCUE: _("secours"),
        AlertKind.ALARM: _("alarme"),
    }
    return words_of[kind]


def channel_words(channel: Channel) -> str:
    """A way to reach a contact, as a word that begins a sentence."""
    words_of: Mapping[Channel, str] = {Channel.SMS: _("SMS"), Channel.VOICE: _("Appel"), Channel.EMAIL: _("E-mail")}
    return words_of[channel]


def _by_words() -> Mapping[str, str]:
    """Which way it came, where that says how far it can be believed; behind the sentence, in brackets."""
    return {"voice": _("par téléphone"), "sms": _("par SMS"), "device": _("sur un autre appareil"), "page": ""}


def _delivery_words(kind: EventKind, delivery: Delivery) -> str:
    sentences: Mapping[EventKind, str] = {
        EventKind.ACCEPTED: _("%(channel)s à %(name)s : parti"),
        EventKind.DELIVERED: _("%(channel)s à %(name)s : reçu"),
        EventKind.FAILED: _("%(channel)s à %(name)s : échec"),
        EventKind.UNKNOWN: _("%(channel)s à %(name)s : sans réponse du réseau, nouvel essai"),
        EventKind.LIMITED: _("%(channel)s à %(name)s : attend, beaucoup de messages sont partis"),
        EventKind.ANSWERED: _("%(channel)s à %(name)s : une touche a été pressée"),
    }
    facts = {"channel": channel_words(Channel(delivery.channel)), "name": delivery.contact.name}
    of_calls: Mapping[EventKind, str] = {
        EventKind.ACCEPTED: _("%(channel)s à %(name)s : lancé"),
        EventKind.DELIVERED: _("%(channel)s à %(name)s : décroché, peut-être par une messagerie"),
    }
    sentence = (of_calls if delivery.channel == Channel.VOICE and kind in of_calls else sentences)[kind] % facts
    if kind is not EventKind.FAILED:
        return sentence
    if needless := _needless().get(delivery.error_code):
        return needless % facts
    reason = failures.words(delivery.error_code)
    return _("%(sentence)s, %(reason)s") % {"sentence": sentence, "reason": reason} if reason else sentence


def _needless() -> Mapping[str, str]:
    """What was not sent because nobody needed it: no failure."""
    return {
        failures.IN_CHARGE: _("%(channel)s à %(name)s : inutile, quelqu'un a pris en charge"),
        failures.DECLINED: _("%(channel)s à %(name)s : inutile, a répondu non"),
        failures.REPLACED: _("%(channel)s à %(name)s : inutile, un autre part à sa place"),
        failures.OVER: _("%(channel)s à %(name)s : inutile, l'alerte est terminée"),
        failures.UNTOLD: _("%(channel)s à %(name)s : inutile, l'alerte ne lui était pas parvenue"),
    }


def _sentences() -> Mapping[EventKind, str]:
    return {
        EventKind.OPENED: _("%(name)s a donné l'alerte"),
        EventKind.CLICKED: _("%(name)s a cliqué encore"),
        EventKind.UPGRADED: _("%(name)s a cliqué plus fort : %(kind)s"),
        EventKind.CLOSED: _("%(name)s a mis fin à l'alerte : en sécurité"),
        EventKind.FALSE_ALARM: _("%(name)s a mis fin à l'alerte : fausse alerte"),
        EventKind.CLOSED_UNDER_DURESS: _("Alerte close sous contrainte : considérez %(name)s en danger"),
        EventKind.EXPIRED: _("L'alerte est arrivée à son terme"),
        EventKind.NOBODY_REACHED: _("Personne ne semble encore avoir reçu l'alerte"),
        EventKind.LINK_OPENED: _("%(name)s a ouvert le lien"),
        EventKind.TAKE_CHARGE: _("%(name)s prend en charge"),
        EventKind.RELEASE: _("%(name)s ne prend plus en charge"),
        EventKind.HAND_OVER: _("%(name)s prend le relais"),
        EventKind.CALL_17: _("%(name)s appelle le 17"),
        EventKind.REACHED_17: _("%(name)s a eu le 17"),
        EventKind.NOT_REACHED_17: _("%(name)s n'a pas eu le 17"),
        EventKind.GO: _("%(name)s y va"),
        EventKind.CHILDREN: _("%(name)s s'occupe des enfants"),
        EventKind.STAND_BY: _("%(name)s reste disponible"),
        EventKind.CUT_OFF: _("%(name)s n'a plus accès à cette alerte"),
        EventKind.DECLINED: _("%(name)s a répondu non"),
        EventKind.STOPPED: _("%(name)s a répondu STOP : plus de SMS à ce numéro"),
        EventKind.ON_CALL: _("Personne n'a pris en charge : appel à la ligne d'astreinte (%(name)s)"),
        EventKind.EXHAUSTED: _("Personne n'a pris en charge, et il ne reste personne à appeler"),
        EventKind.POSITION_FIRST: _("Première position de %(name)s"),
    }


def delivery_line(delivery: Delivery, contact: Contact) -> dict[str, object]:
    """Where one message stands, for the pages: no number, no address."""
    return {
        "id": str(delivery.pk),
        "contact": contact.pk,
        "name": contact.name,
        "channel": delivery.channel,
        "occasion": delivery.occasion,
        "state": delivery.state,
    }
