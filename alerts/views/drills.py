"""Her drills: start one, read how it goes and what to mend, end it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts import access
from alerts.domain import decoys, her_drills, mending, readiness, timeline
from alerts.models import Alert, Victim
from alerts.states import AlertKind, AlertState, Gesture
from alerts.views.signed import fresh, hers

_SHOWN = 20


@require_safe
@hers
def listing(request: HttpRequest, victim: Victim) -> HttpResponse:
    """What a drill does, the button that starts one, and how the last ones went."""
    now = timezone.now()
    drills = [
        {
            "drill": drill,
            "kind": timeline.kind_words(AlertKind(drill.kind)),
            "report": readiness.report(drill, now=now),
            "started_by": her_drills.starter(drill),
        }
        for drill in access.drills_of(victim)[:_SHOWN]
    ]
    facts = {
        "drills": drills,
        "gestures": list(gestures().items()),
        "usual": Gesture.DOUBLE,
        "told": [contact.name for contact in decoys.enrolled(victim)],
        "a_day": her_drills.A_DAY,
        "apart": int(her_drills.APART.total_seconds() // 60),
    }
    return render(request, "alerts/profile_drills.html", facts)


@require_http_methods(["GET", "POST"])
@hers
@fresh
def start(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Tell everybody, as an exercise; a plain visit of the address starts nothing."""
    if request.method != "POST":
        return redirect("alerts:drills")
    chosen = request.POST.get("gesture", "")
    gesture = Gesture(chosen) if chosen in set(Gesture) else Gesture.DOUBLE
    try:
        drill = her_drills.start(victim, gesture=gesture, now=timezone.now())
    except her_drills.NotNowError:
        messages.warning(request, _("Un exercice n'est pas possible en ce moment. Réessayez plus tard."))
    except her_drills.NobodyError:
        messages.warning(request, _("Personne ne peut être prévenu : ajoutez d'abord un proche."))
    else:
        return redirect("alerts:drill", pk=drill.pk)
    return redirect("alerts:drills")


@require_safe
@hers
def report(request: HttpRequest, victim: Victim, *, pk: UUID) -> HttpResponse:
    """Who received, who opened, who took charge, in how many seconds, and what to mend."""
    drill = _own(victim, pk)
    read = readiness.report(drill, now=timezone.now())
    facts = {
        "drill": drill,
        "kind": timeline.kind_words(AlertKind(drill.kind)),
        "report": read,
        "people": [(person, mending.advice(person)) for person in read.people],
        "started_by": her_drills.starter(drill),
    }
    return render(request, "alerts/profile_drill.html", facts)


@require_POST
@hers
def end(request: HttpRequest, victim: Victim, *, pk: UUID) -> HttpResponse:
    """It is over. Needs no password: it can only calm."""
    drill = _own(victim, pk)
    if drill.state == AlertState.OPEN and her_drills.end(drill, now=timezone.now()):
        messages.success(request, _("L'exercice est terminé. Vos proches en sont informés."))
    return redirect("alerts:drill", pk=drill.pk)


def _own(victim: Victim, pk: UUID) -> Alert:
    drill = access.drill_of(victim, pk)
    if drill is None:
        raise Http404
    return drill


def gestures() -> dict[Gesture, str]:
    """What each gesture tells, for whoever chooses one to try."""
    return {
        Gesture.SINGLE: _("Comme un simple clic : un SMS aux proches choisis"),
        Gesture.DOUBLE: _("Comme un double clic : appel, SMS et e-mail à tous"),
        Gesture.LONG: _("Comme un appui long : appel, SMS et e-mail à tous"),
    }
