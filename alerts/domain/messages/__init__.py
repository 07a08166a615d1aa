"""What every message says: who, what kind, when, where, what to do, in this order and the link early.

Nothing here reads the database or the clock. An SMS of an ordinary alert is one segment; what does not fit is
dropped in this order: advice, street or coordinates, the end of a long commune. The link is never dropped.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.domain import zones
from alerts.domain.messages import gsm, wording
from alerts.domain.messages.cleaning import clean_name, clean_text, sentence, short_name
from alerts.domain.messages.letter import Letter
from alerts.domain.messages.wording import Wording
from alerts.states import ON_CALLS, ROUNDS, AlertKind, Channel, Occasion

__all__ = ["Composed", "Place", "Telling", "clean_name", "clean_text", "compose", "keys_spoken", "sms", "spoken"]

_OVER = frozenset({Occasion.END, Occasion.CORRECTION})
_WORSE = frozenset({Occasion.UPGRADE, Occasion.UPGRADE_2})
_ROUNDS = frozenset(ROUNDS)
_ON_CALLS = frozenset(ON_CALLS)
_MOST_PLACE = 60
_ROOM = 30  # characters of a place in one segment with everything else
_MOST_SPOKEN = 120
_EARLY = 100  # characters before the link: what comes later is not seen


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where she is: a commune or coordinates, a street if known, and what a voice may say of it: never digits.

    Beside a commune, `coordinates` for a telephone without Internet, and `full` where there is room.
    """

    text: str
    street: str = ""
    coordinates: str = ""
    full: str = ""
    spoken: str = ""


@dataclass(frozen=True, kw_only=True)
class Telling:
    """The facts of one message. `at` is UTC, `time_zone` hers; `link` is empty where none travels."""

    occasion: Occasion
    kind: AlertKind
    name: str
    at: datetime
    time_zone: str
    language: str = "fr"
    place: Place | None = None
    link: str = ""
    own_text: str = ""
    drill: bool = False
    phone_allowed: bool = False
    association: str = ""  # who accompanies her, for the on-call line
    in_charge: str = ""  # the relative who is, in a text that must be read all the same
    code_word: str = ""  # of this contact, in calls and mails


@dataclass(frozen=True, kw_only=True)
class Composed:
    """What a channel carries: a text, and for mail a subject and the same text as a page."""

    text: str
    subject: str = ""
    html: str = ""


def compose(telling: Telling, channel: Channel) -> Composed:
    """The message of one channel."""
    if channel is Channel.SMS:
        return Composed(text=sms(telling))
    if channel is Channel.VOICE:
        return Composed(text=spoken(telling))
    letter = _letter(telling)
    return Composed(text=letter.text(), subject=letter.subject, html=letter.html())


def sms(telling: Telling) -> str:
    """One GSM-7 text, in one segment unless her own words lengthen it."""
    shortened = replace(telling, name=short_name(telling.name), in_charge=short_name(telling.in_charge))
    drafts = [gsm.to_gsm(draft) for draft in _drafts(shortened)]
    fitting = (draft for draft in drafts if gsm.segments(draft) == 1)
    if _own(telling):
        return drafts[0]
    return next(fitting, drafts[-1])


def _drafts(telling: Telling) -> Iterator[str]:
    """The same message, each one shorter than the one before. Only the last ones leave out what to do altogether."""
    said = wording.of(telling.language)
    lead, link = _lead(telling, said), telling.link
    if telling.occasion in _OVER:
        yield from (_joined(lead, link, advice) for advice in _advices(telling, said))
        return
    advices = [advice for advice in _advices(telling, said) if advice]
    whole, exact = _place(said, telling.place), _exact(telling.place, said)
    cut = _cut(whole)
    # Coordinates and the end of a long name give way before the last words on what to do; a street, which names the
    # door, does not.
    pressing = [advice for advice in advices if advice != _calm(telling, said)]
    if exact and len(f"{lead} {exact} ") < _EARLY:
        keeping = advices if telling.place and telling.place.street else pressing
        yield from (_joined(lead, exact, link, advice) for advice in keeping)
    yield from (_joined(lead, whole, link, advice) for advice in pressing)
    yield from (_joined(lead, cut, link, advice) for advice in advices)
    yield from (_joined(lead, where, link) for where in (whole, cut))


