"""Drills with somebody whom her association accompanies, where she allowed them: start, read, end. Nothing else."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts import access
from alerts.domain import her_drills, mending, readiness, timeline
from alerts.domain.readiness import Report
from alerts.models import Advocate, Alert, Victim
from alerts.states import AlertKind, AlertState, Gesture
from alerts.views.accompanied import advocates
from alerts.views.drills import gestures
from alerts.views.signed import fresh

_SHOWN = 20


@require_safe
@advocates
def listing(request: HttpRequest, advocate: Advocate, *, pk: int) -> HttpResponse:
    """What a drill does, the button that starts one, and how the last ones went."""
    victim = _allowed(advocate, pk)
    drills = [
        {"drill": drill, "kind": timeline.kind_words(AlertKind(drill.kind)), "report": _report(drill)}
        for drill in access.drills_of(victim)[:_SHOWN]
    ]
    facts = {
        "accompanied": victim,
        "drills": drills,
        "gestures": list(gestures().items()),
        "usual": Gesture.DOUBLE,
        "a_day": her_drills.A_DAY,
        "apart": int(her_drills.APART.total_seconds() // 60),
    }
    return render(request, "alerts/accompanied_drills.html", facts)


@require_http_methods(["GET", "POST"])
@advocates
@fresh
def start(request: HttpRequest, advocate: Advocate, *, pk: int) -> HttpResponse:
    """Tell her relatives, as an exercise; a plain visit of the address starts nothing."""
    victim = _allowed(advocate, pk)
    if request.method != "POST":
        return redirect("alerts:accompanied_drills", pk=pk)
    chosen = request.POST.get("gesture", "")
    gesture = Gesture(chosen) if chosen in set(Gesture) else Gesture.DOUBLE
    try:
        drill = her_drills.start(victim, gesture=gesture, now=timezone.now(), advocate=advocate)
    except her_drills.NotAllowedError as error:  # she took it back a moment ago
        raise Http404 from error
    except her_drills.NotNowError:
        messages.warning(request, _("Un exercice n'est pas possible en ce moment. Réessayez plus tard."))
    except her_drills.NobodyError:
        messages.warning(request, _("Personne ne peut être prévenu : elle doit d'abord ajouter un proche."))
    else:
        return redirect("alerts:accompanied_drill", pk=pk, drill=drill.pk)
    return redirect("alerts:accompanied_drills", pk=pk)


@require_safe
@advocates
def report(request: HttpRequest, advocate: Advocate, *, pk: int, drill: UUID) -> HttpResponse:
    """The report as she reads it, with the names of her relatives only if she agreed to that too."""
    victim = _allowed(advocate, pk)
    found = _own(victim, drill)
    read = _report(found)
    facts = {
        "accompanied": victim,
        "drill": found,
        "kind": timeline.kind_words(AlertKind(found.kind)),
        "report": read,
        "people": [(person, mending.advice(person)) for person in read.people],
        "started_by": her_drills.starter(found),
    }
    return render(request, "alerts/accompanied_drill.html", facts)


@require_POST
@advocates
def end(request: HttpRequest, advocate: Advocate, *, pk: int, drill: UUID) -> HttpResponse:
    """It is over. Needs no password: it can only calm."""
    found = _own(_allowed(advocate, pk), drill)
    if found.state == AlertState.OPEN and her_drills.end(found, now=timezone.now()):
        messages.success(request, _("L'exercice est terminé. Les proches en sont informés."))
    return redirect("alerts:accompanied_drill", pk=pk, drill=found.pk)


def _allowed(advocate: Advocate, pk: int) -> Victim:
    """Somebody who lets this association try it with her; a stranger and who does not are the same 404."""
    victim = access.accompanied_by(advocate).filter(pk=pk, advocate_drills=True).first()
    if victim is None:
        raise Http404
    return victim


def _own(victim: Victim, pk: UUID) -> Alert:
    drill = access.drill_of(victim, pk)
    if drill is None:
        raise Http404
    return drill


def _report(drill: Alert) -> Report:
    read = readiness.report(drill, now=timezone.now())
    return read if drill.victim.advocate_names else readiness.nameless(read)
