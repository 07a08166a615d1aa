"""The way through the set-up: every page of hers leads to what is still missing, without a manual."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from alerts.domain import setting_up
from alerts.domain.setting_up import Step
from alerts.models import Victim

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_WORDS: Mapping[Step, "_StrPromise"] = {
    Step.FACE: _("Choisir le nom et l'icône de ces pages"),
    Step.CODES: _("Choisir vos deux codes"),
    Step.CONTACTS: _("Ajouter une personne à prévenir"),
    Step.SHEET: _("Écrire votre fiche pour la police"),
    Step.MESSAGES: _("Écrire votre message du simple clic"),
    Step.PHONES: _("Relier votre téléphone"),
    Step.DRILL: _("Faire un exercice avec vos proches"),
    Step.ABOUT: _("Donner le numéro où la police vous rappelle"),
    Step.RECOVERY: _("Noter un code de secours sur papier"),
    Step.SAFE: _("Dire où vous avertir d'un changement"),
}
_PAGES: Mapping[Step, str] = {
    Step.FACE: "alerts:face",
    Step.CODES: "alerts:codes",
    Step.CONTACTS: "alerts:contact_add",
    Step.SHEET: "responders:her_sheet",
    Step.MESSAGES: "alerts:messages",
    Step.PHONES: "alerts:phones",
    Step.DRILL: "alerts:drills",
    Step.ABOUT: "alerts:about",
    Step.RECOVERY: "alerts:recovery",
    Step.SAFE: "alerts:safe_address",
}


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """One thing that is still missing: what it is, where it is done, and which it is of how many."""

    words: str
    url: str
    number: int
    of: int


def ahead(victim: Victim) -> list[Ahead]:
    """Everything that is missing, the next first, in the active language."""
    done = setting_up.done(victim)
    return [
        Ahead(words=str(_WORDS[step]), url=reverse(_PAGES[step]), number=number, of=len(Step))
        for number, step in enumerate(Step, start=1)
        if step not in done
    ]


def following(victim: Victim) -> Ahead | None:
    """The next of them."""
    return next(iter(ahead(victim)), None)
