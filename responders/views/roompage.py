"""The markup and the words of the video room: asked for when somebody joins, so that the first view stays light."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_safe

from responders.domain import roomwords, visiting
from responders.views import doors


@require_safe
def page(request: HttpRequest, place: str) -> HttpResponse:
    """A fragment of the live page, in the contact's language."""
    visit = visiting.find(place, doors.browser_key(request), now=timezone.now())
    if visit is None:
        return doors.no_place(request)
    with override(visit.link.contact.language):
        response = render(request, "responders/room.html", {"words": roomwords.room()})
    response.headers["Content-Language"] = visit.link.contact.language
    return response
