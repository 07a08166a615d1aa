"""What Twilio tells us: receipts, and keys pressed during calls. Signed POST only."""

import logging
from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone

from alerts.domain import calls, deliveries
from alerts.domain.calls import Said
from alerts.providers import twilio, twilio_voice, twilio_words
from alerts.providers.base import Message, Standing
from alerts.states import Channel, DeliveryState
from alerts.views import hooked

log = logging.getLogger(__name__)


@hooked.by_twilio()
def status(request: HttpRequest, delivery: UUID) -> HttpResponse:
    """A receipt. It may come late, twice, reversed, or before our own record: states only move forward."""
    try:
        standing = _standing(request.POST)
    except twilio_words.UnknownWordError:
        log.exception("Delivery %s: Twilio's receipt uses a word that is not known.", delivery)
        return HttpResponse(status=422)
    deliveries.receive_receipt(delivery, standing, now=timezone.now())
    return HttpResponse(status=204)


def _standing(said: Mapping[str, str]) -> Standing:
    """Where a text or call stands. Raises UnknownWordError."""
    kind, channel = ("Call", Channel.VOICE) if "CallStatus" in said else ("Message", Channel.SMS)
    word, sid = said.get(f"{kind}Status", ""), said.get(f"{kind}Sid", "")
    state = twilio_words.status_of(channel, word)
    why = word if channel is Channel.VOICE and state is DeliveryState.FAILED else ""
    return Standing(
        state=state,
        code=(said.get("ErrorCode") or why)[:40],
        provider="twilio",
        provider_id=sid if twilio.is_sid(sid) else "",
        seconds=twilio.whole(said.get("CallDuration")),
        parts=twilio.whole(said.get("NumSegments")),
    )


@hooked.by_twilio(once=False)  # 2 pressed twice is two requests; acts have ids of their own
def keys(request: HttpRequest, delivery: UUID) -> HttpResponse:
    """A key pressed during a call, or none: what the voice says next."""
    call = calls.call_of(delivery)
    if call is None:
        return HttpResponseNotFound()
    said = calls.press(call, request.POST.get("Digits", "")[:1], now=timezone.now())
    return HttpResponse(_script(said, delivery, request), content_type=hooked.XML)


def _script(said: Said, delivery: UUID, request: HttpRequest) -> str:
    if not said.again:
        return twilio_voice.last_words(said.text, said.language)
    return twilio_voice.call_script(
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
