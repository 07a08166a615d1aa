"""GET /r/<token> shows a neutral page and changes nothing; a human gesture POSTs and gets a place without the token."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from alerts import links
from alerts.domain import responding
from responders.domain import visiting
from responders.views import doors


@csrf_exempt  # the link is the credential; the origin is checked instead
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The personal link of a message."""
    return doors.personal(request, token, show=_show, enter=_open)


def _show(request: HttpRequest, token: str) -> HttpResponse:
    found = links.read(token, now=timezone.now())
    if found is None:
        return doors.dead_link(request)
    language = found.link.contact.language
    with override(language):
        response = render(request, "responders/link.html", {"drill": found.link.alert.drill})
    response.headers["Content-Language"] = language
    return response


def _open(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    found = links.read(token, now=now)
    if found is None:
        return doors.dead_link(request)
    try:
        key = visiting.enter(found, doors.browser_key(request), now=now)
    except responding.OverError:  # it ended in this very moment
        return doors.dead_link(request)
    response = HttpResponseRedirect(reverse("responders:live", args=[found.link.place]))
    response.status_code = 303
    response.set_cookie(
        settings.VISIT_COOKIE_NAME,
        key,
        max_age=settings.SHERIF.alert_hours * 3600 + int(visiting.READS_ENDED_FOR.total_seconds()),
        path="/",
        secure=settings.SHERIF.secure,
        httponly=True,
        samesite="Lax",
    )
    return response
