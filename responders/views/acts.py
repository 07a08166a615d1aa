"""What a responder does, from a form (without scripts) or as JSON; both end in `coordinating`."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from alerts.models import Link
from alerts.states import Action
from responders.domain import coordinating, deeds, visiting
from responders.views import doors

Verb = Callable[[HttpRequest, Link, datetime], int]


@csrf_exempt  # SameSite=Lax and the checked origin stand in for the form's token: programs have none
@require_http_methods(["POST"])
def act(request: HttpRequest, place: str) -> HttpResponse:
    """One of the nine actions."""
    return _answer(request, place, _act)


@csrf_exempt  # as above
@require_http_methods(["POST", "DELETE"])
def position(request: HttpRequest, place: str) -> HttpResponse:
    """The responder's own position: shown to the others by choice, erased by DELETE."""
    return _answer(request, place, _stop_sharing if request.method == "DELETE" else _share)


def _act(request: HttpRequest, link: Link, now: datetime) -> int:
    return coordinating.act(link, deeds.read_deed(doors.body_of(request)), now=now)


def _share(request: HttpRequest, link: Link, now: datetime) -> int:
    body = doors.body_of(request)
    if body.get("stop"):  # a form knows no DELETE
        return coordinating.stop_sharing(link)
    return coordinating.share(link, deeds.read_place(body), now=now)


def _stop_sharing(request: HttpRequest, link: Link, now: datetime) -> int:
    del request, now  # at any time, without a body
    return coordinating.stop_sharing(link)


def _answer(request: HttpRequest, place: str, verb: Verb) -> HttpResponse:
    if doors.is_foreign(request):
        return doors.foreign(request)
    now = timezone.now()
    visit = visiting.find(place, doors.browser_key(request), now=now)
    if visit is None:
        return doors.no_place(request)
    back = reverse("responders:live", args=[place])
    with override(visit.link.contact.language):
        try:
            sequence = verb(request, visit.link, now)
        except deeds.RefusedError as error:
            return doors.refuse(request, error, back=back, drill=visit.link.alert.drill)
    if doors.speaks_json(request) or request.method == "DELETE":
        return JsonResponse({"ok": True, "sequence": sequence})
    if request.POST.get("action") == Action.CALL_17:  # who has no scripts calls now: what to say
        back = reverse("responders:seventeen", args=[place])
    response = HttpResponseRedirect(back)
    response.status_code = HTTPStatus.SEE_OTHER
    return response
