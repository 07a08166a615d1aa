"""The judge of the campaigns: one that overlooks a lost message or a third copy proves nothing."""

import random
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import uuid4

import pytest

from tests.campaign import hands, verdict
from tests.campaign.cast import ON_CALL, mails_of, numbers_of
from tests.campaign.hands import Click
from tests.campaign.verdict import Arrived
from tests.telephony.ledger import Taken

NOON = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
ONE, TWO = Click(victim=1, gesture="single"), Click(victim=2, gesture="double")


def everything(clicks: list[Click]) -> list[Arrived]:
    """A network that lost nothing and doubled nothing."""
    return [
        Arrived(way=way, delivery=str(uuid4()), at=NOON)
        for way, count in verdict.owed(clicks).items()
        for _ in range(count)
    ]


def judge(clicks: list[Click], came: list[Arrived], *, unanswered: int = 0) -> verdict.Verdict:
    return verdict.judge(clicks, came, unanswered=unanswered, restarted=NOON - timedelta(seconds=10))


def test_a_single_click_owes_texts_and_a_double_one_calls_and_mails_too() -> None:
    assert verdict.owed([ONE]).total() == 5
    assert verdict.owed([TWO]).total() == 15


def test_an_upgrade_owes_everything_again_and_a_weaker_click_nothing() -> None:
    climbing = [Click(victim=1, gesture=gesture) for gesture in ("single", "double", "long")]
    assert verdict.owed(climbing).total() == 5 + 15 + 15
    assert verdict.owed([TWO, Click(victim=2, gesture="single"), TWO]).total() == 15


def test_a_service_that_keeps_its_promise_is_found_to() -> None:
    judged = judge([ONE, TWO], everything([ONE, TWO]))
    assert judged.held
    assert (judged.owed, judged.lost, judged.copies, judged.doubled) == (20, 0, 1, 0)


def test_one_lost_message_is_found() -> None:
    judged = judge([ONE, TWO], everything([ONE, TWO])[1:])
    assert judged.lost == 1
    assert not judged.held


def test_a_lost_message_is_found_though_another_came_twice() -> None:
    came = everything([ONE, TWO])
    assert not judge([ONE, TWO], [*came[1:], came[1]]).held


def test_a_second_copy_is_counted_and_a_third_is_too_many() -> None:
    came = everything([ONE])
    twice = judge([ONE], [*came, came[0]])
    assert twice.held
    assert (twice.copies, twice.doubled) == (2, 1)
    assert not judge([ONE], [*came, came[0], came[0]]).held


def test_a_click_that_was_never_answered_is_found() -> None:
    assert not judge([ONE], everything([ONE]), unanswered=1).held


def test_what_leaves_too_late_is_found() -> None:
    late = Arrived(way=("sms", numbers_of(1)[0]), delivery=str(uuid4()), at=NOON + timedelta(seconds=1))
    first, *others = everything([ONE])
    assert first.way == late.way
    assert judge([ONE], [late, *others]).seconds == pytest.approx(11)
    assert not judge([ONE], [late, *others]).held


def test_a_message_is_known_by_our_own_id_in_it() -> None:
    delivery = str(uuid4())
    form = {"To": "+33639980001", "StatusCallback": f"http://localhost:1/hooks/twilio/{delivery}/status"}
    mail = EmailMessage()
    mail["To"], mail["Message-ID"] = "nadia@example.org", f"<{delivery}@localhost>"
    taken = Taken(sid="SM1", kind="Messages", form=form, at=NOON)
    assert verdict.arrived([taken], [(mail, NOON)]) == [
        Arrived(way=("sms", "+33639980001"), delivery=delivery, at=NOON),
        Arrived(way=("email", "nadia@example.org"), delivery=delivery, at=NOON),
    ]


def test_the_on_call_line_is_many_peoples_and_other_numbers_are_one_persons() -> None:
    own = [number for victim in range(1000) for number in numbers_of(victim) if number != ON_CALL]
    assert len(own) == len(set(own)) == 5000 - 100
    assert len({address for victim in range(1000) for address in mails_of(victim)}) == 5000


@pytest.mark.parametrize("clicks", [1, 40, 1000])
def test_as_many_clicks_are_planned_as_were_asked_for(clicks: int) -> None:
    planned = hands.plans(["token"] * clicks, clicks=clicks, seconds=9, dice=random.Random(clicks))
    assert sum(len(plan.gestures) for plan in planned) == clicks
    assert len({plan.victim for plan in planned}) == len(planned)
    assert all(0 <= plan.begins <= 9 for plan in planned)
