"""A copy of a recording for the association: one advocate asks, another agrees, the first takes it."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from alerts import access
from alerts.domain import handing
from alerts.evidence.errors import EvidenceError
from alerts.models import Advocate, Handover
from alerts.views.accompanied import advocates
from alerts.views.recordings import archive
from alerts.views.signed import fresh

Step = Callable[..., None]


@require_safe
@advocates
def listing(request: HttpRequest, advocate: Advocate) -> HttpResponse:
    """What was allowed, how far it has come, and what this person may do about it."""
    now = timezone.now()
    rows = [_shown(row, advocate, now=now) for row in access.handovers_for(advocate)]
    facts = {"rows": rows, "association": advocate.association}
    return render(request, "alerts/accompanied_recordings.html", facts)


def _shown(row: Handover, advocate: Advocate, *, now: datetime) -> dict[str, object]:
    return {
        "row": row,
        "who": row.recording.victim.account.username,
        "mine": row.asked_by_id == advocate.pk,
        "may_ask": handing.may_ask(row, now=now),
        "may_agree": handing.may_agree(row, advocate, now=now),
        "may_take": handing.may_take(row, advocate, now=now),
    }


@require_http_methods(["GET", "POST"])
@advocates
@fresh
def ask(request: HttpRequest, advocate: Advocate, *, pk: int) -> HttpResponse:
    """The first of two people; a plain visit of the address asks nothing."""
    return _step(request, advocate, _allowed(advocate, pk), step=handing.ask)


@require_http_methods(["GET", "POST"])
@advocates
@fresh
def agree(request: HttpRequest, advocate: Advocate, *, pk: int) -> HttpResponse:
    """The second; a plain visit of the address agrees to nothing."""
    return _step(request, advocate, _allowed(advocate, pk), step=handing.agree)


def _step(request: HttpRequest, advocate: Advocate, row: Handover, *, step: Step) -> HttpResponse:
    if request.method == "POST":
        try:
            step(row, advocate, now=timezone.now())
        except (handing.NotAllowedError, EvidenceError):
            messages.warning(request, _not_now())
        else:
            messages.success(request, _("C'est noté."))
    return redirect("alerts:accompanied_recordings")


@require_http_methods(["GET", "POST"])
@advocates
@fresh
def take(request: HttpRequest, advocate: Advocate, *, pk: int) -> HttpResponse:
    """The copy, for the person who asked, once another one agreed."""
    row, now = _allowed(advocate, pk), timezone.now()
    if request.method != "POST":
        return redirect("alerts:accompanied_recordings")
    try:
        pieces = handing.take(row, advocate, now=now)
    except (handing.NotAllowedError, EvidenceError):
        messages.warning(request, _not_now())
        return redirect("alerts:accompanied_recordings")
    return archive(request, row.recording, pieces, now=now)


def _allowed(advocate: Advocate, pk: int) -> Handover:
    row = access.handover_for(advocate, pk)
    if row is None:  # nothing there, somebody else's, or she took it back: the same answer
        raise Http404
    return row


def _not_now() -> str:
    return _("Ce n'est pas possible : demandez où cela en est à la personne qui l'a demandée.")
