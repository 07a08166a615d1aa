"""What Twilio tells us: receipts, and keys pressed during calls. Signed POST only."""

import logging
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone

from alerts.domain import calls, deliveries
from alerts.domain.calls import Said
from alerts.providers import twilio
from alerts.providers.base import Message, Standing
from alerts.states import Channel
from alerts.views import hooked

log = logging.getLogger(__name__)


@hooked.by_twilio()
def status(request: HttpRequest, delivery: UUID) -> HttpResponse:
    """A receipt. It may come late, twice, reversed, or before our own record: states only move forward."""
    is_call = "CallStatus" in request.POST
    channel = Channel.VOICE if is_call else Channel.SMS
    word = request.POST.get("CallStatus" if is_call else "MessageStatus", "")
    try:
        to = twilio.status_of(channel, word)
    except twilio.UnknownWordError:
        log.exception("Delivery %s: Twilio's receipt uses a word that is not known.", delivery)
        return HttpResponse(status=422)
    sid = request.POST.get("CallSid" if is_call else "MessageSid", "")
    code = request.POST.get("ErrorCode", "") or (word if is_call and to == "failed" else "")
    standing = Standing(state=to, code=code[:40], provider="twilio", provider_id=sid[:80])
    deliveries.receive_receipt(delivery, standing, now=timezone.now())
    return HttpResponse(status=204)


@hooked.by_twilio(once=False)  # 2 pressed twice is two requests; acts have ids of their own
def keys(request: HttpRequest, delivery: UUID) -> HttpResponse:
    """A key pressed during a call: what the voice says next."""
    call = calls.call_of(delivery)
    if call is None:
        return HttpResponseNotFound()
    said = calls.press(call, request.POST.get("Digits", "")[:1], now=timezone.now())
    return HttpResponse(_script(said, delivery, request), content_type=hooked.XML)


def _script(said: Said, delivery: UUID, request: HttpRequest) -> str:
    if not said.again:
        return twilio.last_words(said.text, said.language)
    return twilio.call_script(
        Message(
            id=delivery,
            channel=Channel.VOICE,
            to="",
            name="",
            text=said.text,
            prompt=said.prompt,
            language=said.language,
            pressed=f"{settings.SHERIF.public_url}{request.path}",
        )
    )
