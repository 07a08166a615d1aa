"""The line to the mail server: certain until the final dot has left, honest after; secrets inside TLS only."""

import socket
import ssl
import time
from pathlib import Path

import pytest

from alerts.providers.base import ProviderError, UnknownOutcomeError
from alerts.providers.mailbox import MailboxProvider, Mailserver
from tests import certificates, smtp
from tests.postbox import Postbox, mail, provider, running


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, and its key."""
    return certificates.self_signed(tmp_path_factory.mktemp("tls"), "127.0.0.1")


def believing(authority: Path) -> ssl.SSLContext:
    """Whom a machine believes that has this authority installed."""
    return ssl.create_default_context(cafile=str(authority))


def serving(authority: Path) -> ssl.SSLContext:
    """The server's side."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    return context


@pytest.mark.parametrize("how", [smtp.HANG, smtp.DROP])
@pytest.mark.parametrize("step", ["greeting", "EHLO", "STARTTLS", "handshake", "AUTH", "MAIL", "RCPT", "DATA"])
def test_a_server_that_fails_before_the_final_dot_took_nothing(*, how: str, step: str, authority: Path) -> None:
    with smtp.server(step, how, certificate=authority) as line:
        began = time.monotonic()
        with pytest.raises(ProviderError) as failed:
            provider(f"me:right@{line}", "smtp+tls", tls=believing(authority)).send(mail())
    assert not failed.value.permanent
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("how", [smtp.HANG, smtp.DROP])
@pytest.mark.parametrize("step", ["text", "dot"])
def test_a_server_that_fails_after_the_text_has_left_may_have_taken_it(*, how: str, step: str, authority: Path) -> None:
    with smtp.server(step, how, certificate=authority) as line, pytest.raises(UnknownOutcomeError):
        provider(f"me:right@{line}", "smtp+tls", tls=believing(authority)).send(mail())


def test_a_server_that_is_just_in_time_at_every_step_is_too_slow_all_the_same(authority: Path) -> None:
    with smtp.server("", smtp.HANG, certificate=authority, slowness=0.3) as line:
        began = time.monotonic()
        with pytest.raises(ProviderError):
            provider(f"me:right@{line}", "smtp+tls", tls=believing(authority), timeout=1.0).send(mail())
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("scheme", ["smtp+tls", "smtps"])
def test_a_password_travels_inside_tls_only(scheme: str, authority: Path) -> None:
    box = Postbox()
    tls = {"tls_context": serving(authority)} if scheme == "smtp+tls" else {"ssl_context": serving(authority)}
    options = {"authenticator": box.login, "auth_exclude_mechanism": ["LOGIN"], "auth_require_tls": scheme != "smtps"}
    with running(box, **tls, **options) as address:
        provider(f"me:right@{address}", scheme, timeout=8, tls=believing(authority)).send(mail())
        with pytest.raises(ProviderError) as stranger:  # nobody here signed the server's certificate
            provider(f"me:right@{address}", scheme, timeout=8).send(mail())
        with pytest.raises(ProviderError) as wrong:
            provider(f"me:wrong@{address}", scheme, timeout=8, tls=believing(authority)).send(mail())
    assert len(box.mails) == 1
    assert box.passwords == [b"right", b"wrong"]
    assert (stranger.value.code, stranger.value.ours) == ("smtp_not_trusted", True)
    assert (wrong.value.code, wrong.value.ours, wrong.value.permanent) == ("smtp_login_535", True, False)


def test_where_tls_was_asked_for_nothing_goes_in_clear() -> None:
    box = Postbox()
    with (
        running(box, authenticator=box.login, auth_require_tls=False) as address,
        pytest.raises(ProviderError) as refused,
    ):
        provider(f"me:right@{address}", "smtp+tls").send(mail())
    assert (refused.value.code, refused.value.ours) == ("smtp_not_trusted", True)
    assert box.passwords == []
    assert box.mails == []


def test_a_mail_server_that_is_not_there_took_nothing() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server = Mailserver.read(f"smtp://127.0.0.1:{probe.getsockname()[1]}", sender_host="sos.exmpl.fr")
    with pytest.raises(ProviderError) as refused:
        MailboxProvider(server).send(mail())
    assert not refused.value.permanent
