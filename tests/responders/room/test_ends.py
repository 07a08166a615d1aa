"""When rooms end, who is shown out, and what goes on without the media process."""

import json
from dataclasses import replace
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import alerting
from alerts.models import Alert
from alerts.states import AlertState
from responders import rooms
from tests.media import MediaProcess
from tests.people import NADIA, THOMAS
from tests.phones import Companion
from tests.responders.room.steps import answer, code, hear, join, look_after, named, seats
from tests.responders.scenes import cut_off, open_place, rescue

pytestmark = pytest.mark.django_db


def test_the_room_ends_with_the_alert() -> None:
    alert, other = rescue(), rescue("lea")
    place, nadia = open_place(alert, NADIA)
    there, _nadia = open_place(other, NADIA)
    join(nadia, place)
    join(_nadia, there)
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())

    look_after()

    assert seats(alert) == {}
    assert len(seats(other)) == 1
    assert code(join(nadia, place)) == (409, "ended")
    assert code(nadia.get(f"{place}room")) == (409, "ended")
    assert nadia.delete(f"{place}room").status_code == 204
    assert nadia.get(f"{place}snapshot").json()["room"] is None


def test_the_room_ends_at_the_cap_although_nobody_said_so() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    join(nadia, place)
    Alert.objects.filter(pk=alert.pk).update(expires_at=timezone.now())

    look_after()

    assert seats(alert) == {}


def test_the_room_of_an_alert_that_she_erased_ends() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    join(nadia, place)
    Alert.objects.filter(pk=alert.pk).delete()

    look_after()

    assert seats(alert) == {}


def test_who_is_cut_off_loses_the_seat_and_the_others_keep_theirs() -> None:
    alert = rescue()
    for person in (NADIA, THOMAS):
        place, browser = open_place(alert, person)
        join(browser, place)
    cut_off(alert, NADIA)

    look_after()

    assert list(seats(alert).values()) == named(alert, THOMAS)


def test_somebody_whom_nobody_knows_is_shown_out(process: MediaProcess) -> None:
    alert = rescue()
    for person in ("contact-999999", "contact-", "operator", "her "):
        process.client.join(alert.pk, person, wanted=None)

    look_after()

    assert seats(alert) == {}


def test_without_the_media_process_everything_else_goes_on(process: MediaProcess, settings: Settings) -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    join(nadia, place)
    hear()
    nowhere = replace(process.settings.media, url=f"unix:/tmp/nobody-{uuid4().hex}/door")
    settings.SHERIF = replace(settings.SHERIF, media=nowhere)
    rooms.here().lose()

    away = [join(nadia, place), answer(nadia, place, 0, answer="v=0\r\n"), nadia.delete(f"{place}room/0")]
    hers = Companion(token="phone of marie").call("POST", "/alert/room")

    assert [code(one) for one in away] == [(503, "room_away")] * 3
    assert all(one.headers["Retry-After"] == "1" for one in away)
    assert "le 17 marchent" in away[0].json()["error"]["message"]
    assert (hers.status, hers.error, hers.headers["Retry-After"]) == (503, "room_away", "1")
    assert nadia.get(place).status_code == 200
    assert nadia.get(f"{place}snapshot").json()["room"] == {"up": False, "seats": []}
    acted = nadia.post(f"{place}act", json.dumps({"action": "call_17"}), content_type="application/json")
    assert acted.status_code == 200


def test_a_media_process_that_hangs_holds_nobody_for_long(process: MediaProcess, settings: Settings) -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    process.freeze()
    began = timezone.now()
    try:
        assert code(join(nadia, place)) == (503, "room_away")
    finally:
        process.thaw()
    assert (timezone.now() - began).total_seconds() < 8
