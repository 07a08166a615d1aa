"""Which way out carries which channel on this installation."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

from alerts.providers.base import Provider
from alerts.providers.console import ConsoleProvider
from alerts.providers.mailbox import MailboxProvider, Mailserver, NoMailbox
from alerts.providers.ovh import Credentials as OvhCredentials
from alerts.providers.ovh import OvhProvider
from alerts.providers.pair import Carrier, Pair
from alerts.providers.twilio import Credentials, TwilioProvider
from alerts.states import Channel

Ways = Mapping[Channel, Provider]


@lru_cache(maxsize=1)
def of_installation() -> Ways:
    """The ways out that the environment names; one object for the life of the process."""
    if settings.SHERIF.console:
        return {Channel.SMS: outbox(), Channel.VOICE: outbox(), Channel.EMAIL: _mail()}
    calls = _twilio()
    carriers: dict[str, Carrier] = {calls.name: calls}
    if "ovh" in settings.SHERIF.telephony:
        carriers["ovh"] = _ovh()
    wanted = [carriers[name] for name in settings.SHERIF.telephony if name in carriers]
    texts = Pair(wanted) if len(wanted) > 1 else calls
    return {Channel.SMS: texts, Channel.VOICE: calls, Channel.EMAIL: _mail()}


@lru_cache(maxsize=1)
def outbox() -> ConsoleProvider:
    """The file behind the outbox page."""
    return ConsoleProvider(settings.SHERIF.data_dir)


def _twilio() -> TwilioProvider:
    sherif = settings.SHERIF
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


def _ovh() -> OvhProvider:
    sherif = settings.SHERIF
    return OvhProvider(
        OvhCredentials(
            application_key=sherif.ovh_application_key,
            application_secret=sherif.ovh_application_secret,
            consumer_key=sherif.ovh_consumer_key,
            service=sherif.ovh_sms_service,
            sender=sherif.sms_sender,
            endpoint=sherif.ovh_endpoint,
            url=sherif.ovh_url,
        )
    )


def _mail() -> Provider:
    sherif = settings.SHERIF
    if sherif.email_url:
        host = urlsplit(sherif.public_url).hostname or "localhost"
        server = Mailserver.read(sherif.email_url, sender_host=host)
        return MailboxProvider(server, relay_names=sherif.mail_webhooks)
    return outbox() if sherif.console else NoMailbox()
