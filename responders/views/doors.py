"""What the doors of the response share: where a request came from, which browser it is, what a closed door says."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from responders.domain.deeds import RefusedError

Page = Callable[[HttpRequest, str], HttpResponse]

MOST_BYTES = 16 * 1024


def personal(request: HttpRequest, token: str, *, show: Page, enter: Page) -> HttpResponse:
    """A personal link: a visit shows a neutral page and changes nothing, a human gesture posts and enters.

    The link is the credential, so the origin is checked instead of a form's token.
    """
    if request.method == "POST" and is_foreign(request):
        response = foreign(request)
    else:
        response = enter(request, token) if request.method == "POST" else show(request, token)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def browser_key(request: HttpRequest) -> str:
    """The key that this browser keeps, or nothing."""
    return str(request.COOKIES.get(settings.VISIT_COOKIE_NAME, ""))


def is_foreign(request: HttpRequest) -> bool:
    """Whether another site sent this: the link and the cookie are the credential, so the origin is checked instead.

    A page under `Referrer-Policy: no-referrer` sends `Origin: null` with its own form, therefore null is not foreign;
    every browser that sends Sec-Fetch-Site tells the truth there.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        return True
    origin = request.headers.get("Origin", "null")
    return origin not in {"null", settings.SHERIF.public_url, f"{request.scheme}://{request.get_host()}"}


def writes_like_apple(request: HttpRequest) -> bool:
    """Whether this device wants sms:114&body= where RFC 5724 says sms:114?body=. An iPad calls itself a Macintosh."""
    return any(name in request.headers.get("User-Agent", "") for name in ("iPhone", "iPad", "iPod", "Macintosh"))


def dead_link(request: HttpRequest) -> HttpResponse:
    """One and the same page, byte for byte, for what is forged, foreign, cut off and over."""
    response = render(request, "responders/dead.html", status=HTTPStatus.NOT_FOUND)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def speaks_json(request: HttpRequest) -> bool:
    """Whether a program asks, not a form."""
    return request.content_type == "application/json" or (
        "application/json" in request.headers.get("Accept", "") and "text/html" not in request.headers["Accept"]
    )


def body_of(request: HttpRequest, *, most: int = MOST_BYTES) -> dict[str, Any]:
    """The fields of a form or of a JSON object. Raises RefusedError: 413, 400 (not JSON), 422 (not an object)."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise RefusedError("too_large", _("Cette demande est trop longue."), status=413)
    if request.content_type != "application/json":
        return request.POST.dict()
    try:
        body = json.loads(request.body, parse_constant=float)
    except (ValueError, RecursionError):
        raise RefusedError("not_json", _("Ce n'est pas du JSON."), status=HTTPStatus.BAD_REQUEST) from None
    if not isinstance(body, dict):
        raise RefusedError("invalid", _("Un objet JSON est attendu."), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return body


def refuse(request: HttpRequest, error: RefusedError, *, back: str = "", drill: bool = False) -> HttpResponse:
    """The error as JSON for a program; for a person a plain page with the way back, and with no live 17 in a drill."""
    if speaks_json(request):
        return JsonResponse(error.body(), status=error.status)
    context = {"error": error, "back": back, "drill": drill}
    return render(request, "responders/refused.html", context, status=error.status)


def no_place(request: HttpRequest) -> HttpResponse:
    """Nothing here for this browser."""
    return no_place_json() if speaks_json(request) else dead_link(request)


def no_place_json() -> JsonResponse:
    """Nothing here for this program."""
    message = _("Cette page n'est pas valable, ou l'alerte est terminée.")
    error = RefusedError("not_found", message, status=HTTPStatus.NOT_FOUND)
    return JsonResponse(error.body(), status=error.status)


def foreign(request: HttpRequest) -> HttpResponse:
    """Another site asked."""
    message = _("Cette demande vient d'un autre site : elle est refusée.")
    return refuse(request, RefusedError("forbidden", message, status=HTTPStatus.FORBIDDEN))
