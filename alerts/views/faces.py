"""The dull face of the site in this browser: read from its cookie, and put into it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from alerts.domain import disguises
from alerts.domain.disguises import Face

_KEPT_FOR = 365 * 24 * 3600  # seconds


def of(request: HttpRequest) -> Face:
    """What this browser shows."""
    return disguises.read(str(request.COOKIES.get(settings.FACE_COOKIE_NAME, "")))


def wear(response: HttpResponse, face: Face) -> None:
    """Let this browser show it from the next page on."""
    response.set_cookie(
        settings.FACE_COOKIE_NAME,
        face.written(),
        max_age=_KEPT_FOR,
        secure=settings.SHERIF.secure,
        httponly=True,
        samesite="Lax",
    )


def context(request: HttpRequest) -> dict[str, Any]:
    """For every page rendered for a request."""
    return {"face": of(request)}
