"""The admin site: staff with a second factor, who enter by the same door as everybody."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _


class StaffSite(admin.AdminSite):
    """Django's admin behind allauth's login (rate limits, passkeys, codes) and a second factor for all (ASVS 6.3.3)."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether this is active staff that cannot be let in by a password alone."""
        return super().has_permission(request) and is_mfa_enabled(request.user)

    def login(self, request: HttpRequest, _extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send a stranger to sign in, and staff without a second factor to choose one."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated and super().has_permission(request):
            messages.info(
                request, _("L'administration demande une deuxième vérification : activez-en une, puis revenez.")
            )
            return redirect("mfa_index")
        return redirect_to_login(reverse("admin:index"), reverse("account_login"))
