"""What is kept of her: to take all of it away, and to erase all of it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from alerts.domain import changes, enrolment, erasing, exporting
from alerts.models import ChangeKind, Victim
from alerts.views import behind, streams
from alerts.views.signed import fresh, hers


@require_safe
@hers
def page(request: HttpRequest, victim: Victim) -> HttpResponse:
    """What is kept, for how long, and the two doors."""
    del victim
    return render(request, "alerts/profile_kept.html", {"keeping": settings.KEEPING})


@require_http_methods(["GET", "POST"])
@hers
@fresh
def export(request: HttpRequest, victim: Victim) -> HttpResponse:
    """One archive with a page to read and the same for programs; written while it is sent."""
    now = timezone.now()
    changes.record(victim, ChangeKind.TAKEN_AWAY, now=now)
    behind_code = behind.opened(request, now=now)
    files = exporting.files(victim, now=now, recordings=behind_code.hers if behind_code else None)
    return streams.archive(request, files, name=f"carnet-{timezone.localtime(now):%Y-%m-%d}", now=now)


@require_http_methods(["GET", "POST"])
@hers
@fresh
def erase(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Everything, for good, once the word is typed, and her code where she chose one."""
    word, now = _("EFFACER"), timezone.now()
    facts = {"word": word, "keeping": settings.KEEPING, "wrong": False, "asks_code": bool(victim.pin_hash)}
    if request.method != "POST":
        return render(request, "alerts/profile_erase.html", facts)
    if request.POST.get("word", "").strip().upper() != word:
        return render(request, "alerts/profile_erase.html", facts | {"wrong": True})
    try:
        behind.check_erasure(request, victim, now=now)
        erasing.erase(victim, now=now)
    except (enrolment.WrongPinError, enrolment.TooManyTriesError):
        return render(request, "alerts/profile_erase.html", facts | {"wrong_code": True})
    except erasing.NotNowError:
        messages.warning(request, _("Rien n'a été effacé : ce n'est pas possible en ce moment. Réessayez demain."))
        return redirect("alerts:kept")
    logout(request)
    return render(request, "alerts/profile_erased.html")
