"""What stands behind one of her codes: recordings. Who knows her password alone does not learn whether there are any.

With the duress code the page opens and looks the same, and nothing is there. It closes ten minutes after it was last
used. Codes that were changed today open nothing before tomorrow: who knows her password may change them, and she hears
of it meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from alerts.domain import enrolment, erasing
from alerts.models import Change, ChangeKind, Victim
from alerts.states import AlertState

RESTS_FOR = timedelta(hours=24)
_SESSION = "behind"
_IDLE = timedelta(minutes=10)
_LONGEST = timedelta(hours=2)
_NOTED_EVERY = timedelta(minutes=1)
_MOST_CODE = 64

Page = Callable[..., HttpResponse]


@dataclass(frozen=True, kw_only=True)
class Opened:
    """Since when, and whether by her own code."""

    since: datetime
    hers: bool


def opened(request: HttpRequest, *, now: datetime) -> Opened | None:
    """Whether a code was typed in this session and it did not close since; being asked keeps it open."""
    kept = request.session.get(_SESSION)
    if kept is None:
        return None
    since, seen = (datetime.fromtimestamp(kept[name], tz=UTC) for name in ("since", "seen"))
    if not timedelta(0) <= now - since <= _LONGEST or now - seen > _IDLE:
        close(request)
        return None
    if now - seen > _NOTED_EVERY:
        request.session[_SESSION] = {**kept, "seen": now.timestamp()}
    return Opened(since=since, hers=kept["hers"])


def open_with(request: HttpRequest, victim: Victim, *, now: datetime) -> None:
    """By the code in the form. Raises enrolment.TooManyTriesError, enrolment.WrongPinError."""
    typed = enrolment.check_code(victim, request.POST.get("code", "")[:_MOST_CODE], now=now)
    at = now.timestamp()
    request.session[_SESSION] = {"since": at, "seen": at, "hers": typed is AlertState.CLOSED}


def close(request: HttpRequest) -> None:
    """Until a code is typed again."""
    request.session.pop(_SESSION, None)


def check_erasure(request: HttpRequest, victim: Victim, *, now: datetime) -> None:
    """Whether the code in the form lets everything of hers be erased: her own, chosen before today.

    Who knows her password alone erases no recording with the account. Under duress the page says that it is not
    possible at the moment, as it does around an alert. Raises enrolment.TooManyTriesError, enrolment.WrongPinError,
    erasing.NotNowError.
    """
    if not victim.pin_hash:
        return
    typed = enrolment.check_code(victim, request.POST.get("code", "")[:_MOST_CODE], now=now)
    if typed is not AlertState.CLOSED or rests_until(victim, now=now) is not None:
        raise erasing.NotNowError


def rests_until(victim: Victim, *, now: datetime) -> datetime | None:
    """From when on her codes open this, if they were changed a short time ago."""
    changed = Change.objects.filter(victim=victim, kind=ChangeKind.CODES, at__gt=now - RESTS_FOR)
    last = changed.order_by("-at").values_list("at", flat=True).first()
    return last + RESTS_FOR if last else None


def behind_her_code(view: Page) -> Page:
    """Only where her own code was typed; else the page that asks for it. Place it under `hers` and `fresh`."""

    @wraps(view)
    def guarded(request: HttpRequest, victim: Victim, **captured: object) -> HttpResponse:
        found = opened(request, now=timezone.now())
        if found is None:
            return redirect("alerts:recordings")
        if not found.hers:
            raise Http404  # as for anything that is not there
        return view(request, victim, **captured)

    return guarded
