"""A relative's own page, without an account: what is asked, yes or no, the contact card, no more.

As with the link of an alert: GET shows a neutral page and changes nothing, a human gesture POSTs and gets a place
without the token. The link and the cookie are the credential, so the origin is checked instead of a form's token.
"""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.domain import consenting, numbers, senders
from alerts.models import Consent
from responders.domain import agreeing, card, visiting
from responders.views import doors


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The personal link of an invitation."""
    return doors.personal(request, token, show=_show, enter=_open)


def _show(request: HttpRequest, token: str) -> HttpResponse:
    found = consenting.read(token)
    if found is None:
        return doors.dead_link(request)
    language = found.consent.contact.language
    with override(language):
        response = render(request, "responders/consent_link.html")
    response.headers["Content-Language"] = language
    return response


def _open(request: HttpRequest, token: str) -> HttpResponse:
    found = consenting.read(token)
    if found is None:
        return doors.dead_link(request)
    key = agreeing.enter(found, doors.browser_key(request), now=timezone.now())
    response = _back(found.consent)
    response.set_cookie(
        settings.VISIT_COOKIE_NAME,
        key,
        max_age=settings.SHERIF.alert_hours * 3600 + int(visiting.READS_ENDED_FOR.total_seconds()),
        path="/",
        secure=settings.SHERIF.secure,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_safe
def page(request: HttpRequest, place: str) -> HttpResponse:
    """What it means, what not to do, yes or no; then the card and how to let it through."""
    consent = agreeing.find(place, doors.browser_key(request), now=timezone.now())
    if consent is None:
        return doors.dead_link(request)
    contact = consent.contact
    sending = senders.to(contact.phone_number)
    with override(contact.language):
        facts = {
            "consent": consent,
            "name": contact.victim.name,
            "may_ring": contact.may_ring or contact.victim.phone_allowed,
            "code_word": contact.code_word,
            "numbers": [numbers.national(number) for number in sending.numbers],
            "sender": sending.name,
            "leaving": "leave" in request.GET,
        }
        response = render(request, "responders/consent.html", facts)
    response.headers["Content-Language"] = contact.language
    return response


@csrf_exempt
@require_POST
def answer(request: HttpRequest, place: str) -> HttpResponse:
    """Yes, or no; "no more" is asked twice, because a slip of the finger would cost her a relative."""
    now = timezone.now()
    if doors.is_foreign(request):
        return doors.foreign(request)
    consent = agreeing.find(place, doors.browser_key(request), now=now)
    if consent is None:
        return doors.dead_link(request)
    said = request.POST.get("answer", "")
    if said == "accept":
        consenting.accept(consent, now=now)
    elif said == "leave":
        consenting.leave(consent, now=now)
    return _back(consent)


@require_safe
def contact_card(request: HttpRequest, place: str) -> HttpResponse:
    """The card, to be opened by the telephone's own address book."""
    consent = agreeing.find(place, doors.browser_key(request), now=timezone.now())
    if consent is None:
        return doors.dead_link(request)
    contact = consent.contact
    with override(contact.language):
        written = card.write(
            card.Card(
                name=contact.victim.name,
                place=consent.place,
                code_word=contact.code_word,
                senders=senders.to(contact.phone_number),
            )
        )
    response = HttpResponse(written, content_type="text/vcard; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="contact.vcf"'
    response.headers["Content-Language"] = contact.language
    return response


@require_safe
def from_alert(request: HttpRequest, place: str) -> HttpResponse:
    """The same page for who stands in an alert, or at its end."""
    visit = visiting.find(place, doors.browser_key(request), now=timezone.now())
    if visit is None:
        return doors.dead_link(request)
    return _back(consenting.of(visit.link.contact))


def _back(consent: Consent) -> HttpResponseRedirect:
    response = HttpResponseRedirect(reverse("responders:consent", args=[consent.place]))
    response.status_code = HTTPStatus.SEE_OTHER
    return response
