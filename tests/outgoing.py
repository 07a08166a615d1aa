"""A message to Nadia as a way out takes it, and the same one when nobody knows what became of it."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from alerts.providers.base import Message, Sought
from alerts.providers.twilio import Credentials, TwilioProvider
from alerts.states import Channel
from tests import twilio
from tests.people import NADIA
from tests.twilio import Network

TOKEN = "3fK9aZ3fK9aZ3fK9aZ3fK9"


def message(channel: Channel = Channel.SMS, to: str = NADIA.phone_number) -> Message:
    """One text to Nadia."""
    return Message(
        id=uuid4(),
        channel=channel,
        to=NADIA.email if channel is Channel.EMAIL else to,
        name="Nadia",
        text=f"SECOURS Marie 21:04 https://sos.exmpl.fr/r/{TOKEN} Ouvrez.",
        subject="SECOURS Marie 21:04",
        prompt="Tapez 1.",
        pressed="https://sos.exmpl.fr/hooks/twilio/voice/1/keys/",
        receipts="https://sos.exmpl.fr/hooks/twilio/status/1/",
    )


def sought(of: Message, *, since: datetime | None = None) -> Sought:
    """The same message, its fate unknown."""
    return Sought(
        id=of.id,
        channel=of.channel,
        to=of.to,
        since=since or datetime.now(UTC) - timedelta(seconds=2),
        token_hashes=frozenset({sha256(TOKEN.encode()).hexdigest()}),
    )


def telephone_of(network: Network, *, timeout: float = 1.0) -> TwilioProvider:
    """Our provider in front of the stand-in."""
    credentials = Credentials(
        account_sid=twilio.ACCOUNT,
        auth_token=twilio.TOKEN,
        sms_sender="MonSherif",
        voice_number="+33199001234",
        url=network.url,
        sms_senders={"+1": "+15005550006", "+1787": "+17875550006", "+41": "MonSherifCH"},
    )
    return TwilioProvider(credentials, timeout=timeout)
