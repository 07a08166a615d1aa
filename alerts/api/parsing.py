"""Bodies that are JSON and nothing else."""

import json
from http import HTTPStatus
from typing import Any, NoReturn

from django.conf import settings
from django.http import HttpRequest
from ninja.parser import Parser

from alerts.api.errors import Refusal, not_json, too_large


class JsonOnly(Parser):
    """Refuses another content type (415), too much (413), what is no JSON (400), NaN and Infinity (422)."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The decoded body. Raises a Refusal."""
        if request.content_type != "application/json":
            raise Refusal(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Send application/json in UTF-8."
            )
        return decode(request.body)


def decode(body: bytes) -> Any:
    """JSON in UTF-8 (RFC 8259). Raises a Refusal: a body of unannounced length is measured here, too."""
    if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise too_large()
    try:
        return json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise not_json() from None


def _refuse_constant(constant: str) -> NoReturn:
    raise Refusal(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid",
        "NaN and Infinity are no JSON numbers.",
        fields={"body": f"contains {constant}"},
    )


def decode_leniently(body: bytes) -> Any:
    """JSON if it is some, NaN as None, else None: for clients whose queue a refusal would block."""
    if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return None
    try:
        return json.loads(body.decode(), parse_constant=lambda _constant: None)
    except (ValueError, RecursionError):
        return None
