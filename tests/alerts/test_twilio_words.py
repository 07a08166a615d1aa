"""Twilio's words and codes: every row of the tables, and what our code does with it."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.providers import twilio_words
from alerts.providers.base import ProviderError
from alerts.providers.twilio_words import CALL_STATUS, MESSAGE_STATUS, VERDICTS
from alerts.states import Channel, DeliveryState
from tests import twilio
from tests.outgoing import message, telephone_of
from tests.twilio import Network

# The tables once more, as an operator would say them.
NOBODY_IS_TOLD_UNTIL_WE_REPAIR_IT = {
    *(401, 403, 10001, 10005, 20003, 20005, 20404, 30002, 63038),
    *(21210, 21212, 21213, 21267, 21603, 21606, 21659, 21660, 21661),
}
THIS_WAY_NEVER_REACHES_THIS_PERSON = {
    *(21211, 21214, 21215, 21216, 21217, 21219, 21265, 21266, 21268, 21401, 21408, 21421, 21602, 21604, 21605, 21608),
    *(21610, 21612, 21614, 21617, 21635, 30004, 30005, 30006, 30007, 30010, 30018, 30024, 30450),
}
THIS_WAY_LATER_AND_ANOTHER_NOW = {21611, 30001, 30003, 30008, 30017, 30022, 30036, 30410, 30453}
THIS_WAY_LATER = {10004, 20429, 20500, 20503, 30500}
TEXTS = {
    DeliveryState.ACCEPTED: {"accepted", "scheduled", "queued", "sending", "sent"},
    DeliveryState.DELIVERED: {"delivered", "read"},
    DeliveryState.FAILED: {"undelivered", "failed", "canceled"},
}
CALLS = {
    DeliveryState.ACCEPTED: {"queued", "initiated", "ringing"},
    DeliveryState.DELIVERED: {"in-progress", "completed"},
    DeliveryState.FAILED: {"busy", "no-answer", "failed", "canceled"},
}


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with twilio.network() as running:
        yield running


def test_every_code_is_in_one_group_and_every_group_is_whole() -> None:
    groups = (
        NOBODY_IS_TOLD_UNTIL_WE_REPAIR_IT,
        THIS_WAY_NEVER_REACHES_THIS_PERSON,
        THIS_WAY_LATER_AND_ANOTHER_NOW,
        THIS_WAY_LATER,
    )
    assert sum(len(group) for group in groups) == len(set().union(*groups)) == len(VERDICTS)
    assert set(VERDICTS) == set().union(*groups)


@pytest.mark.parametrize("code", VERDICTS)
def test_every_code_leads_to_its_next_step(code: int, network: Network) -> None:
    network.moods = [code if code < 1000 else (400, code)]
    with pytest.raises(ProviderError) as refused:
        telephone_of(network).send(message())

    error = refused.value
    assert error.code == str(code)
    assert error.ours is (code in NOBODY_IS_TOLD_UNTIL_WE_REPAIR_IT)
    assert error.permanent is (code in THIS_WAY_NEVER_REACHES_THIS_PERSON)
    assert error.elsewhere is (code not in THIS_WAY_LATER)
    assert twilio_words.is_our_fault(str(code)) is error.ours
    assert network.taken == []


@pytest.mark.parametrize("code", ["", "0", "99999", "busy", "no-answer", "forbidden_number", "-1", "2000\u0663"])
def test_a_code_that_is_not_in_the_table_is_tried_again(code: str) -> None:
    assert not twilio_words.is_permanent(code)
    assert not twilio_words.wants_another_way(code)
    assert not twilio_words.is_our_fault(code)


def test_stop_is_one_code_alone() -> None:
    assert [code for code in VERDICTS if twilio_words.says_stop(str(code))] == [21610]


@pytest.mark.parametrize(("state", "word"), [(state, word) for state, some in TEXTS.items() for word in sorted(some)])
def test_every_word_about_a_text_has_a_state(state: DeliveryState, word: str) -> None:
    assert twilio_words.status_of(Channel.SMS, word) is state


@pytest.mark.parametrize(("state", "word"), [(state, word) for state, some in CALLS.items() for word in sorted(some)])
def test_every_word_about_a_call_has_a_state(state: DeliveryState, word: str) -> None:
    assert twilio_words.status_of(Channel.VOICE, word) is state


def test_no_word_is_missing_here() -> None:
    assert set(MESSAGE_STATUS) == set().union(*TEXTS.values())
    assert set(CALL_STATUS) == set().union(*CALLS.values())


def test_no_word_about_a_call_says_that_a_human_heard() -> None:
    assert not set(CALL_STATUS.values()) & {DeliveryState.ANSWERED, DeliveryState.OPENED}


@pytest.mark.parametrize("word", ["", "SENT", "in-progress", "exploded", "+33639980001"])
def test_an_unknown_word_is_not_taken_for_sent_and_not_repeated(word: str) -> None:
    with pytest.raises(twilio_words.UnknownWordError) as unknown:
        twilio_words.status_of(Channel.SMS, word)
    assert not word or word not in str(unknown.value)


@given(st.text(max_size=30))
def test_no_word_from_outside_breaks_anything_but_its_receipt(word: str) -> None:
    for channel, words in ((Channel.SMS, MESSAGE_STATUS), (Channel.VOICE, CALL_STATUS)):
        if word not in words:
            with pytest.raises(twilio_words.UnknownWordError):
                twilio_words.status_of(channel, word)
