"""Whom a refusal concerns: one number, or all of us. A network that may not write to one country is well for others."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest

from alerts.domain import alerting, auditing, beats
from alerts.models import Delivery
from alerts.providers import faults
from alerts.providers.base import Message, ProviderError, Receipt
from alerts.providers.health import REFUSES_US
from alerts.providers.pair import SWITCH_WITHIN, Pair
from alerts.states import Channel, DeliveryState, FindingKind, Gesture
from tests.lines import NO, OK, OURS, REFUSES, Line, Lines, text
from tests.people import NOON, make_marie, make_phone

# The table once more, as an operator would say it.
ONE_NUMBER = {
    "21215": "no calls to this country",
    "21219": "a trial account may not call it",
    "21408": "no texts to this country",
    "21608": "a trial account may not write to it",
    "21612": "our sender does not reach it",
}
ALL_OF_US = sorted(code for code in faults.OURS if code.isdigit())


@pytest.fixture
def lines() -> Lines:
    return Lines()


def test_no_refusal_concerns_one_number_and_all_of_us() -> None:
    assert set(ONE_NUMBER) == faults.ONE_NUMBER
    assert not faults.ONE_NUMBER & faults.OURS
    assert not [code for code in ONE_NUMBER if code.startswith(faults.OURS_BY_PREFIX)]


@pytest.mark.parametrize("code", ONE_NUMBER)
def test_a_number_that_one_network_may_not_reach_is_reached_by_the_other_and_nobody_else_changes(
    code: str, lines: Lines
) -> None:
    lines.first.moods = [code, OK] * 6

    assert [lines.text() for _ in range(12)] == ["second", "first"] * 6
    assert lines.pair.health.changes() == []


@pytest.mark.parametrize("code", ONE_NUMBER)
def test_a_country_that_is_refused_again_and_again_rests_no_network(code: str, lines: Lines) -> None:
    lines.first.moods = [code] * 20

    assert {lines.text() for _ in range(20)} == {"second"}
    assert lines.pair.health.order(lines.clock()) == ("first", "second")
    assert lines.text() == "first"


@pytest.mark.parametrize("code", ALL_OF_US)
def test_a_key_an_account_or_a_sender_that_is_wrong_rests_the_network_at_once(code: str, lines: Lines) -> None:
    lines.first.moods = [code]

    assert [lines.text() for _ in range(3)] == ["second"] * 3
    (change,) = lines.pair.health.changes()
    assert change.spell is not None
    assert change.spell.reason == REFUSES_US
    assert lines.first.tried == 1


@pytest.mark.parametrize("code", ONE_NUMBER)
@pytest.mark.parametrize(
    ("other", "by", "permanent"),
    [(NO, "", True), (REFUSES, "second_refuses", False), (OURS, "second_ours", False), ("21408", "", True)],
)
def test_where_no_network_reaches_a_number_it_fails_for_good_unless_one_may_pass(
    code: str, other: str, by: str, *, permanent: bool, lines: Lines
) -> None:
    lines.first.moods, lines.second.moods = [code], [other]
    with pytest.raises(ProviderError) as refused:
        lines.pair.send(text())
    assert (refused.value.code, refused.value.permanent) == (by or code, permanent)


def test_a_refusal_that_leaves_no_time_for_the_other_network_is_not_for_good() -> None:
    class Slow(Line):
        def send(self, message: Message) -> Receipt:
            time.sleep(SWITCH_WITHIN + 0.05)
            return super().send(message)

    slow, other = Slow("slow", moods=["21408"]), Line("other")
    with pytest.raises(ProviderError) as refused:
        Pair([slow, other]).send(text())
    assert (refused.value.code, refused.value.permanent, refused.value.elsewhere) == ("21408", False, True)
    assert other.tried == 0
    with pytest.raises(ProviderError) as alone:
        Pair([Slow("slow", moods=["21408"])]).send(text())
    assert alone.value.permanent


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("code", "found"), [*((code, False) for code in ONE_NUMBER), ("20003", True)])
def test_the_auditor_shouts_for_all_of_us_and_not_for_one_number(code: str, *, found: bool) -> None:
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=NOON, sent_at=NOON)
    alerting.receive_click(make_phone(make_marie()), report, now=NOON)
    Delivery.objects.update(state=DeliveryState.DELIVERED, moved_at=NOON, provider="twilio")
    Delivery.objects.filter(contact__rank=1, channel=Channel.SMS).update(state=DeliveryState.FAILED, error_code=code)

    beats.beat(beats.SWEEP, now=NOON)
    auditing.audit(now=NOON + timedelta(seconds=1), since=NOON)
    kinds = set(auditing.open_findings().values_list("kind", flat=True))
    assert kinds == ({FindingKind.PROVIDER_REFUSES_US} if found else set())
