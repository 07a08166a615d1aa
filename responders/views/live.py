"""The live page and the same state as JSON."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_safe

from responders.domain import snapshot, visiting
from responders.views import doors, panel


@require_safe
def page(request: HttpRequest, place: str) -> HttpResponse:
    """Where she is, how old that is, who does what, what to do now; for 24 h after the end, how it ended."""
    now = timezone.now()
    visit = visiting.find(place, doors.browser_key(request), now=now)
    if visit is None:
        return doors.dead_link(request)
    link = visit.link
    state = snapshot.read(link, now=now)
    live = link.alert.is_live(now)
    if live:
        visiting.look(visit, now=now)
    with override(link.contact.language):
        context = panel.live(link, state, now=now) if live else panel.ended(link, state, now=now)
        response = render(request, "responders/live.html" if live else "responders/ended.html", context)
    response.headers["Content-Language"] = link.contact.language
    if live:
        response.headers["Permissions-Policy"] = settings.PERMISSIONS_POLICY["room"]
    return response


@require_safe
def snapshot_json(request: HttpRequest, place: str) -> HttpResponse:
    """The snapshot of contract.md."""
    now = timezone.now()
    visit = visiting.find(place, doors.browser_key(request), now=now)
    if visit is None:
        return doors.no_place_json()
    return JsonResponse(snapshot.read(visit.link, now=now))