def _exact(place: Place | None, said: Wording) -> str:
    """The commune with the street, or with coordinates: what a telephone without Internet needs."""
    if place is None or not (place.street or place.coordinates):
        return ""
    whole = _place(said, place)
    return f"{clean_text(place.street, _MOST_PLACE)}, {whole}" if place.street else f"{whole} {place.coordinates}"


def _cut(place: str) -> str:
    """A long commune as an SMS has room for it, its département whole: Saint-Remy-en-Bouzem. (51)."""
    name, bracket, code = place.rpartition(" (")
    if len(place) <= _ROOM or not bracket:
        return place
    end = f". ({code}"
    return name[: _ROOM - len(end)].rstrip(" -'.") + end


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _place(said: Wording, place: Place | None) -> str:
    return clean_text(place.text, _MOST_PLACE) if place is not None else said.unknown_place


def _name(telling: Telling, said: Wording) -> str:
    return clean_name(telling.name) or said.somebody


def _clock(telling: Telling) -> str:
    return zones.clock(telling.at, telling.time_zone)


def _headline(telling: Telling, said: Wording) -> str:
    words = [said.drill] if telling.drill else []
    if telling.occasion in _OVER:
        words.append(said.over)
    else:
        words += [word] if (word := _why_again(telling, said)) else []
        words.append(said.kinds[telling.kind])
    return " ".join(words)


def _why_again(telling: Telling, said: Wording) -> str:
    if telling.occasion in _WORSE:
        return said.worse
    if telling.occasion in _ON_CALLS:
        return said.on_call
    return said.again if telling.occasion in _ROUNDS and not telling.in_charge else ""


def _lead(telling: Telling, said: Wording) -> str:
    return f"{_headline(telling, said)} {_name(telling, said)} {_clock(telling)}"


def _advices(telling: Telling, said: Wording) -> list[str]:
    if telling.occasion in _OVER:
        return [_ending(telling, said) % {"name": _name(telling, said)}]
    if telling.drill:
        return [*said.drill_advice, ""]
    calm = _calm(telling, said)
    own = _own(telling)
    offered = [_joined(_charge(telling, said), own)] if own else _offered(telling, said)
    return [*(_joined(words, calm) for words in offered), calm, ""]


def _own(telling: Telling) -> str:
    """Her own words, as they stand in a text. They are for her relatives: the on-call line reads whose she is."""
    if telling.drill or telling.occasion in _OVER | _ON_CALLS:
        return ""
    return sentence(clean_text(telling.own_text))


def _calm(telling: Telling, said: Wording) -> str:
    """Ringing her telephone may betray her."""
    return "" if telling.phone_allowed else said.do_not_call % {"name": _name(telling, said)}


def _offered(telling: Telling, said: Wording) -> list[str]:
    """What to do, from the longest to the shortest that still helps."""
    if telling.in_charge:
        return [_joined(_charge(telling, said), words) for words in said.advice]
    if telling.occasion in _ON_CALLS:
        named = [_accompanied(words, telling, said) for words in said.accompanied_advice]
        return [*filter(None, named), *said.on_call_advice]
    return list(said.again_advice if telling.occasion in _ROUNDS else said.advice)


def _charge(telling: Telling, said: Wording) -> str:
    """Whether anybody is in charge, where that is the news."""
    if telling.in_charge:
        return said.in_charge % {"name": clean_name(telling.in_charge)}
    if telling.occasion in _ON_CALLS:
        return said.no_relative_in_charge
    return said.nobody_in_charge if telling.occasion in _ROUNDS else ""


def _accompanied(sentence: str, telling: Telling, said: Wording) -> str:
    """Whose beneficiary she is, for the on-call line alone."""
    association = clean_name(telling.association)
    if telling.occasion not in _ON_CALLS or not association:
        return ""
    return sentence % {"name": _name(telling, said), "association": association}


