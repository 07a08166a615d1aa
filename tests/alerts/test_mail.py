"""Mail: one message per contact, certain until the text has left, honest after."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller

from alerts.providers.base import CannotTellError, Message, ProviderError, Sought, UnknownOutcomeError
from alerts.providers.mailbox import MailboxProvider, Mailserver, NoMailbox
from alerts.states import Channel
from tests.people import NADIA

if TYPE_CHECKING:
    from aiosmtpd.smtp import Envelope


def mail() -> Message:
    """One mail to Nadia."""
    return Message(
        id=uuid4(),
        channel=Channel.EMAIL,
        to=NADIA.email,
        name="Nadia",
        text="SECOURS Marie 21:04",
        subject="SECOURS Marie 21:04",
    )


class Postbox:
    """A mail server that keeps what it takes and misbehaves on request."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.rcpt = "250 OK"
        self.data = "250 OK"
        self.hangs = False

    async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802 - the library names it
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


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, MailboxProvider]]:
    box = Postbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    server = Mailserver.read(f"smtp://127.0.0.1:{port}?from=alerte@sos.exmpl.fr", sender_host="sos.exmpl.fr")
    yield box, MailboxProvider(server, timeout=0.7)
    controller.stop()


def test_a_mail_keeps_one_name_at_every_attempt(postbox: tuple[Postbox, MailboxProvider]) -> None:
    box, provider = postbox
    sent = replace(mail(), subject="SECOURS Marie\r\nBcc: paul@example.org")
    first, second = provider.send(sent), provider.send(sent)

    assert first == second
    assert first.provider_id == f"<{sent.id}@sos.exmpl.fr>"
    assert [mail.rcpt_tos for mail in box.mails] == [[NADIA.email], [NADIA.email]]
    content = box.mails[0].content
    assert isinstance(content, bytes)
    assert b"\r\nBcc:" not in content


@pytest.mark.parametrize(("answer", "permanent"), [("451 later", False), ("550 nobody", True)])
def test_a_refusal_by_mail_is_for_now_or_for_good(
    answer: str, permanent: bool, postbox: tuple[Postbox, MailboxProvider]
) -> None:
    box, provider = postbox
    for step in ("rcpt", "data"):
        setattr(box, step, answer)
        with pytest.raises(ProviderError) as refused:
            provider.send(mail())
        assert refused.value.permanent is permanent
        assert NADIA.email not in refused.value.code
    assert box.mails == []


def test_a_mail_server_that_hangs_after_the_text_leaves_us_not_knowing(
    postbox: tuple[Postbox, MailboxProvider],
) -> None:
    box, provider = postbox
    box.hangs = True
    with pytest.raises(UnknownOutcomeError):
        provider.send(mail())
    with pytest.raises(CannotTellError):
        provider.find(Sought(id=uuid4(), channel=Channel.EMAIL, to=NADIA.email, since=datetime.now(UTC)))


def test_a_mail_server_that_is_not_there_took_nothing() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server = Mailserver.read(f"smtp://127.0.0.1:{probe.getsockname()[1]}", sender_host="sos.exmpl.fr")
    with pytest.raises(ProviderError) as refused:
        MailboxProvider(server).send(mail())
    assert not refused.value.permanent


def test_without_a_mail_server_mail_fails_visibly() -> None:
    with pytest.raises(ProviderError) as refused:
        NoMailbox().send(mail())
    assert refused.value.permanent


def test_a_mail_url_is_read_whole() -> None:
    server = Mailserver.read("smtp+tls://me:p%40ss@mail.exmpl.fr", sender_host="sos.exmpl.fr")
    assert (server.user, server.password, server.port) == ("me", "p@ss", 587)
    assert server.sender == "alerte@sos.exmpl.fr"
    with pytest.raises(ValueError, match="EMAIL_URL"):
        Mailserver.read("http://mail.exmpl.fr", sender_host="sos.exmpl.fr")
