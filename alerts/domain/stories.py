"""The timeline as people read it: messages of one round folded into one line, and what she may read of it afterwards.

static/js/pure/story.js folds in the same way; tests/responders/story_cases.json holds both together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from alerts.domain import endings, timeline
from alerts.models import Alert, Event
from alerts.states import EventKind

MOST_LINES = 200
LOUD = frozenset(
    {
        EventKind.OPENED,
        EventKind.UPGRADED,
        EventKind.CLOSED,
        EventKind.FALSE_ALARM,
        EventKind.EXPIRED,
        EventKind.CLOSED_UNDER_DURESS,
        EventKind.GO,
        EventKind.CHILDREN,
        EventKind.CALL_17,
        EventKind.REACHED_17,
        EventKind.NOT_REACHED_17,
        EventKind.TAKE_CHARGE,
        EventKind.HAND_OVER,
        EventKind.RELEASE,
        EventKind.CUT_OFF,
        EventKind.DECLINED,
        EventKind.ROUND_1,
        EventKind.ROUND_2,
        EventKind.ROUND_3,
        EventKind.ON_CALL,
        EventKind.EXHAUSTED,
        EventKind.NOBODY_REACHED,
    }
)
_SAID = ("answered", "received", "sent", "unsure", "waiting", "failed")
# What her telephone may show while it lasts, and nothing more: whoever holds it knows her password too.
_HERS = frozenset(EventKind) - {
    EventKind.CALL_17,
    EventKind.REACHED_17,
    EventKind.NOT_REACHED_17,
    EventKind.GO,
    EventKind.CHILDREN,
    EventKind.STAND_BY,
}

Line = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Fold:
    """All lines about the messages of one round, the newest first; it stands where the oldest of them stood."""

    round: str
    lines: tuple[Line, ...]

    @property
    def people(self) -> int:
        """How many contacts these messages are for."""
        return len({line["message"]["to"] for line in self.lines})

    @property
    def outcomes(self) -> Mapping[str, int]:
        """How many messages came how far; one moves only forward, so its newest line counts."""
        furthest: dict[tuple[int, str], str] = {}
        for line in self.lines:
            furthest.setdefault((line["message"]["to"], line["message"]["way"]), line["message"]["outcome"])
        said = list(furthest.values())
        return {outcome: said.count(outcome) for outcome in _SAID if outcome in said}


def phrases() -> dict[str, str]:
    """The words of a folded line, for the browser too; {braces} are filled by name."""
    return {
        "story_one": _("Envoi à une personne"),
        "story_many": _("Envoi à {n} personnes"),
        "story_answered": _("réponses : {n}"),
        "story_received": _("reçus : {n}"),
        "story_sent": _("en route : {n}"),
        "story_unsure": _("sans réponse du réseau : {n}"),
        "story_waiting": _("en attente : {n}"),
        "story_failed": _("échecs : {n}"),
    }


def summary(fold: Fold, words: Mapping[str, str]) -> str:
    """A folded line as a sentence."""
    whom = words["story_one"] if fold.people == 1 else words["story_many"].format(n=fold.people)
    return ", ".join([whom, *(words[f"story_{outcome}"].format(n=n) for outcome, n in fold.outcomes.items())])


def fold(lines: Sequence[Line]) -> list[Line | Fold]:
    """The same lines, the newest first, those about the messages of one round as one.

    A folded line keeps its place while receipts come in: nothing jumps.
    """
    rounds: dict[str, list[Line]] = {}
    for line in lines:
        if line["message"] is not None:
            rounds.setdefault(line["message"]["round"], []).append(line)
    folded: list[Line | Fold] = []
    for line in lines:
        if line["message"] is None:
            folded.append(line)
        elif line is rounds[line["message"]["round"]][-1]:
            name = line["message"]["round"]
            folded.append(Fold(round=name, lines=tuple(rounds[name])))
    return folded


def newest(alert: Alert, *, most: int = MOST_LINES) -> list[Event]:
    """The newest lines, the newest first. What people did goes before receipts where there are too many of both."""
    receipt = Q(kind__in=timeline.MESSAGES)
    events = Event.objects.filter(alert=alert).alias(receipt=receipt).order_by("receipt", "-sequence")[:most]
    return sorted(events, key=lambda event: event.sequence, reverse=True)


def kept(lines: Sequence[Line], *, most: int) -> list[Line]:
    """So many of these lines, in their order; the oldest receipts go first."""
    receipts = [line for line in lines if line["message"] is not None]
    others = len(lines) - len(receipts)
    dropped = {line["sequence"] for line in receipts[max(most - others, 0) :]}
    return [line for line in lines if line["sequence"] not in dropped]


def whole(alert: Alert) -> list[Event]:
    """Every line of this alert, the newest first, each with who and what it tells of."""
    events = Event.objects.filter(alert=alert).select_related("alert__victim", "contact", "delivery__contact")
    return list(events.order_by("-sequence"))


def hers(alert: Alert) -> list[Event]:
    """What her own pages may tell of an alert that is over there, the newest first.

    One that was closed under duress reads, to the last line, as one that was closed: nothing that came after the
    close, no call to 17, nobody's role, nothing that responders wrote to each other.
    """
    told: list[Event] = []
    for event in reversed(whole(alert)):
        if event.kind in _HERS:
            if event.contact_id is not None:
                event.note = ""  # what a responder wrote to the others
            told.append(event)
        if event.kind in endings.KINDS:
            if event.kind == EventKind.CLOSED_UNDER_DURESS:
                event.kind = EventKind.FALSE_ALARM if alert.reason == "false_alarm" else EventKind.CLOSED
            break
    return told[::-1]
