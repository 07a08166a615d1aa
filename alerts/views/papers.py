"""A paper as a download: the same answer for her and for those who responded."""

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from alerts.papers import Paper, press, table

_WAIT_SECONDS = "5"
_KINDS: Mapping[str, tuple[str, Callable[[Paper], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", table.write),
    "pdf": ("application/pdf", press.write),
}
ENDINGS = tuple(_KINDS)


def download(request: HttpRequest, paper: Paper, *, ending: str, name: str) -> HttpResponse:
    """The file; a plain page that says to try again (503) while another one is being set or none came in time."""
    kind, write = _KINDS[ending]
    try:
        body = write(paper)
    except press.PressError:
        advice = _("Revenez en arrière et réessayez dans quelques secondes : rien n'est perdu.")
        answer = render(request, "error.html", {"title": _("Pas encore prêt"), "advice": advice}, status=503)
        answer.headers["Retry-After"] = _WAIT_SECONDS
        return answer
    return HttpResponse(
        body,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
