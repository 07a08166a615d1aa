"""One shape for every refusal: `{"error": {"code", "message", "fields"}}`, and nothing of what was sent in it."""

import logging
import math
import traceback
from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

log = logging.getLogger(__name__)

MOST_FIELDS = 50
_RETRY_SECONDS = 1


class Refusal(Exception):  # noqa: N818 - an answer of the contract, not a fault
    """A call that is refused: status, snake_case code, one sentence, which fields, further headers."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        message: str,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})

    def answer(self) -> JsonResponse:
        """The refusal as the phone reads it."""
        error = {"code": self.code, "message": self.message, "fields": self.fields}
        return JsonResponse({"error": error}, status=self.status, headers=self.headers)


def unauthorized(scheme: str) -> Refusal:
    """401: no credential, an unknown or a revoked one (RFC 9110, section 11.6.1)."""
    return Refusal(
        HTTPStatus.UNAUTHORIZED,
        "unauthorized",
        "This phone is not paired, or not any more.",
        headers={"WWW-Authenticate": f'{scheme} realm="phone"'},
    )


def not_json() -> Refusal:
    """400: the body is no JSON (RFC 8259), or nested too deep to be any of ours."""
    return Refusal(HTTPStatus.BAD_REQUEST, "not_json", "The body is not JSON.")


def too_large() -> Refusal:
    """413: larger than any call of ours."""
    return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", "The body is too large; send less at once.")


def busy() -> Refusal:
    """503: nothing was stored; the same call with the same ids in a second loses nothing."""
    return Refusal(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "busy",
        "Nothing was stored just now. Send the same again in a second.",
        headers={"Retry-After": str(_RETRY_SECONDS)},
    )


def too_many_tries(wait: timedelta) -> Refusal:
    """429: too many wrong codes; `wait` until the next try is looked at."""
    seconds = max(1, math.ceil(wait.total_seconds()))
    return Refusal(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_many_tries",
        "Too many wrong codes. Wait before trying again.",
        headers={"Retry-After": str(seconds)},
    )


def too_many_clicks(wait: timedelta) -> Refusal:
    """429: her alert is open and at least as grave, and she clicked very often; `wait` until the next one counts."""
    return Refusal(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_many_clicks",
        "Her alert is open and goes on; so many clicks change nothing. Wait before the next one.",
        headers={"Retry-After": str(max(1, math.ceil(wait.total_seconds())))},
    )


def invalid(problems: Sequence[Mapping[str, Any]]) -> Refusal:
    """422: which fields are wrong and why, at most fifty of them, without what was sent."""
    fields = {_place(problem["loc"]): str(problem["msg"]) for problem in problems[:MOST_FIELDS]}
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "Some values are missing or wrong.", fields=fields)


def _place(location: Sequence[str | int]) -> str:
    inside = location[2:] if location[0] == "body" else location[1:]  # "body" is followed by its parameter's name
    return ".".join(str(part) for part in inside) or "body"


def register(api: NinjaAPI) -> None:
    """Answer every exception of a call in the one shape."""
    api.add_exception_handler(Refusal, _on_refusal)
    api.add_exception_handler(HttpError, _on_http_error)
    api.add_exception_handler(ValidationError, _on_validation_error)
    api.add_exception_handler(RequestDataTooBig, lambda _request, _error: too_large().answer())
    for unreadable in (MultiPartParserError, UnreadablePostError, SuspiciousOperation, BadRequest):
        api.add_exception_handler(unreadable, lambda _request, _error: not_json().answer())
    for absent in (OperationalError, InterfaceError):
        api.add_exception_handler(absent, _on_absent_database)
    api.add_exception_handler(Exception, _on_fault)


def _on_refusal(_request: HttpRequest, refusal: Any) -> JsonResponse:
    answer: JsonResponse = refusal.answer()
    return answer


def _on_http_error(_request: HttpRequest, error: Any) -> JsonResponse:
    refusal = error.__cause__ if isinstance(error.__cause__, Refusal) else not_json()
    return refusal.answer()


def _on_validation_error(request: HttpRequest, error: Any) -> JsonResponse:
    of_body = any(problem["loc"][0] == "body" for problem in error.errors)
    refusal = not_json() if of_body and not request.body else invalid(error.errors)
    return refusal.answer()


def _on_absent_database(request: HttpRequest, error: Any) -> JsonResponse:
    log.warning("%s was answered 503: the database said %s.", _route(request), type(error).__name__)
    return busy().answer()


def _on_fault(request: HttpRequest, error: Any) -> JsonResponse:
    """Say where it failed; the exception's own words may quote what the phone sent."""
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed with %s:\n%s", _route(request), type(error).__qualname__, where)
    message = "The service failed; nothing was lost. Try again."
    return Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "server_error", message).answer()


def _route(request: HttpRequest) -> str:
    route = request.resolver_match.route if request.resolver_match else "an unknown address"
    return f"{request.method} {route}"
