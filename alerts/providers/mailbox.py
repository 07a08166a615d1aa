"""Mail by SMTP. One message per contact: with several recipients a partial refusal hides. 250 means accepted, no more.

EMAIL_URL: `smtp://`, `smtp+tls://` (STARTTLS) or `smtps://`, with `user:password@host:port` and `?from=address`.
"""

import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from typing import Never
from urllib.parse import parse_qs, unquote, urlsplit

from alerts.providers.base import (
    CannotTellError,
    Message,
    ProviderError,
    Receipt,
    Sought,
    Standing,
    UnknownOutcomeError,
)
from alerts.states import Channel

_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
_TIMEOUT = 8.0
_REFUSED_FOR_GOOD = 500
_SENDER_NAME = "MonSherif"


@dataclass(frozen=True, kw_only=True)
class Mailserver:
    """Where mail is handed over, read from EMAIL_URL."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    sender: str

    @classmethod
    def read(cls, url: str, *, sender_host: str) -> "Mailserver":
        """Raises ValueError for a scheme that is not one of the three."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS:
            raise ValueError("EMAIL_URL begins with smtp://, smtp+tls:// or smtps://")
        senders = parse_qs(parts.query).get("from", [f"alerte@{sender_host}"])
        return cls(
            scheme=parts.scheme,
            host=parts.hostname or "localhost",
            port=parts.port or _PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            sender=senders[0],
        )


class MailboxProvider:
    """One connection per message: a server that hangs holds one thread for eight seconds and nobody else."""

    name = "smtp"

    def __init__(self, server: Mailserver, *, timeout: float = _TIMEOUT) -> None:
        self._server = server
        self._timeout = timeout

    def send(self, message: Message) -> Receipt:
        """Hand over. Until the text itself has left, every failure is a certain one."""
        mail = self._written(message)
        try:
            connection = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise ProviderError("smtp_unreachable", permanent=False) from error
        try:
            self._envelope(connection, message.to)
            self._text(connection, mail)
        finally:
            connection.close()
        return Receipt(provider=self.name, provider_id=mail["Message-ID"])

    def find(self, sought: Sought) -> Receipt | None:
        """A mail server keeps no list that we could ask."""
        del sought
        raise CannotTellError

    def ask(self, channel: Channel, provider_id: str) -> Standing | None:
        """Nobody is told what becomes of a mail, but by a bounce."""
        del channel, provider_id
        return None

    def _written(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        host = self._server.sender.rpartition("@")[2]
        mail["Subject"] = " ".join(message.subject.split())
        mail["From"] = formataddr((_SENDER_NAME, self._server.sender))
        mail["To"] = message.to
        mail["Date"] = formatdate()
        mail["Message-ID"] = f"<{message.id}@{host}>"  # the same at every attempt: a mailbox may show it once
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Priority"] = "1"
        mail["Content-Language"] = message.language
        mail.set_content(message.text)
        return mail

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        kind = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
        connection = kind(server.host, server.port, timeout=self._timeout)
        try:
            if server.scheme == "smtp+tls":
                connection.starttls()
            if server.user:
                connection.login(server.user, server.password)
            connection.ehlo_or_helo_if_needed()
        except BaseException:
            connection.close()
            raise
        return connection

    def _envelope(self, connection: smtplib.SMTP, to: str) -> None:
        try:
            for code, answer in (connection.mail(self._server.sender), connection.rcpt(to)):
                if code >= 300:  # noqa: PLR2004 - RFC 5321 4.2.1: 2yz is yes
                    _refused(code, answer)
        except (OSError, smtplib.SMTPException) as error:
            raise ProviderError("smtp_dropped", permanent=False) from error

    def _text(self, connection: smtplib.SMTP, mail: EmailMessage) -> None:
        try:
            code, answer = connection.data(mail.as_bytes())
        except smtplib.SMTPDataError as error:
            _refused(error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            raise UnknownOutcomeError from error
        if code != 250:  # noqa: PLR2004 - RFC 5321 4.3.2: 250 alone says that the server is responsible now
            _refused(code, answer)


def _refused(code: int, answer: bytes | str) -> Never:
    del answer  # may repeat the address
    raise ProviderError(f"smtp_{code}", permanent=code >= _REFUSED_FOR_GOOD)


class NoMailbox:
    """No EMAIL_URL beside a real telephone network: mail fails at once and visibly, texts and calls go on."""

    name = "none"

    def send(self, message: Message) -> Receipt:
        """Always refused."""
        del message
        raise ProviderError("no_mail_server", permanent=True)

    def find(self, sought: Sought) -> Receipt | None:
        """Nothing was ever sent."""
        del sought
        return None

    def ask(self, channel: Channel, provider_id: str) -> Standing | None:
        """Nothing was ever sent."""
        del channel, provider_id
        return None
