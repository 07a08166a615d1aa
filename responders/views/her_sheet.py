"""Her sheet for the police: written by her, shown to her as each contact would read it, and only then stored."""

from dataclasses import asdict, dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from alerts.domain import profile, sheets
from alerts.domain.sheets import Sheet
from alerts.forms_hers import SheetForm
from alerts.models import Contact, Victim
from alerts.states import Gesture
from alerts.views.profile import standing_still
from alerts.views.signed import fresh, hers
from responders.domain import home
from responders.domain import sheet as seventeen
from responders.domain.sayings import Part


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What some of her contacts would see: who they are, and the sheet in their language."""

    names: tuple[str, ...]
    parts: tuple[Part, ...]


@require_http_methods(["GET", "POST"])
@hers
@fresh
def page(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Write; look; store. What is stored is what was looked at: an answer changed in between is shown again first."""
    form = SheetForm(request.POST if request.method == "POST" else None, initial=_initial(victim))
    if not form.is_bound or not form.is_valid():
        return render(request, "responders/her_sheet.html", {"form": form})
    sheet = form.sheet()
    if request.POST.get("seen") == sheet.fingerprint() and "save" in request.POST:
        return _stored(request, victim, sheet)
    facts = {"form": form, "readings": _readings(victim, sheet), "seen": sheet.fingerprint()}
    return render(request, "responders/her_sheet.html", facts)


def _initial(victim: Victim) -> dict[str, object]:
    kept = sheets.of(victim) or Sheet(home=victim.home)
    return asdict(kept)


def _readings(victim: Victim, sheet: Sheet) -> list[Reading]:
    """One for each language; a contact who would not be told is not among the names."""
    now = timezone.now()
    told = list(victim.contacts.told(Gesture.DOUBLE))
    if line := victim.contacts.on_call():
        told.append(line)
    answers = home.told(sheet)
    return [
        Reading(
            names=tuple(contact.name for contact in told if contact.language == language),
            parts=seventeen.preview(victim, answers, language=language, now=now),
        )
        for language in _languages(victim, told)
    ]


def _languages(victim: Victim, told: list[Contact]) -> list[str]:
    return list(dict.fromkeys(contact.language for contact in told)) or [victim.language]


def _stored(request: HttpRequest, victim: Victim, sheet: Sheet) -> HttpResponse:
    try:
        sheets.save(victim, sheet, now=timezone.now())
    except profile.AlertOpenError:
        messages.warning(request, standing_still())
    else:
        messages.success(request, _("Votre fiche est enregistrée."))
    return redirect("alerts:profile")
