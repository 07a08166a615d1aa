"""Texts and calls through Twilio, in front of a stand-in: what is sent, what is refused, what nobody knows."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from alerts.providers.base import ProviderError, UnknownOutcomeError
from alerts.providers.twilio import Credentials, TwilioProvider
from alerts.states import Channel, DeliveryState
from tests import twilio
from tests.outgoing import TOKEN, message, sought, telephone_of
from tests.people import NADIA, THOMAS
from tests.twilio import Network

CREDENTIALS = Credentials(
    account_sid=twilio.ACCOUNT, auth_token=twilio.TOKEN, sms_sender="MonSherif", voice_number="+33199001234"
)


@pytest.fixture
def network() -> Iterator[Network]:
    with twilio.network() as running:
        yield running


@pytest.fixture
def telephone(network: Network) -> TwilioProvider:
    return telephone_of(network)


def test_a_text_leaves_with_our_own_address_for_receipts(telephone: TwilioProvider, network: Network) -> None:
    sent = message()
    receipt = telephone.send(sent)

    [taken] = network.to(NADIA.phone_number)
    assert receipt.provider_id == taken.sid
    assert taken.form["Body"] == sent.text
    assert taken.form["From"] == "MonSherif"
    assert taken.form["StatusCallback"] == sent.receipts
    assert taken.form["RiskCheck"] == "disable"


@pytest.mark.parametrize(
    ("number", "sender"),
    [
        (NADIA.phone_number, "MonSherif"),
        ("+14155552671", "+15005550006"),
        ("+17875552671", "+17875550006"),  # the longest beginning that fits
        ("+41791234567", "MonSherifCH"),
        ("+447911123456", "MonSherif"),
    ],
)
def test_each_country_sees_a_sender_that_it_lets_through(
    *, number: str, sender: str, telephone: TwilioProvider, network: Network
) -> None:
    telephone.send(message(to=number))
    assert network.to(number)[0].form["From"] == sender


@pytest.mark.parametrize(("wanted", "sent"), [(-5, 1), (0, 1), (60, 60), (36_000, 36_000), (10**6, 36_000)])
def test_a_text_is_given_up_by_the_network_when_the_ladder_says_so(
    *, wanted: int, sent: int, telephone: TwilioProvider, network: Network
) -> None:
    telephone.send(replace(message(), valid_for=wanted))
    assert network.to(NADIA.phone_number)[0].form["ValidityPeriod"] == str(sent)


def test_a_call_brings_its_script_and_ends_within_five_minutes(telephone: TwilioProvider, network: Network) -> None:
    telephone.send(message(Channel.VOICE))

    form = network.to(NADIA.phone_number)[0].form
    assert "<Gather" in form["Twiml"]
    assert "Url" not in form
    assert form["TimeLimit"] == "300"
    assert form["Timeout"] == "30"
    assert form["From"] == "+33199001234"
    assert "MachineDetection" not in form


@pytest.mark.parametrize(("retry_after", "seconds"), [("7", 7.0), ("0", 0.0), ("", None), ("soon", None)])
def test_too_many_requests_says_how_long_to_wait(
    *, retry_after: str, seconds: float | None, telephone: TwilioProvider, network: Network
) -> None:
    network.retry_after = retry_after  # type: ignore[assignment]  # whatever the header says
    network.moods = [429]
    with pytest.raises(ProviderError) as refused:
        telephone.send(message())
    assert (refused.value.code, refused.value.permanent) == ("20429", False)
    assert refused.value.retry_after == seconds
    assert network.taken == []


def test_a_date_to_come_back_at_is_seconds_too(telephone: TwilioProvider, network: Network) -> None:
    network.retry_after = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)  # type: ignore[assignment]
    network.moods = [429]
    with pytest.raises(ProviderError) as refused:
        telephone.send(message())
    assert refused.value.retry_after == pytest.approx(90, abs=5)


@pytest.mark.parametrize("status", [500, 503, 400])
def test_an_answer_without_a_code_is_tried_again(status: int, telephone: TwilioProvider, network: Network) -> None:
    network.moods = [status]
    with pytest.raises(ProviderError) as refused:
        telephone.send(message())
    assert (refused.value.permanent, refused.value.ours, refused.value.elsewhere) == (False, False, False)
    assert network.taken == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_without_a_code_is_our_own_fault(
    status: int, telephone: TwilioProvider, network: Network
) -> None:
    network.moods = [status]
    with pytest.raises(ProviderError) as refused:
        telephone.send(message())
    assert (refused.value.permanent, refused.value.ours) == (False, True)


def test_a_wrong_key_is_our_own_fault(network: Network) -> None:
    wrong = replace(CREDENTIALS, auth_token="wrong", url=network.url)
    with pytest.raises(ProviderError) as refused:
        TwilioProvider(wrong).send(message())
    assert (refused.value.code, refused.value.ours, refused.value.permanent) == ("20003", True, False)


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
    with pytest.raises(ProviderError) as refused:
        TwilioProvider(replace(CREDENTIALS, url=url)).send(message())
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
    assert telephone.find(replace(lost, since=datetime.now(UTC) + timedelta(minutes=1))) is None
    assert telephone.find(replace(lost, to=THOMAS.phone_number)) is None


def test_a_network_that_cannot_be_asked_says_so(telephone: TwilioProvider, network: Network) -> None:
    network.lists = False
    with pytest.raises(ProviderError) as refused:
        telephone.find(sought(message()))
    assert not refused.value.permanent


@pytest.mark.parametrize(
    ("status", "state"),
    [("queued", DeliveryState.ACCEPTED), ("delivered", DeliveryState.DELIVERED), ("undelivered", DeliveryState.FAILED)],
)
def test_the_network_says_where_a_text_stands(
    *, status: str, state: DeliveryState, telephone: TwilioProvider, network: Network
) -> None:
    taken = telephone.send(replace(message(), text="x" * 200))
    network.progress(taken.provider_id).status = status
    network.progress(taken.provider_id).error_code = 30003 if status == "undelivered" else None

    stands = telephone.ask(Channel.SMS, taken.provider_id)
    assert stands is not None
    assert (stands.state, stands.parts, stands.provider_id) == (state, 2, taken.provider_id)
    assert stands.code == ("30003" if status == "undelivered" else "")


def test_the_network_says_how_long_a_call_was(telephone: TwilioProvider, network: Network) -> None:
    taken = telephone.send(message(Channel.VOICE))
    network.progress(taken.provider_id).status = "completed"
    network.progress(taken.provider_id).seconds = 42

    stands = telephone.ask(Channel.VOICE, taken.provider_id)
    assert stands is not None
    assert (stands.state, stands.seconds, stands.parts) == (DeliveryState.DELIVERED, 42, None)


@pytest.mark.parametrize("name", ["", "17", "../Calls", "SM1/../../Accounts", "SM1?x=1", "T1", "SM\u0661"])
def test_a_name_that_is_none_of_twilios_is_not_asked_about(
    name: str, telephone: TwilioProvider, network: Network
) -> None:
    network.die("refuses")
    assert telephone.ask(Channel.SMS, name) is None


def test_where_nobody_answers_the_question_is_put_again_later(telephone: TwilioProvider, network: Network) -> None:
    taken = telephone.send(message())
    network.lists = False
    with pytest.raises(ProviderError) as refused:
        telephone.ask(Channel.SMS, taken.provider_id)
    assert not refused.value.permanent
