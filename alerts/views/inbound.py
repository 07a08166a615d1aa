"""A text to our number. Who wrote it and what it says is in no log."""

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from alerts.domain import inbound
from alerts.providers import twilio_replies
from alerts.providers.base import ProviderError
from alerts.views import hooked

log = logging.getLogger(__name__)


@hooked.by_twilio(from_people=True)
def sms(request: HttpRequest) -> HttpResponse:
    """Her click, a contact's answer, STOP, or nothing: all who get no reply get the same nothing.

    A reply leaves from the number that was written to, so it goes out only where the installation names such a number
    (SHERIF_INBOUND_NUMBER): a sender that is a word can neither be answered nor answer.
    """
    said = request.POST
    text = inbound.Text(
        number=said.get("From", ""),
        body=said.get("Body", ""),
        sid=said.get("MessageSid", ""),
        opted=said.get("OptOutType", "").upper(),
    )
    reply = inbound.receive(text, now=timezone.now())
    if reply is None or not settings.SHERIF.inbound_number:
        return hooked.nothing_to_say()
    try:
        answer = twilio_replies.text(reply.text, to=reply.to)
    except ProviderError as error:  # what was asked for is done all the same
        log.warning("A text was not answered (%s).", error.code)
        return hooked.nothing_to_say()
    return HttpResponse(answer, content_type=hooked.XML)
