"""Mail by SMTP. One message per contact: with several recipients a partial refusal hides. 250 means accepted, no more.

EMAIL_URL: `smtp://`, `smtp+tls://` (STARTTLS) or `smtps://`, with `user:password@host:port` and `?from=address`.
"""

import re
import smtplib
import ssl
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import policy
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.utils import formatdate
from typing import Never
from urllib.parse import parse_qs, unquote, urlsplit

from alerts.providers import addresses, hurried, relays
from alerts.providers.addresses import Address
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
_TIMEOUT = 9.0  # seconds for the whole conversation
_YES = range(200, 300)  # RFC 5321 4.2.1
_FOR_GOOD = 500
_READY_FOR_TLS = 220  # RFC 3207
_GO_ON, _TAKEN = 354, 250  # RFC 5321 4.3.2: after the text 250 alone says that the server is responsible now
_SENDER_NAME = "MonSherif"
_WIRE = policy.SMTP.clone(cte_type="7bit")  # lines end with CR LF, and no server has to offer 8BITMIME


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
    """One connection per message: a server that hangs holds one thread for nine seconds and nobody else.

    `relay_names`: services whose events are heard (`relays.HEADERS`), besides the one that the server's name tells.
    `tls`: whom to believe; by default the authorities of this machine, and the server's name is checked.
    """

    name = "smtp"

    def __init__(
        self,
        server: Mailserver,
        *,
        timeout: float = _TIMEOUT,
        relay_names: Iterable[str] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._timeout = timeout
        self._relays = relays.behind(server.host) | frozenset(relay_names)
        self._tls = tls or ssl.create_default_context()

    def send(self, message: Message) -> Receipt:
        """Hand over. Until the text itself has left, every failure is a certain one.

        What the server says against us (login, sender) is our own fault and tried again; what it says against the
        recipient is believed: 5yz for good, 4yz for now.
        """
        return self.send_noting(message, leaving=lambda: None)

    def send_noting(self, message: Message, *, leaving: Callable[[], None]) -> Receipt:
        """As `send`; `leaving` is called right before the final dot."""
        to = addresses.read(message.to)
        sender = self._sender()
        mail = self._written(message, sender, to)
        connection = self._connect(sender)
        try:
            with _certain():
                self._envelope(connection, sender, to)
                _announce(connection)
                connection.send(_stuffed(mail.as_bytes(policy=_WIRE.clone(utf8=to.needs_utf8 or sender.needs_utf8))))
            leaving()
            _finish(connection)
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

    def _sender(self) -> Address:
        try:
            return addresses.read(self._server.sender)
        except ProviderError as error:
            raise ProviderError("smtp_bad_sender", permanent=False, ours=True) from error

    def _written(self, message: Message, sender: Address, to: Address) -> EmailMessage:
        mail = EmailMessage(policy=_WIRE)
        mail["Subject"] = _one_line(message.subject)
        mail["From"] = HeaderAddress(_one_line(message.sender) or _SENDER_NAME, sender.local, sender.domain)
        mail["To"] = HeaderAddress("", to.local, to.domain)
        mail["Date"] = formatdate()
        mail["Message-ID"] = f"<{message.id}@{sender.domain}>"  # at every attempt: a mailbox may show it once
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Priority"] = "1"
        mail["Content-Language"] = message.language
        for name, value in relays.headers(self._relays, message.id).items():
            mail[name] = value
        mail.set_content(message.text)
        if message.html:
            mail.add_alternative(message.html, subtype="html")
        return mail

    def _connect(self, sender: Address) -> hurried.HurriedSmtp:
        server = self._server
        with _certain("smtp_unreachable"):
            connection = hurried.connected(
                server.host,
                server.port,
                seconds=self._timeout,
                name=sender.domain,
                tls=self._tls if server.scheme == "smtps" else None,
            )
        try:
            with _certain("smtp_unreachable"):
                self._introduce(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _introduce(self, connection: hurried.HurriedSmtp) -> None:
        """Never a password or a text in clear where TLS was asked for."""
        server = self._server
        if server.scheme == "smtp+tls":
            code, _ = connection.starttls(context=self._tls)
            if code != _READY_FOR_TLS:
                raise smtplib.SMTPNotSupportedError
        if server.user:
            connection.login(server.user, server.password)
        connection.ehlo_or_helo_if_needed()

    def _envelope(self, connection: smtplib.SMTP, sender: Address, to: Address) -> None:
        options = ["SMTPUTF8"] if sender.needs_utf8 or to.needs_utf8 else []
        if options and not connection.has_extn("smtputf8"):
            raise ProviderError("smtp_no_utf8", permanent=True)
        code, _ = connection.mail(sender.written, options)
        if code not in _YES:
            raise ProviderError(f"smtp_sender_{code}", permanent=False, ours=code >= _FOR_GOOD)
        code, _ = connection.rcpt(to.written)
        if code not in _YES:
            _refused(code)


def _announce(connection: smtplib.SMTP) -> None:
    code, _ = connection.docmd("DATA")
    if code != _GO_ON:
        _refused(code)


def _finish(connection: smtplib.SMTP) -> None:
    """From the final dot on nobody knows, until the server answers."""
    try:
        connection.send(b".\r\n")
        code, _ = connection.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise UnknownOutcomeError from error
    if code != _TAKEN:
        _refused(code)
    with suppress(OSError, smtplib.SMTPException):
        connection.putcmd("QUIT")  # out of politeness: the answer changes nothing and is not waited for


@contextmanager
def _certain(code: str = "smtp_dropped") -> Iterator[None]:
    """Failures before the final dot: nothing was taken."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        ours = error.smtp_code >= _FOR_GOOD
        raise ProviderError(f"smtp_login_{error.smtp_code}", permanent=False, ours=ours) from error
    except (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError) as error:
        raise ProviderError("smtp_not_trusted", permanent=False, ours=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise ProviderError(code, permanent=False) from error


def _refused(code: int) -> Never:
    raise ProviderError(f"smtp_{code}", permanent=code >= _FOR_GOOD)  # never the text: it repeats the address


def _stuffed(mail: bytes) -> bytes:
    """RFC 5321 4.5.2: a line that begins with a dot gets one more."""
    return re.sub(rb"(?m)^\.", b"..", mail) + (b"" if mail.endswith(b"\r\n") else b"\r\n")


def _one_line(subject: str) -> str:
    kept = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in subject)
    return " ".join(kept.split())


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
