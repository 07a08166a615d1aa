"""Mail: one message per contact, under one name, to exactly one address; refused for now or for good."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from alerts.providers import faults, relays
from alerts.providers.addresses import BAD_ADDRESS
from alerts.providers.base import CannotTellError, ProviderError, Sought, UnknownOutcomeError
from alerts.providers.mailbox import MailboxProvider, Mailserver, NoMailbox
from alerts.states import Channel
from tests.people import NADIA
from tests.postbox import Postbox, mail, provider, running


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, MailboxProvider]]:
    box = Postbox()
    with running(box) as address:
        yield box, provider(address)


def test_a_mail_keeps_one_name_at_every_attempt(postbox: tuple[Postbox, MailboxProvider]) -> None:
    box, line = postbox
    sent = mail(subject="SECOURS Marie\r\nBcc: paul@example.org")
    first, second = line.send(sent), line.send(sent)

    assert first == second
    assert first.provider_id == f"<{sent.id}@sos.exmpl.fr>"
    assert [one.rcpt_tos for one in box.mails] == [[NADIA.email], [NADIA.email]]
    content = box.mails[0].content
    assert isinstance(content, bytes)
    assert b"\r\nBcc:" not in content


def test_a_mail_is_a_text_and_the_same_as_a_page(postbox: tuple[Postbox, MailboxProvider]) -> None:
    box, line = postbox
    text = "Marie appelle au secours.\n.\n.fin d'été\n"
    line.send(mail(text=text, html="<p>Marie appelle au secours. Été.</p>"))
    letter = box.letter()

    assert letter.get_content_type() == "multipart/alternative"
    plain, page = letter.iter_parts()
    assert (plain.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().replace("\r\n", "\n") == text
    assert "Été" in page.get_content()
    assert letter["To"] == NADIA.email
    assert letter["From"] == "MonSherif <alerte@sos.exmpl.fr>"
    raw = box.mails[0].original_content
    assert isinstance(raw, bytes)
    assert not re.search(rb"(?<!\r)\n", raw), "a bare LF is refused by servers that fear smuggling"
    assert raw.isascii()
    assert max(len(row) for row in raw.split(b"\r\n")) <= 998  # RFC 5321 4.5.3.1.6


def test_a_mail_without_a_page_is_a_plain_text(postbox: tuple[Postbox, MailboxProvider]) -> None:
    box, line = postbox
    line.send(mail(to="exploitation@sos.exmpl.fr", text="Une file attend."))
    assert box.letter().get_content_type() == "text/plain"


@pytest.mark.parametrize(("answer", "permanent"), [("451 later", False), ("550 nobody", True)])
@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_a_refusal_of_the_recipient_is_for_now_or_for_good(
    *, answer: str, permanent: bool, step: str, postbox: tuple[Postbox, MailboxProvider]
) -> None:
    box, line = postbox
    setattr(box, step, answer)
    with pytest.raises(ProviderError) as refused:
        line.send(mail())
    assert (refused.value.permanent, refused.value.ours) == (permanent, False)
    assert refused.value.code == f"smtp_{answer[:3]}"
    assert box.mails == []


@pytest.mark.parametrize(("answer", "ours"), [("451 later", False), ("553 not your address", True)])
def test_a_refusal_of_the_sender_is_our_own_fault_and_tried_again(
    *, answer: str, ours: bool, postbox: tuple[Postbox, MailboxProvider]
) -> None:
    box, line = postbox
    box.sender = answer
    with pytest.raises(ProviderError) as refused:
        line.send(mail())
    assert refused.value.code == f"smtp_sender_{answer[:3]}"
    assert refused.value.code.startswith(tuple(faults.OURS_BY_PREFIX)) == ours
    assert (refused.value.permanent, refused.value.ours) == (False, ours)


def test_a_mail_server_that_hangs_after_the_text_leaves_us_not_knowing(
    postbox: tuple[Postbox, MailboxProvider],
) -> None:
    box, line = postbox
    box.hangs = True
    with pytest.raises(UnknownOutcomeError):
        line.send(mail())
    with pytest.raises(CannotTellError):
        line.find(Sought(id=uuid4(), channel=Channel.EMAIL, to=NADIA.email, since=datetime.now(UTC)))


HOSTILE = [
    "",
    "nadia",
    "@example.org",
    "nadia@",
    "nadia@example.org, paul@example.org",
    "nadia@example.org,paul@example.org",
    "nadia@example.org paul@example.org",
    "<nadia@example.org>",
    "Nadia <nadia@example.org>",
    "nadia@example.org>\r\nRCPT TO:<paul@example.org",
    "nadia\r\nBcc: paul@example.org",
    "nadia\n@example.org",
    'nadia"@example.org',
    "nadia;paul@example.org",
    "nadia@exa mple.org",
    "nadia@-example.org",
    "nadia@[127.0.0.1]",
    "nadia..b@example.org",
    "na\u202edia@example.org",
    "na\u00a0dia@example.org",
    f"{'n' * 65}@example.org",
    f"nadia@{'e' * 64}.org",
    f"nadia@{'.'.join(['example'] * 40)}",
]


@pytest.mark.parametrize("to", HOSTILE)
def test_what_is_not_exactly_one_address_is_refused_for_good(to: str, postbox: tuple[Postbox, MailboxProvider]) -> None:
    box, line = postbox
    with pytest.raises(ProviderError) as refused:
        line.send(mail(to=to))
    assert (refused.value.code, refused.value.permanent, refused.value.ours) == (BAD_ADDRESS, True, False)
    assert box.mails == []


@pytest.mark.parametrize(
    ("to", "travels"), [("München.example", "xn--mnchen-3ya.example"), ("straße.de", "xn--strae-oqa.de")]
)
def test_a_domain_with_accents_travels_in_ascii(
    to: str, travels: str, postbox: tuple[Postbox, MailboxProvider]
) -> None:
    box, line = postbox
    line.send(mail(to=f"nadia@{to}"))
    assert box.mails[0].rcpt_tos == [f"nadia@{travels}"]


def test_an_address_with_accents_needs_a_server_that_takes_it(postbox: tuple[Postbox, MailboxProvider]) -> None:
    box, _ = postbox
    with running(box, enable_SMTPUTF8=False) as address, pytest.raises(ProviderError) as refused:
        provider(address).send(mail(to="zoé@example.org"))
    assert (refused.value.code, refused.value.permanent) == ("smtp_no_utf8", True)
    assert box.mails == []

    with running(box, enable_SMTPUTF8=True) as address:
        provider(address).send(mail(to="zoé@example.org"))
    assert box.mails[0].rcpt_tos == ["zoé@example.org"]
    assert "SMTPUTF8" in box.mails[0].mail_options
    assert box.letter()["To"] == "zoé@example.org"


ALLOWED = {"subject", "from", "to", "date", "message-id", "auto-submitted", "x-priority", "content-language"}
MIME = {"content-type", "content-transfer-encoding", "mime-version"}


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subject=st.text(max_size=120), text=st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
def test_no_words_of_people_become_a_header(postbox: tuple[Postbox, MailboxProvider], subject: str, text: str) -> None:
    box, line = postbox
    box.mails.clear()
    line.send(mail(subject=subject, text=text, html="<p>ok</p>"))
    letter = box.letter()
    assert {name.lower() for name in letter} <= ALLOWED | MIME
    assert letter["To"] == NADIA.email
    assert len(list(letter.iter_parts())) == 2


def test_a_sender_that_is_no_address_is_our_own_fault() -> None:
    server = Mailserver.read("smtp://127.0.0.1?from=nobody", sender_host="sos.exmpl.fr")
    with pytest.raises(ProviderError) as refused:
        MailboxProvider(server).send(mail())
    assert (refused.value.permanent, refused.value.ours) == (False, True)


@pytest.mark.parametrize("relay", sorted(relays.HEADERS))
def test_a_relay_is_told_our_id_and_to_count_nothing(relay: str, postbox: tuple[Postbox, MailboxProvider]) -> None:
    box, line = postbox
    sent = mail()
    line = MailboxProvider(line._server, relay_names=[relay])
    line.send(sent)
    letter = box.letter()
    wanted = relays.HEADERS[relay](sent.id)
    assert wanted
    assert {name: letter[name] for name in wanted} == dict(wanted)
    assert any(str(sent.id) in value for value in wanted.values())


@pytest.mark.parametrize(
    ("host", "relay"),
    [
        ("smtp.mailgun.org", {"mailgun"}),
        ("smtp.eu.mailgun.org", {"mailgun"}),
        ("smtp-relay.brevo.com", {"brevo"}),
        ("in-v3.mailjet.com", {"mailjet"}),
        ("smtp.postmarkapp.com", {"postmark"}),
        ("notmailgun.org", set()),
        ("mail.exmpl.fr", set()),
    ],
)
def test_a_relay_is_known_by_the_name_of_its_server(host: str, relay: set[str]) -> None:
    assert relays.behind(host) == relay


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
