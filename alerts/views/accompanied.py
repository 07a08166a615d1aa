"""What an advocate does for those whom the association accompanies: invite, and let back in. Reads what they ticked."""

from collections.abc import Callable
from functools import wraps

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from alerts import access
from alerts.domain import accompanying, entering
from alerts.models import Account, Advocate
from alerts.views.signed import fresh

Page = Callable[..., HttpResponse]


def advocates(view: Page) -> Page:
    """Only for an advocate with a second factor (ASVS 6.3.3), who is handed to the view; others read a 404."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, **captured: object) -> HttpResponse:
        advocate = access.advocate_of(request.user) if isinstance(request.user, Account) else None
        if advocate is None:
            raise Http404
        if not is_mfa_enabled(advocate.account):
            messages.info(request, _("Cette page demande une deuxième vérification : activez-en une, puis revenez."))
            return redirect("mfa_index")
        return view(request, advocate, **captured)

    return guarded


@require_safe
@advocates
def listing(request: HttpRequest, advocate: Advocate) -> HttpResponse:
    """Those who took this association in, by their pseudonyms, what they let it see, and the way to invite another."""
    now = timezone.now()
    people = [
        {"victim": victim, "silences": accompanying.silent(victim, now=now)}
        for victim in access.accompanied_by(advocate)
    ]
    people.sort(key=lambda one: not one["silences"])  # the others stay in their order
    facts = {"association": advocate.association, "people": people}
    return render(request, "alerts/accompanied.html", facts)


@require_http_methods(["GET", "POST"])
@advocates
@fresh
def invite(request: HttpRequest, advocate: Advocate) -> HttpResponse:
    """A code for somebody's sign-up, shown once."""
    if request.method != "POST":
        return redirect("alerts:accompanied")
    code = entering.invite(advocate, now=timezone.now())
    address = f"{settings.SHERIF.her_url}{reverse('account_signup')}"
    facts = {"code": code, "address": address, "days": entering.INVITED_FOR.days}
    return render(request, "alerts/accompanied_invitation.html", facts)


@require_http_methods(["GET", "POST"])
@advocates
@fresh
def help_in(request: HttpRequest, advocate: Advocate, *, pk: int) -> HttpResponse:
    """A code with which somebody who sits opposite sets a new password."""
    victim = access.accompanied_by(advocate).filter(pk=pk).first()
    if victim is None:
        raise Http404
    facts: dict[str, object] = {"username": victim.account.username}
    if request.method == "POST":
        facts["code"] = entering.draw_with_advocate(advocate, victim, now=timezone.now())
        facts["minutes"] = int(entering.HELPED_FOR.total_seconds() // 60)
        facts["address"] = f"{settings.SHERIF.her_url}{reverse('account_reset_password')}"
    return render(request, "alerts/accompanied_help.html", facts)
