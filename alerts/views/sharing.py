"""Who accompanies her, and what she lets that association do and see."""

from dataclasses import asdict, fields

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from alerts.domain import accompanying, entering, profile, throttling
from alerts.domain.accompanying import Wishes
from alerts.forms_sharing import JoinForm, WishesForm
from alerts.models import Victim
from alerts.views.profile import standing_still
from alerts.views.signed import fresh, hers


@require_http_methods(["GET", "POST"])
@hers
@fresh
def page(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Her three ticks; without an association, the place for its code."""
    if victim.association is None:
        return render(request, "alerts/profile_join.html", {"form": JoinForm()})
    initial = asdict(Wishes(**{one.name: getattr(victim, one.name) for one in fields(Wishes)}))
    form = WishesForm(request.POST if request.method == "POST" else None, initial=initial)
    if not form.is_bound or not form.is_valid():
        return render(request, "alerts/profile_sharing.html", {"form": form, "association": victim.association})
    try:
        accompanying.allow(victim, form.wishes(), now=timezone.now())
    except profile.AlertOpenError:
        messages.warning(request, standing_still())
    else:
        messages.success(request, _("C'est enregistré."))
    return redirect("alerts:profile")


@require_http_methods(["GET", "POST"])
@hers
@fresh
def join(request: HttpRequest, victim: Victim) -> HttpResponse:
    """By a code that an advocate gave her; a plain visit of the address changes nothing. Tries are counted."""
    if request.method != "POST" or victim.association is not None:
        return redirect("alerts:sharing")
    now = timezone.now()
    form = JoinForm(request.POST)
    if form.is_valid() and throttling.passes(f"invitation of {victim.pk}", now=now):
        try:
            invitation = entering.invitation_of(form.cleaned_data["invitation"], now=now)
            entering.accept(invitation, victim, now=now)
        except entering.UnknownCodeError:
            form.refuse()
        else:
            messages.success(request, _("%(name)s vous accompagne.") % {"name": invitation.association.name})
            return redirect("alerts:sharing")
    elif form.is_valid():
        form.refuse()
    return render(request, "alerts/profile_join.html", {"form": form})


@require_http_methods(["GET", "POST"])
@hers
@fresh
def leave(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Nobody accompanies her any more; a plain visit of the address changes nothing."""
    if request.method != "POST" or victim.association is None:
        return redirect("alerts:sharing")
    try:
        accompanying.leave(victim, now=timezone.now())
    except profile.AlertOpenError:
        messages.warning(request, standing_still())
    else:
        messages.success(request, _("Plus aucune association ne vous accompagne."))
    return redirect("alerts:profile")
