"""The ways out: what they take, what they refuse, and what they say when nobody knows."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.providers import twilio as ours
from alerts.providers.base import (
    Message,
    Provider,
    ProviderError,
    Sought,
    UnknownOutcomeError,
)
from alerts.providers.console import ConsoleProvider
from alerts.providers.numbers import FORBIDDEN, is_forbidden
from alerts.providers.twilio import CALL_STATUS, MESSAGE_STATUS, PERMANENT, Credentials, TwilioProvider
from alerts.states import Channel, DeliveryState
from tests import twilio
from tests.people import NADIA, RELATIVES, THOMAS
from tests.twilio import Network

TOKEN = "3fK9aZ3fK9aZ3fK9aZ3fK9"


def message(channel: Channel = Channel.SMS, to: str = NADIA.phone_number) -> Message:
    """One text to Nadia."""
    return Message(
        id=uuid4(),
        channel=channel,
        to=NADIA.email if channel is Channel.EMAIL else to,
        name="Nadia",
        text=f"SECOURS Marie 21:04 https://sos.exmpl.fr/r/{TOKEN} Ouvrez.",
        subject="SECOURS Marie 21:04",
        prompt="Tapez 1.",
        pressed="https://sos.exmpl.fr/hooks/twilio/voice/1/keys/",
        receipts="https://sos.exmpl.fr/hooks/twilio/status/1/",
    )


def sought(of: Message, *, since: datetime | None = None) -> Sought:
    """The same message, its fate unknown."""
    return Sought(
        id=of.id,
        channel=of.channel,
        to=of.to,
        since=since or datetime.now(UTC) - timedelta(seconds=2),
        token_hashes=frozenset({sha256(TOKEN.encode()).hexdigest()}),
    )


@pytest.fixture
def network() -> Iterator[Network]:
    with twilio.network() as running:
        yield running


@pytest.fixture
def telephone(network: Network) -> TwilioProvider:
    credentials = Credentials(
        account_sid=twilio.ACCOUNT,
        auth_token=twilio.TOKEN,
        sms_sender="MonSherif",
        voice_number="+33199001234",
        url=network.url,
    )
    return TwilioProvider(credentials, timeout=1.0)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[ConsoleProvider]:
    provider = ConsoleProvider(tmp_path)
    yield provider
    provider.close()


# ---- Numbers ----


@pytest.mark.parametrize(
    "number",
    [
        *("15", "17", "18", "112", "114", "115", "119", "191", "196", "197", "116000", "116006", "3919", "118218"),
        *("+3315", "+3317", "+33112", "+33114", "+33116006", "+333919", "+33118218", "+331017"),
        *("+33899123456", "+33892123456", "+33812345678", "+44112", "+1911", "+32112", "+262112", "+596114"),
        *(
            "",
            "+",
            "17 ",
            " +33639980001",
            "+33 6 39 98 00 01",
            "0639980001",
            "0033639980001",
            "tel:17",
            "+33639980001;17",
        ),
        *("+33(0)17", "+0000000017", "+\uff19\uff19\uff19", "112@example.org"),
    ],
)
def test_no_emergency_short_or_costly_number_passes_the_last_gate(number: str) -> None:
    assert is_forbidden(number)


@pytest.mark.parametrize(
    "number",
    [*(one.phone_number for one in RELATIVES), "+33140000000", "+262262123456", "+447700900123", "+14155552671"],
)
def test_ordinary_numbers_pass(number: str) -> None:
    assert not is_forbidden(number)


@given(st.text(alphabet="+0123456789", max_size=9))
def test_nothing_short_passes(number: str) -> None:
    assert is_forbidden(number) or len(number) >= 9


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])
def test_every_telephone_provider_refuses_the_17_for_good(
    *, channel: Channel, telephone: TwilioProvider, outbox: ConsoleProvider, network: Network
) -> None:
    providers: tuple[Provider, ...] = (telephone, outbox)
    for provider in providers:
        with pytest.raises(ProviderError) as refused:
            provider.send(message(channel, to="17"))
        assert refused.value.permanent
        assert refused.value.code == FORBIDDEN
    assert network.taken == []
    assert outbox.entries() == []


# ---- Console ----


def test_the_outbox_remembers_after_a_kill_what_it_took(outbox: ConsoleProvider, tmp_path: Path) -> None:
    sent = message()
    receipt = outbox.send(sent)

    after_the_kill = ConsoleProvider(tmp_path)
    assert after_the_kill.find(sought(sent)) == receipt
    assert after_the_kill.find(sought(message())) is None
    assert [entry.text for entry in after_the_kill.entries()] == [sent.text]
    after_the_kill.close()


def test_the_outbox_shows_what_is_new(outbox: ConsoleProvider) -> None:
    outbox.send(message())
    outbox.send(message(Channel.VOICE))
    outbox.send(message(Channel.EMAIL))

    assert [entry.channel for entry in outbox.entries()] == ["sms", "voice", "email"]
    assert [entry.channel for entry in outbox.entries(after=2)] == ["email"]
    assert [entry.number for entry in outbox.entries(most=2)] == [2, 3]


def test_the_outbox_is_nobody_elses_to_read(outbox: ConsoleProvider, tmp_path: Path) -> None:
    outbox.send(message())
    assert (tmp_path / "outbox.sqlite3").stat().st_mode & 0o077 == 0


# ---- Twilio ----


def test_a_text_leaves_with_our_own_address_for_receipts(telephone: TwilioProvider, network: Network) -> None:
    sent = message()
    receipt = telephone.send(sent)

    [taken] = network.to(NADIA.phone_number)
    assert receipt.provider_id == taken.sid
    assert taken.form["Body"] == sent.text
    assert taken.form["From"] == "MonSherif"
    assert taken.form["StatusCallback"] == sent.receipts
    assert taken.form["RiskCheck"] == "disable"


def test_a_call_speaks_twice_and_takes_a_key(telephone: TwilioProvider, network: Network) -> None:
    telephone.send(replace(message(Channel.VOICE), text="<Dial>17</Dial> & Marie"))

    script = network.to(NADIA.phone_number)[0].form["Twiml"]
    assert script.count("<Gather") == 2
    assert 'numDigits="1"' in script
    assert "/hooks/twilio/voice/1/keys/" in script
    assert script.count("&lt;Dial&gt;17&lt;/Dial&gt; &amp; Marie") == 2
    assert "<Dial" not in script


@pytest.mark.parametrize("code", PERMANENT)
def test_every_error_code_is_permanent_or_tried_again(code: int, telephone: TwilioProvider, network: Network) -> None:
    network.moods = [(400, code)]
    with pytest.raises(ProviderError) as refused:
        telephone.send(message())
    assert refused.value.code == str(code)
    assert refused.value.permanent is PERMANENT[code]


@pytest.mark.parametrize("status", [429, 500, 503, 400, 401])
def test_an_answer_without_a_code_is_tried_again(status: int, telephone: TwilioProvider, network: Network) -> None:
    network.moods = [status]
    with pytest.raises(ProviderError) as refused:
        telephone.send(message())
    assert not refused.value.permanent
    assert network.taken == []


@pytest.mark.parametrize("mood", ["drop", "hang", 502, 504])
def test_without_a_clear_answer_nobody_knows(mood: Any, telephone: TwilioProvider, network: Network) -> None:
    network.moods = [mood]
    sent = message()
    with pytest.raises(UnknownOutcomeError):
        telephone.send(sent)
    found = telephone.find(sought(sent))
    assert (found is not None) == (mood in {"drop", "hang"})


def test_a_network_that_is_not_there_certainly_took_nothing() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    nowhere = TwilioProvider(
        Credentials(account_sid="AC", auth_token="t", sms_sender="MonSherif", voice_number="+33199001234", url=url)
    )
    with pytest.raises(ProviderError) as refused:
        nowhere.send(message())
    assert not refused.value.permanent


def test_a_text_is_found_by_its_link_and_by_no_other(telephone: TwilioProvider, network: Network) -> None:
    sent = message()
    telephone.send(replace(sent, text=sent.text.replace(TOKEN, "x" * 22)))
    assert telephone.find(sought(sent)) is None

    receipt = telephone.send(sent)
    assert telephone.find(sought(sent)) == receipt
    assert telephone.find(replace(sought(sent), to=THOMAS.phone_number)) is None
    assert telephone.find(sought(sent, since=datetime.now(UTC) + timedelta(minutes=1))) is None


def test_an_ending_is_found_by_its_words(telephone: TwilioProvider) -> None:
    ending = replace(message(), text="FIN Marie 21:40")
    receipt = telephone.send(ending)
    known = replace(sought(ending), token_hashes=frozenset())

    assert telephone.find(replace(known, text="FIN Marie 21:40")) == receipt
    assert telephone.find(replace(known, text="FIN Marie 21:41")) is None


def test_a_call_of_another_delivery_is_not_mistaken_for_ours(telephone: TwilioProvider) -> None:
    earlier = telephone.send(message(Channel.VOICE))
    lost = sought(message(Channel.VOICE))

    assert telephone.find(replace(lost, taken_ids=frozenset({earlier.provider_id}))) is None
    assert telephone.find(lost) == earlier


def test_a_network_that_cannot_be_asked_says_so(telephone: TwilioProvider, network: Network) -> None:
    network.lists = False
    with pytest.raises(ProviderError) as refused:
        telephone.find(sought(message()))
    assert not refused.value.permanent


@pytest.mark.parametrize(("word", "state"), MESSAGE_STATUS.items())
def test_every_word_about_a_text_has_a_state(word: str, state: DeliveryState) -> None:
    assert ours.status_of(Channel.SMS, word) is state


@pytest.mark.parametrize(("word", "state"), CALL_STATUS.items())
def test_every_word_about_a_call_has_a_state(word: str, state: DeliveryState) -> None:
    assert ours.status_of(Channel.VOICE, word) is state


def test_no_word_about_a_call_says_that_a_human_heard() -> None:
    assert not set(CALL_STATUS.values()) & {DeliveryState.ANSWERED, DeliveryState.OPENED}


@pytest.mark.parametrize("word", ["", "SENT", "in-progress", "exploded", "+33639980001"])
def test_an_unknown_word_is_not_taken_for_sent_and_not_repeated(word: str) -> None:
    with pytest.raises(ours.UnknownWordError) as unknown:
        ours.status_of(Channel.SMS, word)
    assert not word or word not in str(unknown.value)
