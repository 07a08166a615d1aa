"""Who listened to a recording, took a copy, allowed or asked for one: lines of the log, which nobody can take back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.domain import forgetting, handing, listening, vault
from alerts.evidence.lines import Line
from alerts.models import Advocate, Recording

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

COPIED = "copied"  # by who runs the machine, with `manage.py evidence`

_WORDS: Mapping[str, "_StrPromise"] = {
    listening.LISTENED: gettext_lazy("écoute de la partie %(part)d"),
    listening.EXPORTED: gettext_lazy("copie emportée"),
    handing.ALLOWED: gettext_lazy("copie permise à l'association"),
    handing.TAKEN_BACK: gettext_lazy("copie plus permise"),
    handing.ASKED: gettext_lazy("copie demandée"),
    handing.AGREED: gettext_lazy("accord donné pour la copie"),
    handing.HANDED_OVER: gettext_lazy("copie emportée par l'association"),
    COPIED: gettext_lazy("copie emportée"),
    forgetting.ASKED: gettext_lazy("effacement demandé"),
    forgetting.KEPT: gettext_lazy("enregistrement gardé"),
}


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One line: when (UTC), who, and what was done."""

    at: datetime
    who: str
    words: str


def of(recording: Recording) -> Sequence[Heard]:
    """The newest first. Raises EvidenceError."""
    found = [line for line in vault.log().about(str(recording.pk)) if line.kind in _WORDS]
    names = _names(recording, {int(line.facts["account"]) for line in found if "account" in line.facts})
    return [_heard(line, names) for line in reversed(found)]


def _heard(line: Line, names: Mapping[int, str]) -> Heard:
    return Heard(
        at=datetime.fromisoformat(line.facts["at"]),
        who=names[int(line.facts["account"])] if "account" in line.facts else _("Exploitant du service"),
        words=str(_WORDS[line.kind]) % {"part": int(line.facts.get("segment", 0)) + 1},
    )


def _names(recording: Recording, accounts: set[int]) -> Mapping[int, str]:
    advocates = Advocate.objects.filter(account__in=accounts).select_related("association")
    known = {one.account_id: one.association.name for one in advocates}
    names = {
        pk: _("%(association)s (compte %(number)d)") % {"association": known[pk], "number": pk}
        if pk in known
        else _("Quelqu'un (compte %(number)d)") % {"number": pk}
        for pk in accounts
    }
    return {**names, recording.victim.account_id: _("Vous")}
