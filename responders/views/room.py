"""The video room of an alert, for a responder's page: take a seat, answer the offer, get up. Always JSON."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from alerts.api.gates import FloodError, PhoneGate
from alerts.models import Link
from responders import mediaclient
from responders.domain import relays, room, visiting
from responders.domain.deeds import RefusedError
from responders.views import doors

MOST_BYTES = 64 * 1024
RETRY_SECONDS = 1

# A page tries four times a second while the media process is away, and must not have used up its turns by then.
joins = PhoneGate(burst=40, every_seconds=1, patience_seconds=1)
answers = PhoneGate(burst=40, every_seconds=1, patience_seconds=1)

Verb = Callable[[HttpRequest, Link, datetime], HttpResponse]


@csrf_exempt  # SameSite=Lax and the checked origin stand in for the form's token, as with every action of this page
@require_http_methods(["GET", "POST", "DELETE"])
def room_of(request: HttpRequest, place: str) -> HttpResponse:
    """Who sits where, with relays for whoever sits; take a seat; get up."""
    verbs: dict[str | None, Verb] = {"POST": _join, "DELETE": _leave}
    return _answered(request, place, verbs.get(request.method, _look))


@csrf_exempt  # as above
@require_http_methods(["PUT", "DELETE"])
def seat_of(request: HttpRequest, place: str, seat: int) -> HttpResponse:
    """Answer the offer of this seat; get up from it."""

    def verb(request: HttpRequest, link: Link, now: datetime) -> HttpResponse:
        return _answer(request, link, seat) if request.method == "PUT" else _leave(request, link, now, seat=seat)

    return _answered(request, place, verb)


def _look(request: HttpRequest, link: Link, now: datetime) -> HttpResponse:
    """Who sits where; the relays' credentials end after ten minutes, and here are new ones."""
    del request
    _check_live(link, now=now)
    seat = room.seat_of(room.responder(link))
    servers = [] if seat is None else relays.ice_servers(link.alert_id, seat, now=now)
    return JsonResponse({**room.line(link.alert_id), "ice_servers": servers})


def _join(request: HttpRequest, link: Link, now: datetime) -> HttpResponse:
    del request  # its body says nothing
    _check_live(link, now=now)
    with joins.passing(link.pk, spare=lambda: True):
        taken = room.join(room.responder(link), now=now)
    body = {"seat": taken.seat, "offer": taken.offer, "ice_servers": taken.ice_servers, "taking": taken.taking}
    return JsonResponse(body, status=HTTPStatus.CREATED)


def _answer(request: HttpRequest, link: Link, seat: int) -> HttpResponse:
    body = doors.body_of(request, most=MOST_BYTES)
    sdp = body.get("answer")
    if not isinstance(sdp, str) or not sdp:
        wrong = _("Un texte est attendu.")
        raise _refused("invalid", _("Cette demande est incomplète ou illisible."), 422, fields={"answer": wrong})
    with answers.passing(link.pk, spare=lambda: True):
        room.answer(room.responder(link), sdp, _which(body, seat))
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _leave(request: HttpRequest, link: Link, now: datetime, *, seat: int | None = None) -> HttpResponse:
    """At any time, also after the end."""
    del now
    body = doors.body_of(request, most=MOST_BYTES) if request.content_type == "application/json" else {}
    room.leave(room.responder(link), _which(body, seat))
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _which(body: dict[str, Any], seat: int | None) -> room.Which:
    taking = body.get("taking")
    return room.Which(seat=seat, taking=taking if isinstance(taking, str) else None)


def _check_live(link: Link, *, now: datetime) -> None:
    if not link.alert.is_live(now):
        raise _refused("ended", _("L'alerte est terminée : la conversation aussi."), HTTPStatus.CONFLICT)


def _answered(request: HttpRequest, place: str, verb: Verb) -> HttpResponse:
    if doors.is_foreign(request):
        return doors.foreign(request)
    now = timezone.now()
    visit = visiting.find(place, doors.browser_key(request), now=now)
    if visit is None:
        return doors.no_place_json()
    with override(visit.link.contact.language):
        try:
            return verb(request, visit.link, now)
        except FloodError as flood:
            refused = _refused("slow_down", _("Trop de tentatives : attendez un instant."), 429)
            return _refusal(refused, retry_after=max(1, round(flood.wait.total_seconds())))
        except mediaclient.MediaError as error:
            return _refusal(_said(error), retry_after=RETRY_SECONDS)
        except RefusedError as refused:
            return _refusal(refused)


def _said(error: mediaclient.MediaError) -> RefusedError:
    """What the media process refused, as a sentence for whoever waits in front of the page."""
    if isinstance(error, mediaclient.FullError):
        return _refused("room_full", _("La conversation est complète pour l'instant."), HTTPStatus.CONFLICT)
    if isinstance(error, mediaclient.NoSeatError):
        return _refused("no_seat", _("Cette place n'est plus la vôtre : rejoignez de nouveau."), HTTPStatus.NOT_FOUND)
    if isinstance(error, mediaclient.AnswerError):
        return _refused("bad_answer", _("Ce navigateur n'a pas pu rejoindre la conversation."), 422)
    message = _("La conversation ne répond pas pour l'instant. La carte, les messages et le 17 marchent.")
    return _refused("room_away", message, HTTPStatus.SERVICE_UNAVAILABLE)


def _refused(code: str, message: str, status: int, *, fields: dict[str, str] | None = None) -> RefusedError:
    return RefusedError(code, message, status=status, fields=fields)


def _refusal(error: RefusedError, *, retry_after: int = 0) -> HttpResponse:
    response = JsonResponse(error.body(), status=error.status)
    if retry_after and error.status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
        response.headers["Retry-After"] = str(retry_after)
    return response