def _ending(telling: Telling, said: Wording) -> str:
    if telling.drill:
        return said.reply_drill_over
    return said.false_alarm if telling.occasion is Occasion.CORRECTION else said.ended


def spoken(telling: Telling) -> str:
    """What a voice says, without the keys' actions being carried out; no link, no coordinates digit by digit."""
    said = wording.of(telling.language)
    name = {"name": _name(telling, said)}
    if telling.occasion in _OVER:
        return _joined(said.spoken_drill if telling.drill else "", _word(telling, said), _ending(telling, said) % name)
    return _joined(
        said.spoken_drill if telling.drill else "",
        _word(telling, said),
        said.spoken_on_call if telling.occasion in _ON_CALLS else "",
        _spoken_kind(telling, said),
        said.spoken_worse if telling.occasion in _WORSE else "",
        _accompanied(said.spoken_accompanied, telling, said),
        _charge(telling, said),
        said.spoken_when % {"time": _clock(telling)},
        _spoken_place(telling.place, said),
        "" if telling.drill else sentence(clean_text(telling.own_text)),
        "" if telling.drill else _calm(telling, said),
    )


def _word(telling: Telling, said: Wording) -> str:
    return said.code_word % {"word": telling.code_word} if telling.code_word else ""


def _spoken_kind(telling: Telling, said: Wording) -> str:
    """Whoever hears the middle of an exercise alone must not believe it."""
    sentence = said.spoken_kinds[telling.kind] % {"name": _name(telling, said)}
    return said.spoken_as_if % {"sentence": sentence} if telling.drill else sentence


def _spoken_place(place: Place | None, said: Wording) -> str:
    if place is None:
        return said.spoken_no_place
    where = clean_text(place.spoken, _MOST_SPOKEN)
    return said.spoken_place % {"place": where} if where else said.spoken_elsewhere


def keys_spoken(language: str, *, drill: bool) -> str:
    """Which keys to press, said after the message; a drill offers no 17, and says again that it is one."""
    said = wording.of(language)
    return _joined(said.spoken_drill, said.spoken_keys) if drill else _joined(said.spoken_keys, said.spoken_17)


def _letter(telling: Telling) -> Letter:
    said = wording.of(telling.language)
    name = {"name": _name(telling, said)}
    over = telling.occasion in _OVER
    subject = _lead(telling, said)
    language = wording.language_of(said)
    if over:
        label = said.spoken_drill if telling.drill else ""
        ending, word = _ending(telling, said) % name, _word(telling, said)
        return Letter(language=language, subject=subject, label=label, sentence=ending, personal=word)
    own = clean_text(telling.own_text)
    advice = said.drill_advice[0] if telling.drill else said.advice[0]
    calm = "" if telling.drill else _calm(telling, said)
    kind = "" if telling.drill else said.spoken_kinds[telling.kind] % name
    return Letter(
        language=language,
        subject=subject,
        label=said.spoken_drill if telling.drill else "",
        sentence=_joined(kind, _accompanied(said.spoken_accompanied, telling, said), _charge(telling, said)),
        grave=telling.kind is not AlertKind.PREVENTION and not telling.drill,
        needs=said.mail_needs % {"time": _clock(telling)},
        where=said.mail_where % {"place": _mail_place(telling, said)},
        opening=said.mail_open if telling.link else "",
        link=telling.link,
        button=said.mail_button,
        address=said.mail_address,
        own=said.mail_own % {"text": own} if own and not telling.drill else "",
        advice=_joined(advice, calm),
        personal=_joined(_word(telling, said), said.mail_personal if telling.link else ""),
    )


def _mail_place(telling: Telling, said: Wording) -> str:
    place = telling.place
    if place is None:
        return said.unknown_place
    where = clean_text(place.full) or _place(said, place)
    return ", ".join(part for part in (clean_text(place.street), where, place.coordinates) if part)
