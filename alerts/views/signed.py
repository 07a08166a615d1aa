"""Who may open her pages, and when the password is asked again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone, translation

from alerts import access
from alerts.domain import zones
from alerts.models import Account, Victim
from alerts.models.fields import decrypt, encrypt

_HELD = "held"
_HELD_FOR = timedelta(minutes=10)
Page = Callable[..., HttpResponse]


def hers(view: Page) -> Page:
    """Only for a victim, who is handed to the view, in her language and her time; anybody else reads a 404."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, **captured: object) -> HttpResponse:
        victim = victim_of(request)
        if victim is None:
            raise Http404
        with timezone.override(zones.of(victim.time_zone)), translation.override(victim.language):
            return view(request, victim, **captured)

    return guarded


def victim_of(request: HttpRequest) -> Victim | None:
    """The record of the person signed in, if she is a victim."""
    return access.victim_of(request.user) if isinstance(request.user, Account) else None


def fresh(view: Page) -> Page:
    """The password was given again within ACCOUNT_REAUTHENTICATION_TIMEOUT, otherwise it is asked first.

    A form sent too late is held and goes on by itself afterwards: encrypted, because allauth's own way would leave
    codes and numbers in clear in the table of sessions. Place it under `hers`, or whatever hands over who is signed in.
    """

    @wraps(view)
    def guarded(request: HttpRequest, person: object, **captured: object) -> HttpResponse:
        now = timezone.now()
        if not _password_is_fresh(request):
            _hold(request, now=now)
            return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.path})}")
        _resume(request, now=now)
        return view(request, person, **captured)

    return guarded


def _password_is_fresh(request: HttpRequest) -> bool:
    try:
        reauthentication_required(lambda _: None)(request)
    except ReauthenticationRequired:
        return False
    return True


def _hold(request: HttpRequest, *, now: datetime) -> None:
    request.session.pop(_HELD, None)
    if request.method == "POST":
        held = {"path": request.path, "at": now.timestamp(), "form": encrypt(request.POST.urlencode())}
        request.session[_HELD] = held


def _resume(request: HttpRequest, *, now: datetime) -> None:
    """Hand the held form of this very address to the view; it passed the CSRF check when it was sent."""
    held = request.session.get(_HELD)
    if held is None or request.method != "GET" or held["path"] != request.path:
        return
    del request.session[_HELD]
    if now.timestamp() - held["at"] <= _HELD_FOR.total_seconds():
        request.method = "POST"
        request.POST = QueryDict(decrypt(held["form"]))
