"""A middleware that remembers in which browsers somebody is signed in, and dresses a new one as she chose."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from alerts import access
from alerts.domain import changes, disguises, sittings
from alerts.models import Account, ChangeKind
from alerts.views import faces


class Sittings:
    """After the page: a session that nobody looked at costs no query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Note the session that answered; a new one is announced, and its browser wears her choice."""
        response = self._get_response(request)
        if request.session.accessed and not request.session.is_empty() and isinstance(request.user, Account):
            _note(request, response, request.user)
        return response


def _note(request: HttpRequest, response: HttpResponse, account: Account) -> None:
    now = timezone.now()
    if not request.session.session_key:  # signed in by this very answer: the key comes with the next page
        return
    agent = request.headers.get("User-Agent", "")
    sitting = sittings.note(account, session_key=request.session.session_key, agent=agent, now=now)
    victim = access.victim_of(account) if sitting else None
    if sitting and victim:
        changes.record(victim, ChangeKind.SIGNED_IN, now=now, detail=sitting.device)
        faces.wear(response, disguises.of(victim))
