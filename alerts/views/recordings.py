"""Her recordings, behind her code: listen, take away, let her association have a copy, keep, erase."""

from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts import access
from alerts.domain import changes, enrolment, forgetting, handing, listeners, listening, reviewing
from alerts.evidence.bundle import Piece
from alerts.evidence.errors import BrokenError, EvidenceError
from alerts.evidence.recording import WAITS_FOR_MISSING
from alerts.models import ChangeKind, Handover, Recording, RecordingState, Victim
from alerts.views import behind, streams
from alerts.views.behind import behind_her_code
from alerts.views.signed import fresh, hers

_PARTS = 30  # on a page
_PLAYED = ("audio/webm", "audio/mp4", "audio/ogg", "video/webm")  # the type is her telephone's word


@require_http_methods(["GET", "POST"])
@hers
def listing(request: HttpRequest, victim: Victim) -> HttpResponse:
    """All of them, once one of her codes was typed; under the duress code none."""
    now = timezone.now()
    found = behind.opened(request, now=now)
    if found is None or request.method == "POST":
        return _code(request, victim)
    rows = access.recordings_of(victim) if found.hers else Recording.objects.none()
    asked = set(reviewing.due(now=now).filter(victim=victim).values_list("pk", flat=True))
    shown = [
        {"recording": one, "standing": _standing(one, now=now), "asked": one.pk in asked, "length": _length(one)}
        for one in rows
        if one.state != RecordingState.ERASED
    ]
    erased = [one for one in rows if one.state == RecordingState.ERASED]
    return render(request, "alerts/profile_recordings.html", {"recordings": shown, "erased": erased})


@fresh
def _code(request: HttpRequest, victim: Victim) -> HttpResponse:
    """The question for her code, after that for the password."""
    now = timezone.now()
    facts: dict[str, Any] = {"until": behind.rests_until(victim, now=now), "chosen": bool(victim.pin_hash)}
    if request.method != "POST" or facts["until"] is not None or not facts["chosen"]:
        return render(request, "alerts/profile_behind.html", facts)
    try:
        behind.open_with(request, victim, now=now)
    except enrolment.TooManyTriesError:
        facts["error"] = _("Trop d'essais. Attendez dix minutes.")
    except enrolment.WrongPinError:
        facts["error"] = _("Ce n'est pas votre code.")
    else:
        return redirect("alerts:recordings")
    return render(request, "alerts/profile_behind.html", facts)


