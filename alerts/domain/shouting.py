"""What the operators read: counts and ids of alerts, in the language of the installation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy, override

from alerts.domain.messages import gsm
from alerts.models import Finding
from alerts.states import FindingKind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MOST = 500  # findings of one message
_NAMED_IN_TEXT, _NAMED_IN_LETTER = 3, 50
_SHORT = 8  # characters of an id in a text

_SENTENCES: Mapping[FindingKind, "_StrPromise"] = {
    FindingKind.NOBODY_REACHED: ngettext_lazy(
        "%(count)d alerte que personne n'a reçue", "%(count)d alertes que personne n'a reçues", "count"
    ),
    FindingKind.OVERDUE: ngettext_lazy(
        "%(count)d message en retard d'envoi", "%(count)d messages en retard d'envoi", "count"
    ),
    FindingKind.LEASED_TOO_LONG: ngettext_lazy(
        "%(count)d message retenu par un processus", "%(count)d messages retenus par un processus", "count"
    ),
    FindingKind.IN_DOUBT: ngettext_lazy(
        "%(count)d message dont on ne sait s'il est parti",
        "%(count)d messages dont on ne sait s'ils sont partis",
        "count",
    ),
    FindingKind.LADDER_OVERDUE: ngettext_lazy("%(count)d relance en retard", "%(count)d relances en retard", "count"),
    FindingKind.RECEIPTS_MISSING: ngettext_lazy(
        "%(count)d message sans accusé du réseau", "%(count)d messages sans accusé du réseau", "count"
    ),
    FindingKind.PROVIDER_REFUSES_US: ngettext_lazy(
        "%(count)d message refusé par notre faute (clé, compte ou expéditeur)",
        "%(count)d messages refusés par notre faute (clé, compte ou expéditeur)",
        "count",
    ),
    FindingKind.WORKERS_SILENT: gettext_lazy("aucun processus d'envoi n'est en vie"),
    FindingKind.CANARY_FAILED: gettext_lazy("l'exercice de contrôle n'est pas arrivé"),
}


@dataclass(frozen=True, kw_only=True)
class Shout:
    """One message to the operators: a text for telephones, a subject and a letter for mail."""

    text: str
    subject: str
    letter: str


def of(findings: Sequence[Finding], *, now: datetime) -> Shout:
    """Everything that is wrong; without a finding, that all is well again."""
    with override(settings.LANGUAGE_CODE):
        where = f"MonSherif {urlsplit(settings.SHERIF.public_url).hostname}"
        if not findings:
            well = _("tout est rentré dans l'ordre")
            return _shout(f"{where} : {well}.", _("Plus aucun constat n'est ouvert."))
        kinds = [FindingKind(kind) for kind in dict.fromkeys(finding.kind for finding in findings)]
        sentences = [_sentence(kind, [finding for finding in findings if finding.kind == kind]) for kind in kinds]
        return _shout(f"{where} : {' ; '.join(sentences)}.", "\n".join(_lines(findings, now=now)))


def _shout(text: str, more: str) -> Shout:
    return Shout(text=gsm.to_gsm(text), subject=text, letter=f"{text}\n\n{more}\n")


def _sentence(kind: FindingKind, findings: Sequence[Finding]) -> str:
    named = [finding for finding in findings if finding.alert is not None]
    spoken = str(_SENTENCES[kind] % {"count": sum(finding.count for finding in findings)})
    if named:
        ids = [str(finding.alert_id)[:_SHORT] for finding in named[:_NAMED_IN_TEXT]]
        spoken = f"{spoken} ({', '.join([*ids, *(['...'] if len(named) > len(ids) else [])])})"
    drills = sum(1 for finding in named if finding.alert is not None and finding.alert.drill)
    return f"{spoken}, {_('dont exercices : %(count)d') % {'count': drills}}" if drills else spoken


def _lines(findings: Sequence[Finding], *, now: datetime) -> Iterable[str]:
    """One line per finding: since how long, what, which alert."""
    for finding in findings[:_NAMED_IN_LETTER]:
        minutes = int((now - finding.found_at).total_seconds() // 60)
        drill = _("EXERCICE") if finding.alert is not None and finding.alert.drill else ""
        words = [_("depuis %(minutes)d min") % {"minutes": minutes}, finding.kind, str(finding.alert_id or ""), drill]
        yield "  ".join(word for word in words if word)
    if len(findings) > _NAMED_IN_LETTER:
        yield "..."
