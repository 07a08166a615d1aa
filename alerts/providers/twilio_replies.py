"""What our number answers to a text, as TwiML (https://www.twilio.com/docs/messaging/twiml/message)."""

from twilio.twiml.messaging_response import MessagingResponse

from alerts.providers.numbers import refuse_forbidden
from alerts.states import Channel


def text(words: str, *, to: str) -> str:
    """One SMS from the number that was written to. The words are text, never markup.

    It leaves the house like any other: raises ProviderError for a number that must not be written to.
    """
    refuse_forbidden(Channel.SMS, to)
    response = MessagingResponse()
    response.message(words, to=to)
    return str(response)
