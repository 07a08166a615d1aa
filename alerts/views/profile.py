"""Her pages: what is still missing, who she is, her codes, her messages, what a long press does."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from alerts import access
from alerts.domain import contacts, disguises, profile, setting_up, silences, sittings
from alerts.forms import as_number
from alerts.forms_hers import AboutForm, CodesForm, GesturesForm
from alerts.models import MOST_CONTACTS, Account, Victim
from alerts.views import steps
from alerts.views.signed import fresh, hers, victim_of


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """Everything at a glance; an account without a record of its own reads that there is nothing here."""
    if victim_of(request) is None:
        advocate = access.advocate_of(request.user) if isinstance(request.user, Account) else None
        return render(request, "alerts/profile_none.html", {"advocate": advocate})
    return _overview(request)


@hers
def _overview(request: HttpRequest, victim: Victim) -> HttpResponse:
    facts = {
        "victim": victim,
        "relatives": contacts.relatives(victim),
        "most": MOST_CONTACTS,
        "done": {str(step): True for step in setting_up.done(victim)},
        "ahead": steps.ahead(victim),
        "disguise": disguises.of(victim).name,
        "sittings": len(sittings.open_of(victim.account, now=timezone.now())),
        "silences": silences.found(victim, now=timezone.now()),
    }
    return render(request, "alerts/profile.html", facts)


@require_http_methods(["GET", "POST"])
@hers
@fresh
def about(request: HttpRequest, victim: Victim) -> HttpResponse:
    """First name, callback number, language, time zone."""
    fields = ("name", "phone_allowed", "language", "time_zone")
    initial = {name: getattr(victim, name) for name in fields} | {"phone_number": as_number(victim.phone_number)}
    form = AboutForm(request.POST or None, initial=initial, own_relatives=contacts.relatives(victim))
    if not form.is_bound or not form.is_valid():
        return render(request, "alerts/profile_about.html", {"form": form})
    answer = saved(request, victim, form.cleaned_data)
    # The account pages, which know no victim, then speak her language too.
    language = form.cleaned_data["language"]
    secure = settings.SHERIF.secure
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, secure=secure, httponly=True, samesite="Lax")
    return answer


@require_http_methods(["GET", "POST"])
@hers
@fresh
def gestures(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Siren, silent recording, and how long an alert lasts at most."""
    initial = {"siren": victim.siren, "recording": victim.recording, "alert_hours": victim.alert_hours or ""}
    bound = request.POST if request.method == "POST" else None
    form = GesturesForm(bound, initial=initial)
    if not form.is_bound or not form.is_valid():
        return render(request, "alerts/profile_gestures.html", {"form": form})
    return saved(request, victim, form.cleaned_data)


@require_http_methods(["GET", "POST"])
@hers
@fresh
def codes(request: HttpRequest, victim: Victim) -> HttpResponse:
    """The code and the code under duress."""
    form = CodesForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return render(request, "alerts/profile_codes.html", {"form": form, "chosen": bool(victim.pin_hash)})
    try:
        chosen = form.cleaned_data
        profile.set_codes(victim, code=chosen["code"], duress_code=chosen["duress_code"], now=timezone.now())
    except profile.AlertOpenError:
        messages.warning(request, standing_still())
    else:
        messages.success(request, _("Vos codes sont enregistrés."))
    return redirect("alerts:profile")


def standing_still() -> str:
    """Why nothing was changed, without telling who looks over her shoulder that an alert is open."""
    return _("Rien n'a été modifié : ces réglages ne peuvent pas changer en ce moment. Réessayez plus tard.")


def saved(request: HttpRequest, victim: Victim, fields: dict[str, Any]) -> HttpResponse:
    """Store what a valid form says, say so, and go back to the overview."""
    try:
        profile.save(victim, fields, now=timezone.now())
    except profile.AlertOpenError:
        messages.warning(request, standing_still())
    else:
        messages.success(request, _("C'est enregistré."))
    return redirect("alerts:profile")
