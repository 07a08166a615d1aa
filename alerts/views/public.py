"""Pages that anybody may read."""

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from alerts.domain import demonstration

NEUTRAL_SITE = "https://meteofrance.com/"


def home(request: HttpRequest) -> HttpResponse:
    """The way in; what the service is, only where everybody is invented."""
    known = demonstration.load()
    facts = {"demonstration": demonstration.allowed(), "account": known.victim if known else None}
    return render(request, "alerts/home.html", facts)


def leave(request: HttpRequest) -> HttpResponse:
    """Quick exit: ends the session and goes to a neutral site. A GET, so that it works without scripts."""
    logout(request)
    return HttpResponseRedirect(NEUTRAL_SITE)


def text_page(request: HttpRequest, *, name: str) -> HttpResponse:
    """One page of plain text: legal notice, accessibility statement, privacy notice."""
    return render(request, f"alerts/{name}.html", {"keeping": settings.KEEPING})
