"""The one door for what Twilio posts to us."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from alerts.domain import hearing
from alerts.providers import twilio_hooks

MOST_BYTES = 64 * 1024  # the longest text that Twilio passes on has 1,600 characters
XML = "text/xml; charset=utf-8"
_NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_REFUSED = 400

Given = ParamSpec("Given")
View = Callable[Concatenate[HttpRequest, Given], HttpResponse]

log = logging.getLogger(__name__)


def by_twilio(*, once: bool = True, from_people: bool = False) -> Callable[[View[Given]], View[Given]]:
    """POST alone, always verified whatever DEBUG says: the settings' public URL, the primary or the secondary token.

    `once`: the same (SID, status, sequence) again is answered and changes nothing. It is remembered in the view's own
    transaction, so that a view which raises, or answers 400 or more, leaves no trace and Twilio's repeat is heard.
    `from_people`: the call carries a text or a call of a person, and nobody on the block list is let in.
    """

    def decorate(view: View[Given]) -> View[Given]:
        @csrf_exempt
        @require_POST
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponse:
            refusal = _refusal(request) or (_blocked(request) if from_people else None)
            if refusal is not None:
                return refusal
            if not once:
                return view(request, *args, **kwargs)
            with transaction.atomic():
                if not hearing.is_new(*_one_of_its_kind(request), now=timezone.now()):
                    return nothing_to_say()
                answer = view(request, *args, **kwargs)
                if answer.status_code >= _REFUSED:
                    transaction.set_rollback(True)
            return answer

        return guarded

    return decorate


def nothing_to_say() -> HttpResponse:
    """TwiML that does nothing: no answer goes out, and Twilio is content."""
    return HttpResponse(_NOTHING, content_type=XML)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """Why this request is not Twilio's, or None. Nothing of it is logged: it may hold numbers and words."""
    if request.content_type != "application/x-www-form-urlencoded":
        return HttpResponse(status=415)
    if len(request.body) > MOST_BYTES:
        return HttpResponse(status=413)
    sherif = settings.SHERIF
    if twilio_hooks.is_signed(
        f"{sherif.public_url}{request.get_full_path()}",
        request.POST,
        signature=request.headers.get("X-Twilio-Signature", ""),
        tokens=(sherif.twilio_auth_token, sherif.twilio_auth_token_secondary),
    ):
        return None
    log.warning("A hook without Twilio's signature was refused.")
    return HttpResponse(status=403)


def _blocked(request: HttpRequest) -> HttpResponse | None:
    """What a blocked number hears: nothing. While the list cannot be read nobody passes, and Twilio asks again."""
    try:
        blocked = twilio_hooks.is_blocked(request.POST.get("From", ""))
    except DatabaseError:
        log.exception("The block list cannot be read: nobody is let in.")
        return HttpResponse(status=503)
    return nothing_to_say() if blocked else None


def _one_of_its_kind(request: HttpRequest) -> tuple[str, ...]:
    said = request.POST
    sid = said.get("MessageSid") or said.get("CallSid") or ""
    status = said.get("MessageStatus") or said.get("CallStatus") or said.get("SmsStatus") or ""
    return "twilio", request.path, sid, status, said.get("SequenceNumber", "")
