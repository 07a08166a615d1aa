"""The way back in for somebody who lost the password: a code on paper, or from her advocate. No link, no telephone."""

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from alerts.domain import entering
from alerts.forms_entrance import RecoverForm


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def recover(request: HttpRequest) -> HttpResponse:
    """A code and a new password. Tries are limited by address, as at the sign-in."""
    limited: HttpResponse | None = ratelimit.consume_or_429(request, action="recover")
    if limited is not None:
        return limited
    form = RecoverForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and form.drawn is not None:
        try:
            done = entering.recover(form.drawn, form.cleaned_data["password1"], now=timezone.now())
        except entering.UnknownCodeError:
            form.add_error("code", _("Ce code n'est pas reconnu, ou a déjà servi."))
        else:
            _say(request, done)
            return redirect("account_login")
    return render(request, "account/password_reset.html", {"form": form})


def _say(request: HttpRequest, done: entering.Recovered) -> None:
    sentence = _("Le mot de passe est changé et les autres sessions sont fermées. Votre pseudonyme est %(name)s.")
    messages.success(request, sentence % {"name": done.account.username})
    if done.without_second_factor:
        messages.info(request, _("La deuxième vérification est retirée : choisissez-en une nouvelle."))
    else:
        messages.info(request, _("Tirez un nouveau code de secours : celui-ci ne sert plus."))
