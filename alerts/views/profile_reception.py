"""What a relative really receives, behind one of her codes: who knows her password alone learns nothing here.

With the duress code the page looks and answers the same; a decoy reads as enrolled, and nothing changes.
"""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from alerts import access
from alerts.domain import contacts, enrolment
from alerts.domain.timeline import channel_words
from alerts.models import MOST_CONTACTS, Contact, Victim
from alerts.states import TOLD, AlertState, ContactState, Gesture
from alerts.views.profile import standing_still
from alerts.views.signed import fresh, hers

_SALT = "what a relative receives"
_SHOWN_FOR = 300  # seconds
_PRETENDED = "pretended"
_MOST_CODE = 64


@require_http_methods(["GET", "POST"])
@hers
@fresh
def reception(request: HttpRequest, victim: Victim, *, pk: int) -> HttpResponse:
    """Her code first; then what this relative receives, and the way to let nothing reach her or him any more."""
    contact = access.contact_of(victim, pk)
    if contact is None or contact.rank > MOST_CONTACTS:
        raise Http404
    if request.method != "POST":
        return _page(request, contact)
    if "shown" in request.POST:
        return _silence(request, contact)
    try:
        typed = enrolment.check_code(victim, request.POST.get("code", "")[:_MOST_CODE], now=timezone.now())
    except enrolment.TooManyTriesError:
        return _page(request, contact, error=_("Trop d'essais. Attendez dix minutes."))
    except enrolment.WrongPinError:
        return _page(request, contact, error=_("Ce n'est pas votre code."))
    is_hers = typed is AlertState.CLOSED
    shown = signing.dumps({"contact": contact.pk, "hers": is_hers}, salt=_SALT)
    ways = _ways(contact) if _seems_told(request, contact, is_hers=is_hers) else []
    return _page(request, contact, shown=shown, ways=ways)


def _page(request: HttpRequest, contact: Contact, **facts: Any) -> HttpResponse:
    return render(request, "alerts/profile_reception.html", {"contact": contact, **facts})


def _ways(contact: Contact) -> list[str]:
    return [channel_words(channel) for channel in contact.channels(Gesture.DOUBLE)]


def _seems_told(request: HttpRequest, contact: Contact, *, is_hers: bool) -> bool:
    if is_hers:
        return contact.state in TOLD
    return contact.state in {*TOLD, ContactState.DECOY} and contact.pk not in request.session.get(_PRETENDED, [])


def _silence(request: HttpRequest, contact: Contact) -> HttpResponse:
    """Nothing more reaches this relative, who looks enrolled; under the duress code it is only said."""
    try:
        shown = signing.loads(request.POST["shown"], salt=_SALT, max_age=_SHOWN_FOR)
    except signing.BadSignature:
        return redirect("alerts:contact_reception", pk=contact.pk)
    if shown["contact"] != contact.pk:
        raise Http404
    try:
        if shown["hers"]:
            contacts.make_decoy(contact, now=timezone.now())
        else:
            _pretend(request, contact)
    except contacts.FrozenError:
        messages.warning(request, standing_still())
    else:
        messages.success(request, _("C'est enregistré."))
    return redirect("alerts:contacts")


def _pretend(request: HttpRequest, contact: Contact) -> None:
    """Refused and announced as the real thing is, and remembered for this session, so that a second look agrees."""
    contacts.pretend_decoy(contact, now=timezone.now())
    request.session[_PRETENDED] = sorted({*request.session.get(_PRETENDED, []), contact.pk})
