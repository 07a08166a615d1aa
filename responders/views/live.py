"""The live page, what to say to 17, and the same state as JSON."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
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
        apple = doors.writes_like_apple(request)
        context = panel.live(link, state, now=now, apple=apple) if live else panel.ended(link, state, now=now)
        response = render(request, "responders/live.html" if live else "responders/ended.html", context)
    response.headers["Content-Language"] = link.contact.language
    if live:
        response.headers["Permissions-Policy"] = settings.PERMISSIONS_POLICY["room"]
    return response


@require_safe
def seventeen(request: HttpRequest, place: str) -> HttpResponse:
    """What to say to 17, on a page of its own: for who has no scripts, and for the live page when the place changes."""
    now = timezone.now()
    visit = visiting.find(place, doors.browser_key(request), now=now)
    if visit is None:
        return doors.dead_link(request)
    link = visit.link
    if not link.alert.is_live(now):
        return HttpResponseRedirect(reverse("responders:live", args=[place]))
    visiting.look(visit, now=now)
    with override(link.contact.language):
        apple = doors.writes_like_apple(request)
        context = panel.live(link, snapshot.read(link, now=now), now=now, apple=apple)
        response = render(request, "responders/sayings.html", context)
    response.headers["Content-Language"] = link.contact.language
    return response


@require_safe
def snapshot_json(request: HttpRequest, place: str) -> HttpResponse:
    """The snapshot of contract.md."""
    now = timezone.now()
    visit = visiting.find(place, doors.browser_key(request), now=now)
    if visit is None:
        return doors.no_place_json()
    return JsonResponse(snapshot.read(visit.link, now=now))
