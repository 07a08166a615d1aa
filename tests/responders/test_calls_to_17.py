"""Calls to 17 and news that was held up: who called since when, how it ended, what was said, whatever came first."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, Event
from alerts.states import Action
from responders.domain import coordinating, snapshot
from responders.domain.deeds import Deed
from responders.models import Escalation, Role
from tests.people import NADIA, THOMAS, Person
from tests.responders.scenes import cut_off, link_of, open_place, rescue

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HOSTILE = "<img src=x onerror=alert(1)> {name} %(name)s \u202e${alert(1)}"


class Room:
    """An alert that has gone on for a quarter of an hour, and what its people do in it."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.alert = rescue()
        Alert.objects.filter(pk=self.alert.pk).update(opened_at=self.now - 15 * MINUTE)

    def does(self, person: Person, action: Action, *, at: datetime | None = None, note: str = "") -> None:
        """Now, or the news of it comes now."""
        deed = Deed(action=action, uid=uuid4(), at=at, note=note)
        coordinating.act(link_of(self.alert, person), deed, now=self.now)

    def sees(self, person: Person = THOMAS) -> dict[str, Any]:
        """The snapshot."""
        return snapshot.read(link_of(self.alert, person), now=self.now)

    def calls(self) -> list[tuple[str, str | None, str]]:
        """Who called, how it ended, what was said; the most telling first."""
        return [(call["by"], call["outcome"], call["note"]) for call in self.sees()["calls"]]


@pytest.fixture
def room(db: None) -> Room:
    return Room()


def test_what_the_17_said_is_seen_by_everybody(room: Room) -> None:
    room.does(NADIA, Action.CALL_17)
    room.does(NADIA, Action.REACHED_17)
    room.does(NADIA, Action.REACHED_17, note="une patrouille vient")

    assert room.calls() == [("Nadia", "reached", "une patrouille vient")]
    assert room.sees()["timeline"][0]["text"] == "Nadia a eu le 17 : une patrouille vient"


def test_who_got_through_is_told_first_and_a_second_call_is_kept(room: Room) -> None:
    room.does(NADIA, Action.CALL_17)
    room.does(NADIA, Action.REACHED_17)
    room.does(THOMAS, Action.CALL_17)

    assert room.calls() == [("Nadia", "reached", ""), ("Thomas", None, "")]
    assert room.sees()["seventeen"].keys() == {"by", "since", "outcome"}
    assert room.sees()["seventeen"]["by"] == "Nadia"


def test_dialling_twice_is_one_call_and_its_end_leaves_none_open(room: Room) -> None:
    room.does(NADIA, Action.CALL_17)
    room.does(NADIA, Action.CALL_17)
    room.does(NADIA, Action.NOT_REACHED_17)

    assert room.calls() == [("Nadia", "not_reached", "")]


def test_whoever_calls_again_after_an_end_makes_a_new_call(room: Room) -> None:
    room.does(NADIA, Action.NOT_REACHED_17, at=room.now - 2 * MINUTE)
    room.does(NADIA, Action.CALL_17)

    assert room.calls() == [("Nadia", None, ""), ("Nadia", "not_reached", "")]


def test_who_was_cut_off_has_called_nobody(room: Room) -> None:
    room.does(NADIA, Action.REACHED_17)
    cut_off(room.alert, NADIA)

    assert (room.calls(), room.sees()["seventeen"]) == ([], None)


# ---- News that was held up: no network, or a telephone that has none while it calls ----


def test_a_call_keeps_the_time_at_which_it_was_made(room: Room) -> None:
    made = room.now - 10 * MINUTE

    room.does(NADIA, Action.CALL_17, at=made)

    assert room.sees()["seventeen"]["since"] == made.isoformat()
    line = Event.objects.get(alert=room.alert, kind="call_17")
    assert (line.at, line.done_at) == (room.now, made)
    assert room.sees()["timeline"][0]["text"].endswith("arrivé plus tard)")


def test_the_news_of_a_start_that_comes_after_that_of_the_end_opens_no_call(room: Room) -> None:
    room.does(NADIA, Action.REACHED_17, at=room.now - 3 * MINUTE, note="ils viennent")
    room.does(NADIA, Action.CALL_17, at=room.now - 8 * MINUTE)

    assert room.calls() == [("Nadia", "reached", "ils viennent")]
    assert room.sees()["seventeen"]["since"] == (room.now - 8 * MINUTE).isoformat()


def test_a_role_that_comes_late_is_a_line_and_does_not_undo_a_newer_one(room: Room) -> None:
    room.does(NADIA, Action.STAND_BY)
    room.does(NADIA, Action.GO, at=room.now - 5 * MINUTE)

    assert Role.objects.get().kind == "stand_by"
    assert "Nadia y va" in room.sees()["timeline"][0]["text"]


@pytest.mark.parametrize(
    "off", [timedelta(seconds=-9), timedelta(minutes=-16), timedelta(hours=5), timedelta(days=-900)]
)
def test_a_clock_that_is_wrong_or_nearly_right_decides_nothing(room: Room, off: timedelta) -> None:
    room.does(NADIA, Action.CALL_17, at=room.now + off)

    assert Event.objects.get(alert=room.alert, kind="call_17").done_at is None
    assert room.sees()["seventeen"]["since"] == room.now.isoformat()


@pytest.mark.parametrize("at", ["2026-01-01T10:00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", ""])
def test_a_moment_without_a_zone_or_at_the_end_of_time_is_taken_as_now(at: str) -> None:
    place, nadia = open_place(rescue(), NADIA)

    answer = _post(nadia, place, action="call_17", at=at)

    assert answer.status_code == 200
    assert Event.objects.get(kind="call_17").done_at is None


def test_a_hostile_note_stays_text_everywhere(room: Room) -> None:
    place, nadia = open_place(room.alert, NADIA)
    there, thomas = open_place(room.alert, THOMAS)
    _post(nadia, place, action="reached_17", note=HOSTILE)

    page = thomas.get(there).content.decode()

    assert "<img" not in page
    assert "\u202e" not in page
    assert "&lt;img src=x onerror=alert(1)&gt; {name} %(name)s ${alert(1)}" in page
    assert Escalation.objects.get().note.endswith("${alert(1)}")


def _post(browser: Client, place: str, **body: Any) -> Any:
    return browser.post(f"{place}act", json.dumps(body), content_type="application/json")
