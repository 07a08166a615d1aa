"""What our number answers to a text, as TwiML (https://www.twilio.com/docs/messaging/twiml/message)."""

from twilio.twiml.messaging_response import MessagingResponse


def text(words: str, *, to: str) -> str:
    """One SMS from the number that was written to. The words are text, never markup."""
    response = MessagingResponse()
    response.message(words, to=to)
    return str(response)
