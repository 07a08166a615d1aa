"""Pages that anybody may read."""

import logging

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from alerts.domain import demonstration, sittings
from alerts.views import faces

log = logging.getLogger(__name__)


def home(request: HttpRequest) -> HttpResponse:
    """The way in; what the service is, only where everybody is invented."""
    known = demonstration.load()
    facts = {"demonstration": demonstration.allowed(), "account": known.victim if known else None}
    return render(request, "alerts/home.html", facts)


def leave(request: HttpRequest) -> HttpResponse:
    """Quick exit: ends the session and goes to the neutral site of her choice. A GET, so that it works without scripts.

    Whatever happens it leads away: a database that does not answer leaves the session to its own end, and the browser
    forgets it all the same. A contact's browser forgets its alerts too; the link in the message opens them again.
    """
    try:
        logout(request)
    except DatabaseError:
        log.exception("A session could not be ended by a quick exit.")
        request.session = sittings.blank()
        request.user = AnonymousUser()
    answer = HttpResponseRedirect(faces.of(request).exit_address)
    for name in (settings.SESSION_COOKIE_NAME, settings.VISIT_COOKIE_NAME):
        answer.delete_cookie(name, samesite="Lax")
    return answer


def text_page(request: HttpRequest, *, name: str) -> HttpResponse:
    """One page of plain text: legal notice, accessibility statement, privacy notice."""
    return render(request, f"alerts/{name}.html", {"keeping": settings.KEEPING})
