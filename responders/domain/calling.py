"""Calls to 17 as their callers tell them: begun, got through or in vain, what was said. Everybody sees them at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus

from django.utils.translation import gettext as _

from alerts.models import Alert, Link
from alerts.states import Action
from responders.domain.deeds import Deed, RefusedError
from responders.models import Escalation
from responders.states import Outcome

_OUTCOMES = {Action.REACHED_17: Outcome.REACHED, Action.NOT_REACHED_17: Outcome.NOT_REACHED}
_WEIGHTS = {Outcome.REACHED: 2, Outcome.CALLING: 1, Outcome.NOT_REACHED: 0}
_MOST_CALLS = 12
ACTIONS = frozenset({Action.CALL_17, *_OUTCOMES})


def report(alert: Alert, link: Link, deed: Deed, *, done: datetime) -> None:
    """Somebody began a call to 17 at `done` (UTC), or says how it ended; call it under the alert's lock.

    An outcome without a start was a call from another telephone. Raises RefusedError in a drill.
    """
    if alert.drill:
        message = _("C'est un exercice : n'appelez pas le 17.")
        raise RefusedError("drill", message, status=HTTPStatus.CONFLICT)
    newest = Escalation.objects.filter(link=link).order_by("-since", "-pk").first()
    if outcome := _OUTCOMES.get(deed.action):
        _end(newest or Escalation(link=link, since=done), outcome, note=deed.note, done=done)
    elif newest is None or (newest.outcome and newest.since < done):
        Escalation.objects.create(link=link, since=done)
    elif done < newest.since:  # the news of the start came after that of the end
        newest.since = done
        newest.save(update_fields=["since"])


def _end(call: Escalation, outcome: Outcome, *, note: str, done: datetime) -> None:
    """What was said comes a moment after that somebody answered: then only the note is new."""
    if note or call.outcome != outcome:
        call.note = note
    if call.outcome != outcome:
        call.outcome, call.ended_at = outcome, done
    call.save()


def lines(alert: Alert) -> list[dict[str, object]]:
    """The calls for the pages, the most telling first: one that got through, one that goes on, one in vain."""
    calls = Escalation.objects.filter(link__alert=alert, link__cut_off_at=None).select_related("link__contact")
    told = sorted(calls, key=lambda call: (_WEIGHTS[Outcome(call.outcome)], call.since), reverse=True)
    return [_line(call) for call in told[:_MOST_CALLS]]


def told(calls: Sequence[Mapping[str, object]]) -> dict[str, object] | None:
    """The most telling of these lines, as the contract has it."""
    return {key: calls[0][key] for key in ("by", "since", "outcome")} if calls else None


def _line(call: Escalation) -> dict[str, object]:
    """One call; the outcome is null while it goes on."""
    return {
        "contact": call.link.contact_id,
        "by": call.link.contact.name,
        "since": call.since.isoformat(),
        "outcome": call.outcome or None,
        "note": call.note,
    }
