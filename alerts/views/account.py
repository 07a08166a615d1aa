"""Her account: how it looks, who is signed in, what changed, where she is told of it, how she comes back in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from alerts.domain import changes, disguises, entering, profile, sittings
from alerts.forms import as_number
from alerts.forms_hers import FaceForm, SafeAddressForm
from alerts.models import Victim
from alerts.views import faces
from alerts.views.profile import saved, standing_still
from alerts.views.signed import fresh, hers

_DIGITS = 18


@require_http_methods(["GET", "POST"])
@hers
@fresh
def face(request: HttpRequest, victim: Victim) -> HttpResponse:
    """The dull name and icon, and where the quick exit leads."""
    initial = {"disguise": disguises.of(victim).disguise, "exit_to": victim.exit_to}
    form = FaceForm(request.POST if request.method == "POST" else None, initial=initial)
    if not form.is_bound or not form.is_valid():
        return render(request, "alerts/profile_face.html", {"form": form})
    answer = saved(request, victim, form.cleaned_data)
    victim.refresh_from_db(fields=["disguise", "exit_to"])
    faces.wear(answer, disguises.of(victim))
    return answer


@require_http_methods(["GET", "POST"])
@hers
@fresh
def safe_address(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Where she hears of changes; the old address hears of this one, and the new one too, as a proof."""
    initial = {"safe_email": victim.safe_email, "safe_number": as_number(victim.safe_number)}
    bound = request.POST if request.method == "POST" else None
    form = SafeAddressForm(bound, initial=initial, own_number=victim.phone_number)
    if not form.is_bound or not form.is_valid():
        return render(request, "alerts/profile_safe.html", {"form": form})
    email, number = form.cleaned_data["safe_email"], form.cleaned_data["safe_number"]
    try:
        is_told = profile.save_safe_address(victim, email=email, number=number, now=timezone.now())
    except profile.AlertOpenError:
        messages.warning(request, standing_still())
        return redirect("alerts:profile")
    if is_told:
        messages.success(request, _("C'est enregistré. Un message d'essai part à cette adresse."))
    else:
        messages.success(request, _("C'est enregistré : plus personne n'est averti d'un changement."))
    return redirect("alerts:profile")


@require_http_methods(["GET", "POST"])
@hers
@fresh
def recovery(request: HttpRequest, victim: Victim) -> HttpResponse:
    """The code on paper; drawn by a POST, shown once."""
    facts: dict[str, Any] = {"kept": entering.has_paper(victim), "username": victim.account.username}
    if request.method == "POST":
        facts["code"] = entering.draw_paper(victim, now=timezone.now())
    return render(request, "alerts/profile_recovery.html", facts)


@require_safe
@hers
def listing(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Where somebody is signed in, and what changed lately."""
    listed = sittings.open_of(victim.account, now=timezone.now())
    lately = [(change, changes.words(change)) for change in changes.lately(victim)]
    facts = {"sittings": listed, "this": request.session.session_key, "changes": lately}
    return render(request, "alerts/profile_sessions.html", facts)


@require_http_methods(["GET", "POST"])
@hers
@fresh
def end_session(request: HttpRequest, victim: Victim) -> HttpResponse:
    """End one session, or all but this one; a plain visit of the address changes nothing."""
    if request.method != "POST":
        return redirect("alerts:sessions")
    which = request.POST.get("which", "")
    pk = int(which) if which.isascii() and which.isdigit() and len(which) < _DIGITS else None
    if which != "others" and pk is None:
        return redirect("alerts:sessions")
    if sittings.end_from_afar(victim, pk=pk, keep=request.session.session_key or "", now=timezone.now()):
        messages.success(request, _("C'est fermé : il faut de nouveau le mot de passe pour y entrer."))
    return redirect("alerts:sessions")
