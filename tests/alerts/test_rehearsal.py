"""The chain from her hand to the voice on the telephone, in one process: only the operator's wires are stand-ins."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from alerts.states import Channel
from tests.mailserver import text_of
from tests.people import AWA, LUCIE, NADIA, RELATIVES, THOMAS, YANN
from tests.rehearsal import PUBLIC_URL, Rehearsal, rehearsal
from tests.twilio import Plan

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def evening(settings: Settings, tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(settings, tmp_path) as running:
        yield running


def test_a_contact_takes_charge_by_pressing_one(evening: Rehearsal) -> None:
    evening.click()
    for person in RELATIVES:
        assert evening.network.device(person).expect_text(saying="Marie").link.startswith(f"{PUBLIC_URL}/r/")
        assert "Marie" in text_of(evening.mails.expect_mail(person))

    evening.network.device(NADIA).expect_call(saying="Marie").press("1").expect("vous prenez en charge")

    assert evening.timeline()[-1] == ("Nadia", "take_charge", "voice")
    assert evening.network.device(THOMAS).calls_after(NADIA) == []
    second = evening.network.device(YANN).expect_call(saying="Marie").press("1")
    assert "Nadia" in second.said
    assert second.languages == {"en-GB"}


def test_a_key_pressed_by_mistake_says_it_again_and_a_machine_takes_nothing(evening: Rehearsal) -> None:
    evening.network.device(THOMAS).voicemail()
    evening.click()

    again = evening.network.device(NADIA).expect_call(saying="Marie")
    assert not again.press("5").over
    assert again.press("2").said.count("Marie") > 2
    again.press("9")

    assert again.over
    assert evening.state("Nadia", Channel.VOICE) == "answered"
    assert evening.state("Thomas", Channel.VOICE) == "delivered"
    assert evening.alert.in_charge is None


def test_receipts_in_any_order_end_where_they_should(evening: Rehearsal) -> None:
    evening.network.late_seconds = 86_400
    for person, plan in ((NADIA, Plan.REVERSED), (THOMAS, Plan.TWICE), (AWA, Plan.LATE), (LUCIE, Plan.FORGED)):
        evening.network.device(person).receipts(plan)
    evening.network.device(YANN).fails(30005)
    evening.click()
    states = {person.name: evening.state(person.name, Channel.SMS) for person in RELATIVES}
    assert states == {
        "Nadia": "delivered",
        "Thomas": "delivered",
        "Awa": "accepted",
        "Lucie": "accepted",
        "Yann": "failed",
    }

    evening.network.deliver_receipts(within=90_000)
    assert evening.state("Awa", Channel.SMS) == "delivered"
    assert {one.status for one in evening.network.posted if one.status >= 300} == {403}
