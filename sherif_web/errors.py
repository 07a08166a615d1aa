"""Error pages: what happened, what was kept, what to do next. Under /api/ every answer is JSON."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

_API = "/api/"
_CODES = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    500: "server_error",
}
_MESSAGES = {
    400: "The request could not be read.",
    403: "Not allowed.",
    404: "There is nothing at this address.",
    405: "This method is not allowed here.",
    413: "The body is too large; send less at once.",
    500: "The service failed; nothing was lost. Try again.",
}


class JsonUnderApi:
    """The innermost layer: what a view refuses without our handlers, its client reads as JSON. Headers stay (Allow)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Put the one shape in place of a page or a plain text."""
        response = self._get_response(request)
        if request.path.startswith(_API) and response.status_code >= HTTPStatus.BAD_REQUEST:
            kind = response.headers.get("Content-Type", "")
            if not kind.startswith("application/json"):
                response.content = _error(response.status_code).content
                response.headers["Content-Type"] = "application/json"
        return response


def _error(status: int) -> JsonResponse:
    code = _CODES.get(status, "refused")
    error = {"code": code, "message": _MESSAGES.get(status, "The call was refused."), "fields": {}}
    return JsonResponse({"error": error}, status=status)


def _answer(request: HttpRequest, status: int, *, title: str, advice: str) -> HttpResponse:
    if request.path.startswith(_API):
        return _error(status)
    return render(request, "error.html", {"status": status, "title": title, "advice": advice}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: unreadable request."""
    del exception
    title = _("Cette demande n'a pas pu être lue")
    return _answer(
        request, HTTPStatus.BAD_REQUEST, title=title, advice=_("Revenez à la page précédente et recommencez.")
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: not allowed."""
    del exception
    title = _("Cette page ne vous est pas ouverte")
    return _answer(
        request,
        HTTPStatus.FORBIDDEN,
        title=title,
        advice=_("Connectez-vous avec un autre compte, ou revenez en arrière."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form that did not come from our own page, or a page left open too long."""
    del reason
    title = _("Ce formulaire a expiré")
    return _answer(
        request,
        HTTPStatus.FORBIDDEN,
        title=title,
        advice=_("Revenez à la page précédente, rechargez-la et recommencez."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing here, or nothing for this person: the same page."""
    del exception
    title = _("Il n'y a rien à cette adresse")
    return _answer(request, HTTPStatus.NOT_FOUND, title=title, advice=_("En cas de danger, appelez le 17."))


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    title = _("Le service a rencontré une erreur")
    return _answer(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        title=title,
        advice=_("Rien n'est perdu. Réessayez. En cas de danger, appelez le 17."),
    )
