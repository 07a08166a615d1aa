"""The second network for texts: what it takes, what it refuses, and what it says when nobody knows."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest

from alerts.domain.messages import gsm
from alerts.providers import faults
from alerts.providers.base import Message, ProviderError, Sought, UnknownOutcomeError
from alerts.providers.numbers import FORBIDDEN
from alerts.providers.ovh import OURS, RECEIPTS, Credentials, OvhProvider, UnknownWordError, tag_of
from alerts.states import Channel, DeliveryState
from tests import ovh
from tests.ovh import Network
from tests.people import NADIA, THOMAS

TOKEN = "3fK9aZ3fK9aZ3fK9aZ3fK9"
CREDENTIALS = Credentials(
    application_key=ovh.APPLICATION,
    application_secret=ovh.SECRET,
    consumer_key=ovh.CONSUMER,
    service=ovh.SERVICE,
    sender="MonSherif",
)


def text(**changes: Any) -> Message:
    """One text to Nadia."""
    plain = Message(
        id=uuid4(),
        channel=Channel.SMS,
        to=NADIA.phone_number,
        name="Nadia",
        text=f"SECOURS Marie 21:04 Compiègne (60) https://sos.exmpl.fr/r/{TOKEN} Ouvrez.",
        valid_for=100,
    )
    return replace(plain, **changes)


def sought(of: Message, **changes: Any) -> Sought:
    """The same message, its fate unknown."""
    plain = Sought(
        id=of.id,
        channel=of.channel,
        to=of.to,
        since=datetime.now(UTC) - timedelta(seconds=2),
        token_hashes=frozenset({sha256(TOKEN.encode()).hexdigest()}),
    )
    return replace(plain, **changes)


@pytest.fixture
def network() -> Iterator[Network]:
    with ovh.network() as running:
        yield running


@pytest.fixture
def telephone(network: Network) -> OvhProvider:
    return OvhProvider(replace(CREDENTIALS, url=network.url), timeout=(1.0, 0.8))


def test_a_text_is_signed_tagged_and_urgent(telephone: OvhProvider, network: Network) -> None:
    sent = text()
    receipt = telephone.send(sent)

    (taken,) = network.to(NADIA.phone_number)
    assert (receipt.provider, receipt.provider_id) == ("ovh", f"ovh-{taken.number}")
    assert taken.job == {
        "message": sent.text,
        "receivers": [NADIA.phone_number],
        "charset": "UTF-8",
        "coding": "7bit",
        "noStopClause": True,
        "priority": "high",
        "tag": tag_of(sent.id),
        "validityPeriod": 2,
        "sender": "MonSherif",
    }
    assert network.refused == []
    assert gsm.is_gsm(sent.text)


def test_a_tag_fits_and_names_one_delivery_alone() -> None:
    tags = {tag_of(UUID(int=number << 28)) for number in range(4096)}
    assert len(tags) == 4096
    assert all(len(tag) == 20 and tag.isalnum() for tag in tags)


def test_a_sender_of_another_network_is_not_used(network: Network) -> None:
    provider = OvhProvider(replace(CREDENTIALS, url=network.url, sender="+15005550006"))
    provider.send(text())
    assert "sender" not in network.taken[0].job
    assert network.taken[0].job["senderForResponse"] is True


def test_the_hour_of_the_network_counts_not_ours(telephone: OvhProvider, network: Network) -> None:
    network.clock = 7200.0
    telephone.send(text())
    network.clock = -7200.0  # our clock was put right meanwhile
    with pytest.raises(ProviderError) as refused:
        telephone.send(text())
    assert (refused.value.code, refused.value.ours, refused.value.permanent) == ("ovh_QUERY_TIME_OUT", True, False)
    telephone.send(text())
    assert len(network.taken) == 2


@pytest.mark.parametrize("channel", [Channel.VOICE, Channel.EMAIL])
def test_calls_and_mails_are_not_its_own(channel: Channel, telephone: OvhProvider, network: Network) -> None:
    with pytest.raises(ProviderError) as refused:
        telephone.send(text(channel=channel))
    assert refused.value.permanent
    assert network.asked == network.refused == []


@pytest.mark.parametrize("number", ["17", "+3317", "+33112", "3919", "+33899123456", "", "+33639980001;17"])
def test_no_emergency_or_costly_number_is_texted_or_asked_about(
    number: str, telephone: OvhProvider, network: Network
) -> None:
    with pytest.raises(ProviderError) as texted:
        telephone.send(text(to=number))
    with pytest.raises(ProviderError) as asked:
        telephone.find(sought(text(to=number)))
    for refused in (texted, asked):
        assert (refused.value.code, refused.value.permanent) == (FORBIDDEN, True)
    assert network.asked == []


def test_a_receiver_that_the_network_refuses_is_refused_for_good(telephone: OvhProvider, network: Network) -> None:
    network.moods = ["invalid"]
    with pytest.raises(ProviderError) as refused:
        telephone.send(text())
    assert (refused.value.code, refused.value.permanent) == ("ovh_invalid_receiver", True)
    assert NADIA.phone_number not in str(refused.value)


@pytest.mark.parametrize(
    ("mood", "code", "ours"),
    [
        ((403, "INVALID_CREDENTIAL"), "ovh_INVALID_CREDENTIAL", True),
        ((403, "INVALID_KEY"), "ovh_INVALID_KEY", True),
        ((400, "INVALID_SIGNATURE"), "ovh_INVALID_SIGNATURE", True),
        ((403, "NOT_CREDENTIAL"), "ovh_NOT_CREDENTIAL", True),
        ((403, "NOT_GRANTED_CALL"), "ovh_NOT_GRANTED_CALL", True),
        ((400, "QUERY_TIME_OUT"), "ovh_QUERY_TIME_OUT", True),
        (401, "ovh_401", True),
        (402, "ovh_402", True),
        (403, "ovh_403", True),
        (404, "ovh_404", True),
        (460, "ovh_460", True),
        (400, "ovh_400", False),
        ((400, "+33639980001 is on fire"), "ovh_400", False),
        (409, "ovh_409", False),
        (429, "ovh_429", False),
        (500, "ovh_500", False),
        (503, "ovh_503", False),
    ],
)
def test_a_refusal_passes_and_says_whether_it_is_our_own_fault(
    *, mood: Any, code: str, ours: bool, telephone: OvhProvider, network: Network
) -> None:
    network.moods = [mood]
    with pytest.raises(ProviderError) as refused:
        telephone.send(text())
    assert (refused.value.code, refused.value.ours, refused.value.permanent) == (code, ours, False)
    assert (code in faults.OURS) == ours
    assert network.taken == []


def test_every_fault_of_our_own_is_known_to_the_auditor() -> None:
    assert {f"ovh_{word}" for word in OURS} <= set(faults.OURS)


@pytest.mark.parametrize(
    ("mood", "taken"), [("hang", True), ("drop", True), ("lose", False), ("riddle", True), (502, False), (504, False)]
)
@pytest.mark.parametrize("wait", [True, False])
def test_in_doubt_the_network_says_exactly_what_it_took(
    *, mood: Any, taken: bool, wait: bool, telephone: OvhProvider, network: Network
) -> None:
    others = [text(), text(to=THOMAS.phone_number)]
    for other in others:
        telephone.send(other)
    network.moods, network.wait = [mood], wait
    sent = text(text=f"SECOURS Marie 21:04 https://sos.exmpl.fr/r/{'z' * 22} Ouvrez.")
    with pytest.raises(UnknownOutcomeError) as unknown:
        telephone.send(sent)
    assert unknown.value.provider == "ovh"

    found = telephone.find(sought(sent, token_hashes=frozenset({sha256(b"z" * 22).hexdigest()})))
    assert (found is not None) == taken
    if found:
        assert found.provider_id == f"ovh-{network.taken[-1].number}"
    assert telephone.find(sought(text(), token_hashes=frozenset())) is None


def test_an_ending_still_waiting_is_known_by_its_very_words(telephone: OvhProvider, network: Network) -> None:
    network.wait = True
    ending = text(text="FIN Marie 21:30")
    telephone.send(ending)
    assert telephone.find(sought(ending, token_hashes=frozenset(), text="FIN Marie 21:30"))
    assert telephone.find(sought(ending, token_hashes=frozenset(), text="FIN Marie 21:31")) is None
    assert telephone.find(sought(ending, token_hashes=frozenset(), text=ending.text, to=THOMAS.phone_number)) is None


def test_a_network_that_does_not_answer_questions_is_asked_later(telephone: OvhProvider, network: Network) -> None:
    network.answers = False
    with pytest.raises(ProviderError) as sought_for:
        telephone.find(sought(text()))
    with pytest.raises(ProviderError) as asked:
        telephone.ask(Channel.SMS, "ovh-4000")
    assert not sought_for.value.permanent
    assert not asked.value.permanent


def test_a_network_that_is_not_there_took_nothing() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        absent = OvhProvider(replace(CREDENTIALS, url=f"http://127.0.0.1:{probe.getsockname()[1]}"))
    for _ in range(2):
        with pytest.raises(ProviderError) as refused:
            absent.send(text())
        assert (refused.value.code, refused.value.permanent) == ("ovh_unreachable", False)


def test_a_network_that_disappears_between_two_texts_took_the_first_alone() -> None:
    with ovh.network() as network:
        provider = OvhProvider(replace(CREDENTIALS, url=network.url))
        provider.send(text())
        provider._client._session.close()
    with pytest.raises(ProviderError) as refused:
        provider.send(text())
    assert refused.value.code == "ovh_unreachable"


@pytest.mark.parametrize(
    ("word", "becomes"),
    [
        (0, DeliveryState.ACCEPTED),
        (1, DeliveryState.DELIVERED),
        (2, DeliveryState.FAILED),
        (4, DeliveryState.ACCEPTED),
        (8, DeliveryState.ACCEPTED),
        (16, DeliveryState.FAILED),
    ],
)
def test_every_receipt_has_its_meaning(
    word: int, becomes: DeliveryState, telephone: OvhProvider, network: Network
) -> None:
    receipt = telephone.send(text())
    network.taken[0].receipt, network.taken[0].ptt = word, 23
    standing = telephone.ask(Channel.SMS, receipt.provider_id)
    assert standing is not None
    assert (standing.state, standing.provider_id, standing.parts) == (becomes, receipt.provider_id, 1)
    assert standing.code == ("ovh_23" if becomes is DeliveryState.FAILED else "")
    assert set(RECEIPTS) == {0, 1, 2, 4, 8, 16}


@pytest.mark.parametrize("word", [3, None, "1", [1]])
def test_a_receipt_that_nobody_knows_is_said_and_guesses_nothing(
    word: Any, telephone: OvhProvider, network: Network
) -> None:
    receipt = telephone.send(text())
    network.taken[0].receipt = word
    with pytest.raises(UnknownWordError):
        telephone.ask(Channel.SMS, receipt.provider_id)


def test_a_text_that_still_waits_is_on_its_way_and_one_that_was_erased_is_silent(
    telephone: OvhProvider, network: Network
) -> None:
    network.wait = True
    receipt = telephone.send(text())
    standing = telephone.ask(Channel.SMS, receipt.provider_id)
    assert standing is not None
    assert standing.state == DeliveryState.ACCEPTED
    network.taken.clear()
    assert telephone.ask(Channel.SMS, receipt.provider_id) is None
    assert telephone.ask(Channel.SMS, "SM" + "0" * 32) is None


def test_the_signature_is_the_one_that_the_network_defines(network: Network) -> None:
    stranger = OvhProvider(replace(CREDENTIALS, url=network.url, application_secret="another"))
    with pytest.raises(ProviderError) as refused:
        stranger.send(text())
    assert (refused.value.code, refused.value.ours) == ("ovh_INVALID_SIGNATURE", True)
    assert json.dumps(network.taken, default=str) == "[]"
