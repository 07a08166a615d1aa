"""Her past alerts, and what happened in each of them to take away."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from alerts import access
from alerts.domain import aftermath, changes, her_alert, looking, recounting, stories, timeline
from alerts.models import Alert, ChangeKind, Recording, RecordingState, Victim
from alerts.states import AlertKind, AlertState
from alerts.views import behind, papers
from alerts.views.signed import fresh, hers


@require_safe
@hers
def listing(request: HttpRequest, victim: Victim) -> HttpResponse:
    """The alerts that are over on her telephone, the newest first. One closed under duress looks like any other."""
    now = timezone.now()
    past = []
    for alert in access.past_alerts_of(victim, now=now):
        expired = her_alert.state_on_her_phone(alert, now=now) is AlertState.EXPIRED
        past.append({"alert": alert, "kind": timeline.kind_words(AlertKind(alert.kind)), "expired": expired})
    return render(request, "alerts/profile_alerts.html", {"past": past, "endings": papers.ENDINGS})


@require_safe
@hers
def page(request: HttpRequest, victim: Victim, *, pk: UUID) -> HttpResponse:
    """One past alert: who was told, who opened, who looked, who did what."""
    alert = access.past_alert_of(victim, pk, now=timezone.now())
    if alert is None:
        raise Http404
    facts = {"alert": alert, "kind": timeline.kind_words(AlertKind(alert.kind)), "endings": papers.ENDINGS}
    facts |= {"told": aftermath.of(alert), "recordings": _recordings(request, alert)}
    return render(request, "alerts/profile_alert.html", facts)


def _recordings(request: HttpRequest, alert: Alert) -> list[Recording]:
    """Of this alert, where her code was typed; else the page is the same whether or not there are any."""
    found = behind.opened(request, now=timezone.now())
    if found is None or not found.hers:
        return []
    return list(access.recordings_of(alert.victim).filter(alert=alert).exclude(state=RecordingState.ERASED))


@require_safe
@hers
def looks(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Who looked, in all past alerts, the newest first."""
    past = list(access.past_alerts_of(victim, now=timezone.now()))
    opened = {alert.pk: alert.opened_at for alert in past}
    seen = [{"seen": one, "opened_at": opened[one.alert]} for one in looking.of(past)]
    return render(request, "alerts/profile_looks.html", {"looks": seen, "most": looking.MOST})


@require_http_methods(["GET", "POST"])
@hers
@fresh
def download(request: HttpRequest, victim: Victim, *, pk: UUID, ending: str) -> HttpResponse:
    """One past alert as a table or as a page to print; the password is asked again first, and it is announced."""
    now = timezone.now()
    alert = access.past_alert_of(victim, pk, now=now)
    if alert is None or ending not in papers.ENDINGS:
        raise Http404
    changes.record(victim, ChangeKind.TAKEN_AWAY, now=now)
    paper = recounting.paper(alert, stories.hers(alert))
    return papers.download(request, paper, ending=ending, name=recounting.file_name(alert, ending))
