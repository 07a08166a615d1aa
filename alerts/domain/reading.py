"""What a text from a telephone means, if it means anything. Pure: who wrote it is decided elsewhere.

Written for a hand that shakes: spaces, accents, case, punctuation and invisible characters make no difference. A click
needs only its first word, because a false alarm is a nuisance. An answer must be understood whole, because a wrong one
stops the calls: "ok mais je ne peux pas" is neither.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from alerts.domain import placing
from alerts.domain.placing import Place
from alerts.states import Gesture

MOST_CHARACTERS = 1_600  # what Twilio joins at most


class Answer(StrEnum):
    """What a contact says of an alert."""

    TAKE_CHARGE = "take_charge"
    DECLINE = "decline"


class Choice(StrEnum):
    """Whether a number wants texts at all."""

    STOP = "stop"
    START = "start"


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """Everything that the words may mean. `is_bare`: a single figure, which says nothing of what it answers;
    `is_trial`: a text that only asks whether it is heard.
    """

    gesture: Gesture | None = None
    place: Place | None = None
    answer: Answer | None = None
    choice: Choice | None = None
    is_bare: bool = False
    is_trial: bool = False


# Whatever follows these: "2 venez vite".
_CALLS: Mapping[str, Gesture] = {
    "1": Gesture.SINGLE,
    "2": Gesture.DOUBLE,
    "3": Gesture.LONG,
    **dict.fromkeys(("sos", "aide", "aidez", "aidezmoi", "secours"), Gesture.DOUBLE),
    **dict.fromkeys(("help", "rescue", "urgence", "urgent", "emergency"), Gesture.DOUBLE),
}
# Words of every day: only alone, or with a position.
_WORDS: Mapping[str, Gesture] = {
    **dict.fromkeys(("un", "une", "one", "simple", "single", "prevention"), Gesture.SINGLE),
    **dict.fromkeys(("deux", "two", "double"), Gesture.DOUBLE),
    **dict.fromkeys(("trois", "three", "long", "alarme", "alarm"), Gesture.LONG),
}
_FILLERS = frozenset({"a", "au", "l", "ai", "j", "besoin", "d", "de", "need", "i"})  # à l'aide, au secours
_FIGURES = frozenset({"1", "9", "un", "une", "one", "neuf", "nine"})
_POLITE = ("merci", "thanks", "thank you", "tout de suite", "vite", "now", "right now", "bonjour", "hello")
_TAKES = (
    *("1", "un", "une", "one", "ok", "okay", "d accord", "oui", "ouais", "yes", "yep", "yeah", "sure"),
    *("j y vais", "jy vais", "j y suis", "j arrive", "jarrive", "je pars", "je viens", "je suis en route", "en route"),
    *("je m en occupe", "je men occupe", "m en occupe", "je prends en charge", "je prends", "je gere"),
    *("i m on it", "im on it", "on it", "on my way", "omw", "i am on my way", "i m on my way", "im on my way"),
    *("i m going", "im going", "i am going", "i m coming", "im coming", "i take charge", "i take it", "i ll go"),
)
_DECLINES = (
    *("9", "neuf", "nine", "non", "no", "nope", "nan", "je ne peux pas", "je peux pas", "peux pas", "pas possible"),
    *("je ne peux pas aider", "je ne peux pas y aller", "impossible", "pas moi", "pas dispo", "pas disponible"),
    *("i can t", "i cant", "can t", "cant", "cannot", "i cannot", "i can not", "not me", "not available"),
    *("desole", "desolee", "sorry"),
)
# Words by which Twilio itself stops sending, and those of French texts; only alone, "STOP j'arrive" is something else.
_STOPS = re.compile(
    r"(?:stop|stopall|unsubscribe|cancel|end|quit|revoke|optout|arret|arreter|desabonner|desabonnement|desinscription)"
    r"(?: (?:au|to|sms|pub))?(?: \d{3,6})?"
)
_TRIALS = frozenset({"essai", "un essai", "test", "a test"})
_STARTS = frozenset({"start", "unstop", "reprendre", "reprise"})


def _phrases(*groups: Iterable[str]) -> re.Pattern[str]:
    words = sorted({phrase for group in groups for phrase in group}, key=len, reverse=True)
    return re.compile(rf"(?:(?:{'|'.join(words)})(?: |$))+")


_POLITE_ALONE = _phrases(_POLITE)
_WHOLE: Mapping[Answer, re.Pattern[str]] = {
    Answer.TAKE_CHARGE: _phrases(_TAKES, _POLITE),
    Answer.DECLINE: _phrases(_DECLINES, _POLITE),
}
_FIRST = re.compile(r"[\W_]*([a-z]+|\d+(?![a-z]))")
_MARKS = {"\N{SQUARED SOS}": " sos ", "\u00ba": "\u00b0", "\u2019": "'", "\u2212": "-", "\u2013": "-"}


def read(text: str) -> Meaning:
    """What these words mean; an empty meaning if nothing. Never raises, whatever the text."""
    plain = _plain(text)
    words = " ".join(re.findall(r"[a-z]+|\d+", plain))
    gesture, place = _click(plain)
    return Meaning(
        gesture=gesture,
        place=place,
        answer=_answer(words),
        choice=_choice(words),
        is_bare=words in _FIGURES,
        is_trial=gesture is None and words in _TRIALS,
    )


def _plain(text: str) -> str:
    """Small letters without accents, ASCII digits, no invisible characters."""
    shown = text[:MOST_CHARACTERS]
    for mark, instead in _MARKS.items():
        shown = shown.replace(mark, instead)
    return "".join(_character(one) for one in unicodedata.normalize("NFKD", shown)).casefold()


def _character(one: str) -> str:
    category = unicodedata.category(one)
    if category == "Nd":
        return str(unicodedata.decimal(one))
    if category[0] == "Z" or category == "Cc":
        return " "
    return "" if category[0] in "CM" else one


def _click(plain: str) -> tuple[Gesture | None, Place | None]:
    """The gesture that the first word names, and the position behind it."""
    start = 0
    while (found := _FIRST.match(plain, start)) and found[1] in _FILLERS:
        start = found.end()
    if found is None:
        return None, None
    word, rest = found[1], plain[found.end() :]
    place = placing.read(rest.lstrip(" .,;:!"))
    if word.isdigit() and re.match(r"[.,]\d", rest) and not placing.starts_with_one(rest[1:]):
        return None, None  # the beginning of a longer number
    gesture = _CALLS.get(word) or (_WORDS.get(word) if place or not re.search("[a-z]", rest) else None)
    return gesture, place if gesture else None


def _answer(words: str) -> Answer | None:
    if _POLITE_ALONE.fullmatch(words):
        return None
    return next((answer for answer, phrases in _WHOLE.items() if phrases.fullmatch(words)), None)


def _choice(words: str) -> Choice | None:
    if _STOPS.fullmatch(words):
        return Choice.STOP
    return Choice.START if words in _STARTS else None
