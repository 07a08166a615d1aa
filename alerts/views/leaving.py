"""What is kept of her: to take all of it away, and to erase all of it."""

from collections.abc import AsyncIterator, Iterator
from typing import cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from alerts.domain import changes, erasing, exporting
from alerts.models import ChangeKind, Victim
from alerts.papers import bundle
from alerts.views.signed import fresh, hers


@require_safe
@hers
def page(request: HttpRequest, victim: Victim) -> HttpResponse:
    """What is kept, for how long, and the two doors."""
    del victim
    return render(request, "alerts/profile_kept.html", {"keeping": settings.KEEPING})


@require_http_methods(["GET", "POST"])
@hers
@fresh
def export(request: HttpRequest, victim: Victim) -> HttpResponse:
    """One archive with a page to read and the same for programs; written while it is sent."""
    now = timezone.now()
    changes.record(victim, ChangeKind.TAKEN_AWAY, now=now)
    # It is compressed already; and Django would compress each piece by itself, of which browsers read the first alone.
    request.META.pop("HTTP_ACCEPT_ENCODING", None)
    pieces = bundle.stream(exporting.files(victim, now=now), at=timezone.localtime(now))
    answer = StreamingHttpResponse(
        _from_a_desk(pieces) if isinstance(request, ASGIRequest) else pieces,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="carnet-{timezone.localtime(now):%Y-%m-%d}.zip"',
            "Cache-Control": "no-store",
        },
    )
    return cast("HttpResponse", answer)  # of Django's answers only the other half has a body at once


async def _from_a_desk(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each piece is read at the desk of its request, where rows may be asked for."""
    while piece := await _following(pieces):
        yield piece


@sync_to_async
def _following(pieces: Iterator[bytes]) -> bytes:
    return next(pieces, b"")


@require_http_methods(["GET", "POST"])
@hers
@fresh
def erase(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Everything, for good, once the word is typed."""
    word = _("EFFACER")
    facts = {"word": word, "keeping": settings.KEEPING, "wrong": False}
    if request.method != "POST":
        return render(request, "alerts/profile_erase.html", facts)
    if request.POST.get("word", "").strip().upper() != word:
        return render(request, "alerts/profile_erase.html", facts | {"wrong": True})
    try:
        erasing.erase(victim, now=timezone.now())
    except erasing.NotNowError:
        messages.warning(request, _("Rien n'a été effacé : ce n'est pas possible en ce moment. Réessayez demain."))
        return redirect("alerts:kept")
    logout(request)
    return render(request, "alerts/profile_erased.html")
