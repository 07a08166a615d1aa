"""A mail server of our own, aiosmtpd: takes mails, shows mailboxes, refuses at any step, hangs, breaks the line."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as policy
from typing import TYPE_CHECKING, Any, Literal, Protocol

from aiosmtpd.controller import Controller

from tests.server import free_port

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope

logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells every line of every conversation
SENDER = "alerte@sos.exmpl.fr"
Step = Literal["MAIL", "RCPT", "DATA"]


class Addressee(Protocol):
    """Anybody with a mailbox."""

    @property
    def email(self) -> str:
        """The address."""
        ...


@dataclass(kw_only=True)
class _Refusal:
    step: Step
    answer: str
    to: str
    times: int


class Mailserver:
    """What came, per recipient, and how the server behaves. Safe to ask from the test while mails come in."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.hang_seconds = 0.0  # after DATA: the mail is taken, the answer comes so much later
        self._drops = False
        self.tried: dict[str, int] = defaultdict(int)  # how often each address was named, refused or not
        self._refusals: list[_Refusal] = []
        self._mails: dict[str, list[EmailMessage]] = defaultdict(list)

    @property
    def url(self) -> str:
        """What EMAIL_URL takes."""
        return f"smtp://127.0.0.1:{self.port}?from={SENDER}"

    def refuse(self, step: Step, answer: str, *, to: str = "", times: int = 1_000_000) -> None:
        """Answer so ("451 4.3.0 later", "550 5.1.1 nobody") at this step, to one address or to all, so many times."""
        self._refusals.append(_Refusal(step=step, answer=answer, to=to, times=times))

    def drop_after_data(self) -> None:
        """Take every mail, then break the line instead of saying so."""
        self._drops = True

    def get_well(self) -> None:
        """Take every mail from now on."""
        self._refusals.clear()
        self.hang_seconds, self._drops = 0.0, False

    def clear(self) -> None:
        """Empty the mailboxes."""
        self._mails.clear()

    @property
    def mails(self) -> list[EmailMessage]:
        """Every mail, once for each of its recipients."""
        return [mail for box in list(self._mails.values()) for mail in box]

    def mailbox(self, who: Addressee | str) -> list[EmailMessage]:
        """The mails of one recipient, in the order of their coming."""
        return list(self._mails.get(who if isinstance(who, str) else who.email, ()))

    def expect_mail(self, who: Addressee | str, saying: str = "", *, within: float = 5.0) -> EmailMessage:
        """The newest mail whose subject or text says this, as soon as there is one."""
        ends = time.monotonic() + within
        while True:
            subjects = [str(mail["Subject"]) for mail in self.mailbox(who)]
            fitting = [mail for mail in self.mailbox(who) if saying in f"{mail['Subject']}\n{text_of(mail)}"]
            if fitting:
                return fitting[-1]
            if time.monotonic() > ends:
                raise AssertionError(f"no mail saying {saying!r}, but {subjects}")
            time.sleep(0.02)

    # ---- What aiosmtpd calls ----

    async def handle_MAIL(self, *given: Any) -> str:  # noqa: N802 - the library names it
        """Who writes."""
        _server, _session, envelope, address, options = given
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._refused("MAIL", "") or "250 OK"

    async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802
        """To whom."""
        _server, _session, envelope, address, _options = given
        self.tried[address] += 1
        if refused := self._refused("RCPT", address):
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: "SMTP", session: object, envelope: "Envelope") -> str:  # noqa: N802
        """The text itself: taken before any hanging."""
        del session
        for address in envelope.rcpt_tos:
            if refused := self._refused("DATA", address):
                return refused
        for address in envelope.rcpt_tos:
            self._mails[address].append(BytesParser(EmailMessage, policy=policy).parsebytes(_bytes(envelope)))
        if self._drops and server.transport is not None:
            server.transport.close()
        await asyncio.sleep(self.hang_seconds)
        return "250 OK"

    def _refused(self, step: Step, address: str) -> str:
        for refusal in self._refusals:
            if refusal.step == step and refusal.to in {"", address} and refusal.times > 0:
                refusal.times -= 1
                return refusal.answer
        return ""


def _bytes(envelope: "Envelope") -> bytes:
    content = envelope.original_content
    return b"" if content is None else content


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail, which must stand alone."""
    part = mail.get_body(("plain",))
    assert part is not None, "a mail without plain text"
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(mail: EmailMessage) -> str:
    """The HTML of a mail, or nothing."""
    part = mail.get_body(("html",))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


@contextmanager
def mailserver() -> Iterator[Mailserver]:
    """A running mail server on a free port."""
    running = Mailserver(free_port())
    controller = Controller(running, hostname="127.0.0.1", port=running.port, server_hostname="localhost")
    controller.start()
    try:
        yield running
    finally:
        controller.stop()
