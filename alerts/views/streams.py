"""Answers that are made while they are sent: archives, and sound of which any part may be asked (RFC 9110, 14.2)."""

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from http import HTTPStatus
from typing import cast

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from alerts.evidence.playing import Playing
from alerts.papers import bundle

_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")


def archive(
    request: HttpRequest,
    files: Iterable[tuple[str, Iterable[str] | Iterable[bytes]]],
    *,
    name: str,
    now: datetime,
) -> HttpResponse:
    """A zip of this name, as a download that nobody keeps."""
    pieces = bundle.stream(files, at=timezone.localtime(now))
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return _answer(request, pieces, kind="application/zip", headers=headers, status=HTTPStatus.OK)


def sound(request: HttpRequest, playing: Playing, *, kind: str) -> HttpResponse:
    """A part of a recording, or the range of it that a player asks for. Opened while it is sent."""
    size = playing.size
    wanted = _wanted(request, size)
    if wanted is None:
        refused = HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        refused.headers["Content-Range"] = f"bytes */{size}"
        return refused
    first, end = wanted
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(end - first), "Content-Disposition": "inline"}
    whole = (first, end) == (0, size) and "Range" not in request.headers
    if not whole:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    status = HTTPStatus.OK if whole else HTTPStatus.PARTIAL_CONTENT
    return _answer(request, playing.part(first, end), kind=kind, headers=headers, status=status)


def _wanted(request: HttpRequest, size: int) -> tuple[int, int] | None:
    """First byte and the one behind the last; None if there is no such part. What is not understood asks for all."""
    found = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if found is None or found[0] == "bytes=-" or "If-Range" in request.headers:  # there is nothing to compare it with
        return 0, size
    if not found[1]:
        first, end = max(size - int(found[2]), 0), size
    else:
        first, end = int(found[1]), min(int(found[2]) + 1, size) if found[2] else size
    return (first, end) if first < end else None


def _answer(
    request: HttpRequest, pieces: Iterator[bytes], *, kind: str, headers: dict[str, str], status: HTTPStatus
) -> HttpResponse:
    # It is compressed already; and Django would compress each piece by itself, of which browsers read the first alone.
    request.META.pop("HTTP_ACCEPT_ENCODING", None)
    answer = StreamingHttpResponse(
        _from_a_desk(pieces) if isinstance(request, ASGIRequest) else pieces,
        content_type=kind,
        headers={**headers, "Cache-Control": "no-store"},
        status=status,
    )
    return cast("HttpResponse", answer)  # of Django's answers only the other half has a body at once


async def _from_a_desk(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each piece is read at the desk of its request, where rows may be asked for."""
    while piece := await _following(pieces):
        yield piece


@sync_to_async
def _following(pieces: Iterator[bytes]) -> bytes:
    return next(pieces, b"")
