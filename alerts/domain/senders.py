"""Who calls and writes, as a relative's telephone shows it: the numbers of the contact card."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from alerts.providers.mailbox import Mailserver

_OF_FILMS = "+33199001700"  # ARCEP's range for fiction: where no network is set, the card of the demonstration has one


@dataclass(frozen=True, kw_only=True)
class Senders:
    """Numbers in E.164; `name` is a sender of texts that is no number, and cannot stand on a card. Empty: none."""

    calls: str
    texts: str
    name: str
    replies: str
    mail: str

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every number to let through, each once; calls first."""
        return tuple(dict.fromkeys(filter(None, (self.calls, self.texts, self.replies))))


def to(number: str) -> Senders:
    """Who calls and writes to this number (E.164, or empty): some countries have another sender of texts."""
    sherif = settings.SHERIF
    texts = _sender(number)
    invented = _OF_FILMS if sherif.console and not sherif.voice_number else ""
    return Senders(
        calls=sherif.voice_number or invented,
        texts=texts if texts.startswith("+") else "",
        name="" if texts.startswith("+") else texts,
        replies=sherif.inbound_number if sherif.inbound_number.startswith("+") else "",
        mail=_mail(),
    )


def _sender(number: str) -> str:
    sherif = settings.SHERIF
    prefixes = sorted((prefix for prefix in sherif.sms_senders if number.startswith(prefix)), key=len)
    return str(sherif.sms_senders[prefixes[-1]] if prefixes else sherif.sms_sender)


def _mail() -> str:
    sherif = settings.SHERIF
    host = urlsplit(sherif.public_url).hostname or "localhost"
    return Mailserver.read(sherif.email_url, sender_host=host).sender if sherif.email_url else ""
