"""Which way out carries which channel on this installation."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

from alerts.providers.base import Provider
from alerts.providers.console import ConsoleProvider
from alerts.providers.mailbox import MailboxProvider, Mailserver, NoMailbox
from alerts.providers.twilio import Credentials, TwilioProvider
from alerts.states import Channel

Ways = Mapping[Channel, Provider]


@lru_cache(maxsize=1)
def of_installation() -> Ways:
    """The ways out that the environment names; one object for the life of the process."""
    telephone = _telephone()
    return {Channel.SMS: telephone, Channel.VOICE: telephone, Channel.EMAIL: _mail()}


@lru_cache(maxsize=1)
def outbox() -> ConsoleProvider:
    """The file behind the outbox page."""
    return ConsoleProvider(settings.SHERIF.data_dir)


def _telephone() -> Provider:
    sherif = settings.SHERIF
    if sherif.console:
        return outbox()
    return TwilioProvider(
        Credentials(
            account_sid=sherif.twilio_account_sid,
            auth_token=sherif.twilio_auth_token,
            sms_sender=sherif.sms_sender,
            sms_senders=sherif.sms_senders,
            voice_number=sherif.voice_number,
            url=sherif.twilio_url,
        )
    )


def _mail() -> Provider:
    sherif = settings.SHERIF
    if sherif.email_url:
        host = urlsplit(sherif.public_url).hostname or "localhost"
        server = Mailserver.read(sherif.email_url, sender_host=host)
        return MailboxProvider(server, relay_names=sherif.mail_webhooks)
    return outbox() if sherif.console else NoMailbox()
