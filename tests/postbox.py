"""A mail server that keeps what it takes and misbehaves on request, and our side of the line to it."""

import email
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from alerts.providers.base import Message
from alerts.providers.mailbox import MailboxProvider, Mailserver
from alerts.states import Channel
from tests.people import NADIA

SUBJECT = "SECOURS Marie 21:04"


def mail(to: str = NADIA.email, **parts: Any) -> Message:
    """One mail to Nadia."""
    plain = Message(id=uuid4(), channel=Channel.EMAIL, to=to, name="Nadia", text=SUBJECT, subject=SUBJECT)
    return replace(plain, **parts)


class Postbox:
    """A mail server that keeps what it takes and misbehaves on request."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.passwords: list[bytes] = []
        self.sender = self.rcpt = self.data = "250 OK"
        self.hangs = False

    async def handle_MAIL(self, *given: Any) -> str:  # noqa: N802 - the library names it
        _server, _session, envelope, address, options = given
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.sender

    async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802
        _server, _session, envelope, address, _options = given
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, *given: Any) -> str:  # noqa: N802
        _server, _session, envelope = given
        if self.data.startswith("250"):
            self.mails.append(envelope)
        if self.hangs:
            time.sleep(1.5)  # noqa: ASYNC251 - the whole server hangs, as a real one does
        return self.data

    def login(self, *given: Any) -> AuthResult:
        """Believes one password."""
        said = given[-1]
        assert isinstance(said, LoginPassword)
        self.passwords.append(said.password)
        return AuthResult(success=said.password == b"right", handled=False)

    def letter(self) -> EmailMessage:
        """The only mail, as a mail program reads it."""
        (envelope,) = self.mails
        assert isinstance(envelope.original_content, bytes)
        read = email.message_from_bytes(envelope.original_content, policy=policy.default)
        assert isinstance(read, EmailMessage)
        return read


@contextmanager
def running(box: Postbox, **options: Any) -> Iterator[str]:
    """The box on a free port; yields `127.0.0.1:port`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        controller.stop()


def provider(address: str, scheme: str = "smtp", **options: Any) -> MailboxProvider:
    """Our side of the line."""
    server = Mailserver.read(f"{scheme}://{address}?from=alerte@sos.exmpl.fr", sender_host="sos.exmpl.fr")
    return MailboxProvider(server, **{"timeout": 0.7, **options})
