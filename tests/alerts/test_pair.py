"""Two networks as one way out: nothing is lost, nothing is doubled, nothing waits for health."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain import takeover
from alerts.providers.base import CannotTellError, Message, ProviderError, Receipt, Sought, UnknownOutcomeError
from alerts.providers.health import FIRST_REST, LONGEST_REST, REFUSES_US, SLOW_FAILURE
from alerts.providers.pair import Pair
from alerts.states import Channel
from tests.lines import LOST, NO, OK, OURS, REFUSES, TAKEN, Line, Lines, sought, text
from tests.people import NOON


@pytest.fixture
def lines() -> Lines:
    return Lines()


# ---- One message ----


def test_a_network_that_is_well_carries_alone(lines: Lines) -> None:
    assert [lines.text() for _ in range(9)] == ["first"] * 9
    assert lines.second.tried == 0


@pytest.mark.parametrize("mood", [REFUSES, OURS])
def test_what_one_network_certainly_refused_leaves_through_the_other_at_once(mood: str, lines: Lines) -> None:
    lines.first.moods = [mood]
    assert lines.text() == "second"
    assert (len(lines.first.taken), len(lines.second.taken)) == (0, 1)


def test_what_is_refused_to_this_person_is_not_tried_elsewhere(lines: Lines) -> None:
    lines.first.moods = [NO] * 9
    for _ in range(9):
        with pytest.raises(ProviderError) as refused:
            lines.pair.send(text())
        assert refused.value.permanent
    assert lines.second.tried == 0
    assert lines.text() == "first", "a clear no is the answer of a network that is well"


@pytest.mark.parametrize("mood", [LOST, TAKEN])
def test_after_an_unknown_outcome_nothing_is_sent_and_only_that_network_is_asked(mood: str, lines: Lines) -> None:
    lines.first.moods = [mood]
    message = text()
    with pytest.raises(UnknownOutcomeError) as unknown:
        lines.pair.send(message)
    assert unknown.value.provider == "first"
    assert lines.second.tried == 0

    found = lines.pair.find(sought(message, "first"))
    assert (found is not None) == (mood == TAKEN)
    assert (lines.first.asked, lines.second.asked) == (1, 0)


def test_where_nobody_knows_who_was_handed_it_both_are_asked(lines: Lines) -> None:
    message = text()
    lines.second.taken.append(message)
    found = lines.pair.find(sought(message))
    assert found is not None
    assert found.provider == "second"
    assert lines.pair.find(sought(text(), "a network that was dismissed")) is None
    assert (lines.first.asked, lines.second.asked) == (2, 2)


def test_one_silent_network_leaves_the_doubt_unless_the_other_has_it(lines: Lines) -> None:
    message = text()
    lines.first.answers = False
    with pytest.raises(ProviderError) as silent:
        lines.pair.find(sought(message))
    assert not silent.value.permanent
    lines.second.taken.append(message)
    assert lines.pair.find(sought(message))


def test_a_message_is_asked_about_where_it_is(lines: Lines) -> None:
    standing = lines.pair.ask(Channel.SMS, "second:1")
    assert standing is not None
    assert standing.provider == "second"
    assert lines.pair.ask(Channel.SMS, "elsewhere:1") is None


@pytest.mark.parametrize(
    ("moods", "code", "permanent"),
    [
        ((REFUSES, REFUSES), "first_refuses", False),
        ((REFUSES, OURS), "second_ours", False),
        ((OURS, REFUSES), "first_ours", False),
        ((REFUSES, NO), "first_refuses", False),
        ((OURS, NO), "first_ours", False),
        ((NO, OK), "first_no", True),
    ],
)
def test_of_two_refusals_the_hopeful_one_counts(
    *, moods: tuple[str, str], code: str, permanent: bool, lines: Lines
) -> None:
    lines.first.moods, lines.second.moods = [moods[0]], [moods[1]]
    with pytest.raises(ProviderError) as refused:
        lines.pair.send(text())
    assert (refused.value.code, refused.value.permanent) == (code, permanent)


# ---- Rest and return ----


def test_one_error_is_no_reason_to_leave_a_network(lines: Lines) -> None:
    lines.first.moods = [REFUSES, OK, REFUSES, OK, OK, OK, REFUSES]
    for _ in range(7):
        lines.text()
    assert lines.text() == "first"


def test_several_errors_give_a_network_rest(lines: Lines) -> None:
    lines.rest()
    assert lines.text() == "second"
    assert lines.first.tried == 3


def test_old_errors_are_forgotten(lines: Lines) -> None:
    for _ in range(4):
        lines.first.moods = [REFUSES]
        lines.text()
        lines.clock.tick(301)
    assert lines.text() == "first"


def test_our_own_fault_is_reason_enough(lines: Lines) -> None:
    lines.first.moods = [OURS]
    lines.text()
    assert lines.text() == "second"
    assert lines.first.tried == 1
    (change,) = lines.pair.health.changes()
    assert change.spell is not None
    assert change.spell.reason == REFUSES_US


def test_a_failure_that_took_long_is_reason_enough(lines: Lines) -> None:
    health = lines.pair.health
    health.bad("first", seconds=SLOW_FAILURE, reason="silence", now=NOON)
    assert health.order(NOON) == ("second", "first")


def test_slow_answers_give_a_network_rest(lines: Lines) -> None:
    health = lines.pair.health
    for _ in range(3):
        assert health.order(NOON) == ("first", "second")
        health.well("first", seconds=5.0, now=NOON)
    assert health.order(NOON) == ("second", "first")


def test_after_its_rest_one_greeting_and_one_message_bring_a_network_back(lines: Lines) -> None:
    lines.rest()
    health = lines.pair.health
    assert health.to_greet(lines.clock.tick(59)) == []
    assert health.to_greet(lines.clock.tick(1)) == ["first"]
    assert health.to_greet(lines.clock()) == [], "once is enough"
    takeover.greet(lines.pair, "first")

    orders = [health.order(lines.clock()) for _ in range(3)]
    assert orders == [("first", "second"), ("second", "first"), ("second", "first")], "one message tries it"
    health.well("first", seconds=0.1, now=lines.clock())
    assert health.order(lines.clock()) == ("first", "second")


def test_a_network_that_still_does_not_answer_costs_no_message(lines: Lines) -> None:
    lines.rest()
    lines.first.answers = False
    lengths = []
    for _ in range(6):
        (change,) = lines.pair.health.changes()
        assert change.spell is not None
        lengths.append(change.spell.length)
        lines.clock.hour = change.spell.until
        assert lines.pair.health.to_greet(lines.clock()) == ["first"]
        takeover.greet(lines.pair, "first")
        assert lines.text() == "second"
    assert lengths == [min(FIRST_REST * 2**n, LONGEST_REST) for n in range(6)]
    assert lines.first.tried == 3


def test_a_trial_that_fails_is_carried_by_the_other_and_lengthens_the_rest(lines: Lines) -> None:
    lines.rest()
    lines.clock.tick(60)
    lines.pair.health.to_greet(lines.clock())
    takeover.greet(lines.pair, "first")
    lines.first.moods = [REFUSES]
    assert lines.text() == "second"
    assert lines.text() == "second"
    (change,) = lines.pair.health.changes()
    assert change.spell is not None
    assert change.spell.length == 2 * FIRST_REST


def test_a_trial_of_which_nothing_is_heard_does_not_last_for_ever(lines: Lines) -> None:
    lines.rest()
    lines.clock.tick(60)
    lines.pair.health.to_greet(lines.clock())
    takeover.greet(lines.pair, "first")
    assert lines.pair.health.order(lines.clock())[0] == "first"
    assert lines.pair.health.order(lines.clock.tick(10))[0] == "second"
    assert lines.pair.health.order(lines.clock.tick(21))[0] == "first"


def test_the_second_network_is_back_without_a_trial(lines: Lines) -> None:
    for _ in range(3):
        lines.pair.health.bad("second", seconds=0.1, reason="errors", now=NOON)
    lines.clock.tick(60)
    assert lines.pair.health.to_greet(lines.clock()) == ["second"]
    takeover.greet(lines.pair, "second")
    (change,) = lines.pair.health.changes()
    assert change.spell is None
    lines.first.moods = [REFUSES]
    assert lines.text() == "second"


def test_a_rest_that_is_not_written_yet_is_not_ended_by_rows_that_do_not_know_it(lines: Lines) -> None:
    lines.rest()
    lines.pair.health.learn({}, now=lines.clock())
    assert lines.text() == "second"
    (change,) = lines.pair.health.changes()
    lines.pair.health.written(change)
    lines.pair.health.learn({}, now=lines.clock())
    assert lines.text() == "first", "now the rows know, and say that somebody ended it"


def test_who_fails_again_soon_rests_longer(lines: Lines) -> None:
    lines.rest()
    lines.clock.tick(60)
    lines.pair.health.to_greet(lines.clock())
    takeover.greet(lines.pair, "first")
    assert lines.text() == "first"
    lines.clock.tick(60)
    lines.rest()
    (change,) = lines.pair.health.changes()
    assert change.spell is not None
    assert change.spell.length == 2 * FIRST_REST


def test_where_all_networks_rest_the_least_bad_is_used_all_the_same(lines: Lines) -> None:
    lines.rest()
    lines.clock.tick(10)
    lines.second.moods = [OURS]
    assert lines.text() == "first", "the second fails, the first rests, and the message leaves all the same"
    assert lines.text() == "first", "it took one: it is well again"


@given(
    first=st.lists(st.sampled_from([OK, REFUSES, OURS, NO, LOST, TAKEN]), max_size=25),
    second=st.lists(st.sampled_from([OK, REFUSES, OURS, NO, LOST, TAKEN]), max_size=25),
    hours=st.lists(st.sampled_from([0.0, 0.5, 30.0, 61.0, 700.0]), min_size=1, max_size=25),
)
def test_whatever_two_networks_do_no_message_is_lost_and_none_is_doubled(
    first: list[str], second: list[str], hours: list[float]
) -> None:
    lines = Lines(first=Line("first", moods=first), second=Line("second", moods=second))
    for seconds in [*hours, *hours]:
        now = lines.clock.tick(seconds)
        for name in lines.pair.health.to_greet(now):
            takeover.greet(lines.pair, name)
        message = text()
        copies = {True: 1, False: 0}[_lives(message, lines)]
        assert sum(one.id == message.id for one in (*lines.first.taken, *lines.second.taken)) == copies


def _lives(message: Message, lines: Lines) -> bool:
    """Send it until it is taken or refused for good, as the worker does, asking in doubt. Whether it was taken."""
    for _ in range(len(lines.first.moods) + len(lines.second.moods) + 1):
        moods = [list(lines.first.moods), list(lines.second.moods)]
        try:
            lines.pair.send(message)
        except UnknownOutcomeError as unknown:
            other = lines.second if unknown.provider == "first" else lines.first
            tried = other.tried
            if lines.pair.find(sought(message, unknown.provider)):
                return True
            assert other.tried == tried
        except ProviderError as error:
            if error.permanent:
                assert NO in {mood[0] for mood in moods if mood}
                return False
        else:
            return True
    raise AssertionError("it never left")


def test_a_way_that_cannot_tell_whether_it_lives_is_taken_for_alive(lines: Lines) -> None:
    class Mute(Line):
        def find(self, sought: Sought) -> Receipt | None:
            del sought
            raise CannotTellError

    assert Pair([Mute("mute"), lines.second]).greet("mute")