@require_POST
@hers
def close(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Until a code is typed again."""
    del victim
    behind.close(request)
    return redirect("alerts:profile")


@require_safe
@hers
@behind_her_code
def page(request: HttpRequest, victim: Victim, *, pk: UUID) -> HttpResponse:
    """One of them: what came and what is missing, three clocks, stamps, who listened, and what she may do with it."""
    recording, now = _own(victim, pk), timezone.now()
    facts: dict[str, Any] = {
        "recording": recording,
        "standing": _standing(recording, now=now),
        "asked": reviewing.is_due(recording, now=now),
        "handover": _handover(recording, now=now),
        "association": victim.association,
    }
    try:
        told = listening.told(recording)
        facts |= {"told": told, "heard": listeners.of(recording), **_paged(request, told)}
    except EvidenceError:
        facts["unreadable"] = True
    return render(request, "alerts/profile_recording.html", facts)


@require_safe
@hers
@behind_her_code
def sound(request: HttpRequest, victim: Victim, *, pk: UUID, number: int) -> HttpResponse:
    """A part of it for the player; the line in the log comes first."""
    recording, now = _own(victim, pk), timezone.now()
    found = behind.opened(request, now=now)
    if found is None or recording.erase_at is not None:
        raise Http404
    try:
        playing = listening.play(recording, number, victim.account, since=found.since, now=now)
    except BrokenError as error:
        raise Http404 from error
    except EvidenceError:
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "5"})
    kind = recording.media_type.partition(";")[0].strip().lower()
    return streams.sound(request, playing, kind=kind if kind in _PLAYED else "application/octet-stream")


@require_http_methods(["GET", "POST"])
@hers
@fresh
@behind_her_code
def export(request: HttpRequest, victim: Victim, *, pk: UUID) -> HttpResponse:
    """What an expert verifies, with the sound or without; a plain visit of the address takes nothing."""
    recording, now = _own(victim, pk), timezone.now()
    if request.method != "POST" or recording.erase_at is not None:
        return redirect("alerts:recording", pk=pk)
    with_sound = request.POST.get("sound") == "open"
    try:
        pieces = listening.files(recording, victim.account, with_sound=with_sound, now=now)
    except EvidenceError:
        messages.warning(request, _not_now())
        return redirect("alerts:recording", pk=pk)
    changes.record(victim, ChangeKind.TAKEN_AWAY, now=now)
    return archive(request, recording, pieces, now=now)


def archive(request: HttpRequest, recording: Recording, pieces: Iterator[Piece], *, now: datetime) -> HttpResponse:
    """The bundle as a zip with one folder in it."""
    name = f"{timezone.localtime(recording.opened_at):%Y-%m-%d-%H%M}"
    return streams.archive(request, ((f"{name}/{path}", piece) for path, piece in pieces), name=name, now=now)


@require_http_methods(["GET", "POST"])
@hers
@fresh
@behind_her_code
def share(request: HttpRequest, victim: Victim, *, pk: UUID) -> HttpResponse:
    """She lets her association have a copy, or no longer; a plain visit of the address changes nothing."""
    recording, now = _own(victim, pk), timezone.now()
    if request.method != "POST":
        return redirect("alerts:recording", pk=pk)
    if request.POST.get("do") == "end":
        handing.take_back(recording, now=now)
        messages.success(request, _("Votre association n'a plus accès à cet enregistrement."))
        return redirect("alerts:recording", pk=pk)
    try:
        handing.allow(recording, with_sound=request.POST.get("sound") == "open", now=now)
    except (handing.NotAllowedError, EvidenceError):
        messages.warning(request, _not_now())
    else:
        messages.success(request, _("C'est permis. Vous pouvez le reprendre à tout moment."))
    return redirect("alerts:recording", pk=pk)


@require_http_methods(["GET", "POST"])
@hers
@fresh
@behind_her_code
def keep(request: HttpRequest, victim: Victim, *, pk: UUID) -> HttpResponse:
    """She keeps it: the answer to the question, or the end of an erasure that is not done."""
    recording = _own(victim, pk)
    if request.method == "POST" and forgetting.keep(recording, now=timezone.now()):
        messages.success(request, _("Il est gardé."))
    return redirect("alerts:recording", pk=pk)


@require_http_methods(["GET", "POST"])
@hers
@fresh
@behind_her_code
def erase(request: HttpRequest, victim: Victim, *, pk: UUID) -> HttpResponse:
    """She wants it gone: not at once, so that she can take it back."""
    recording = _own(victim, pk)
    if request.method != "POST":
        facts = {"recording": recording, "hours": int(forgetting.waits_for().total_seconds() // 3600)}
        return render(request, "alerts/profile_recording_erase.html", facts)
    try:
        forgetting.ask(recording, now=timezone.now())
    except (forgetting.NotNowError, EvidenceError):
        messages.warning(request, _not_now())
    return redirect("alerts:recording", pk=pk)


def _own(victim: Victim, pk: UUID) -> Recording:
    recording = access.recording_of(victim, pk)
    if recording is None:
        raise Http404
    return recording


def _not_now() -> str:
    return _("Rien n'a été fait : ce n'est pas possible en ce moment. Réessayez plus tard.")


def _length(recording: Recording) -> str:
    seconds = listening.seconds_of(recording)
    return "" if seconds is None else listening.clock(seconds)


def _standing(recording: Recording, *, now: datetime) -> str:
    """How it stands, in a sentence."""
    if recording.erase_at is not None:
        when = timezone.localtime(recording.erase_at)
        return _("Sera effacé le %(day)s à %(time)s.") % {"day": f"{when:%d/%m}", "time": f"{when:%H:%M}"}
    if recording.state == RecordingState.RUNNING:
        return _("En cours : le son arrive encore.")
    if recording.settled_at is not None:
        return _("Terminé et scellé : plus rien ne s'y ajoute.")
    until = (recording.closed_at or now) + WAITS_FOR_MISSING
    if until > now:
        when = timezone.localtime(until)
        return _("Terminé. Des secondes en retard peuvent encore arriver jusqu'au %(day)s à %(time)s.") % {
            "day": f"{when:%d/%m}",
            "time": f"{when:%H:%M}",
        }
    return _("Terminé. Les dernières vérifications sont en cours.")


def _handover(recording: Recording, *, now: datetime) -> dict[str, Any] | None:
    """What she allowed, and how far it has come."""
    row = Handover.objects.filter(recording=recording).first()
    if row is None:
        return None
    if handing.may_ask(row, now=now):
        how = _("Personne ne l'a encore demandée.")
    elif row.agreed_at is None:
        how = _("Une personne l'a demandée ; une deuxième doit donner son accord.")
    else:
        how = _("Deux personnes sont d'accord : la première peut l'emporter pendant 24 heures.")
    return {"row": row, "how": how}


def _paged(request: HttpRequest, told: listening.Told) -> dict[str, Any]:
    """So many parts, from the one that the address names."""
    asked = request.GET.get("from", "0")
    first = min(int(asked), len(told.parts)) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0  # noqa: PLR2004
    following = first + _PARTS
    return {
        "parts": told.parts[first:following],
        "first": first == 0,
        "earlier": max(first - _PARTS, 0) if first else None,
        "later": following if following < len(told.parts) else None,
    }
