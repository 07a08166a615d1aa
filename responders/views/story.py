"""What happened: folded for the page, and whole to take away for as long as its place may be read after the end."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_safe

from alerts.domain import recounting, stories
from alerts.views import papers
from responders.domain import visiting
from responders.views import doors


def entries(lines: Sequence[Mapping[str, Any]], clock: Callable[[str], str]) -> list[dict[str, Any]]:
    """The lines of the snapshot for the template, those about the messages of one round as one with `lines` inside.

    `clock` says a moment of the snapshot as 21:04. Call it under the reader's language.
    """
    words = stories.phrases()

    def shown(line: Mapping[str, Any]) -> dict[str, Any]:
        return {**line, "time": clock(line["at"]), "is_loud": line["kind"] in stories.LOUD}

    return [
        {
            "round": entry.round,
            "time": clock(entry.lines[-1]["at"]),
            "at": entry.lines[-1]["at"],
            "summary": stories.summary(entry, words),
            "lines": [shown(line) for line in entry.lines],
        }
        if isinstance(entry, stories.Fold)
        else shown(entry)
        for entry in stories.fold(lines)
    ]


@require_safe
def download(request: HttpRequest, place: str, ending: str) -> HttpResponse:
    """The whole story after the end, in the reader's language; while the alert goes on, back to its page."""
    now = timezone.now()
    visit = visiting.find(place, doors.browser_key(request), now=now)
    if visit is None or ending not in papers.ENDINGS:
        return doors.dead_link(request)
    alert = visit.link.alert
    if alert.is_live(now):
        return redirect("responders:live", place)
    with override(visit.link.contact.language):
        paper = recounting.paper(alert, stories.whole(alert))
        return papers.download(request, paper, ending=ending, name=recounting.file_name(alert, ending))
