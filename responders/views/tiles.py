"""Tiles of the base map, for whoever may look at some live map, and for nobody else."""

import hashlib
import time
from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from responders import basemap
from responders.domain import visiting
from responders.tiles import Address
from responders.views import doors

KEPT_SECONDS = 12 * 3600  # by the browser: as long as an alert lasts
_BELIEVED_SECONDS = 60.0
_MOST_BELIEVED = 5_000


class Passes:
    """Who was let in a moment ago: a map of thirty tiles asks the database once."""

    def __init__(self) -> None:
        self._until: dict[bytes, float] = {}

    def holds(self, card: bytes) -> bool:
        """Whether this one was let in within the last minute."""
        return time.monotonic() < self._until.get(card, 0.0)

    def keep(self, card: bytes) -> None:
        """Let it in for a minute."""
        if len(self._until) >= _MOST_BELIEVED:
            self._until.clear()
        self._until[card] = time.monotonic() + _BELIEVED_SECONDS


_passes = Passes()


@require_safe
def tile(request: HttpRequest, *, z: int, x: int, y: int) -> HttpResponse:
    """One picture, or 204 where there is none now: the page draws outlines then, and nobody's console turns red."""
    now = timezone.now()
    if not _may_look(request, now=now):
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    ground = basemap.here()
    found = ground.base.tile(Address(z, x, y), now=now.timestamp()) if ground else None
    if found is None:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    response = HttpResponse(found.picture, content_type=found.media_type)
    response.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}, immutable"
    return response


def _may_look(request: HttpRequest, *, now: datetime) -> bool:
    """A browser that opened the link of an alert that goes on, or somebody who is signed in."""
    key, session = doors.browser_key(request), request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if not (key or session):
        return False
    card = hashlib.sha256(f"{key} {session}".encode()).digest()
    if _passes.holds(card):
        return True
    if visiting.looks_somewhere(key, now=now) or (session and request.user.is_authenticated):
        _passes.keep(card)
        return True
    return False
