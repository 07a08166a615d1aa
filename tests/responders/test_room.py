"""The video room as pages and her phone meet it: seats, refusals, ends. The media process is the real one."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import alerting
from alerts.models import Alert
from alerts.states import AlertState
from responders import mediaclient, rooms
from responders.domain import room
from responders.views import her_seat
from responders.views import room as doors_of_the_room
from tests.media import MediaProcess, media_process
from tests.people import NADIA, THOMAS, YANN
from tests.phones import Companion
from tests.responders.scenes import cut_off, link_of, open_place, rescue

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def process() -> Iterator[MediaProcess]:
    """The media process of all these tests."""
    with media_process() as running:
        yield running


@pytest.fixture(autouse=True)
def _settings(process: MediaProcess, settings: Settings) -> Iterator[None]:
    """The web knows the media process; nobody is left in a room afterwards."""
    settings.SHERIF = process.settings
    for gate in (doors_of_the_room.joins, doors_of_the_room.answers, her_seat.joins, her_seat.replies):
        gate._hands.clear()  # numbers of rows begin anew with each test
    yield
    for alert_id in process.client.rooms().rooms:
        process.client.end(alert_id)
    rooms.here().lose()


def hear() -> None:
    """What the web process hears of the media process a moment later."""
    rooms.here().hear(mediaclient.of_installation().rooms())


def look_after() -> None:
    """What every web process does once a second."""
    media = mediaclient.of_installation()
    room.end_what_is_over(media, media.rooms().rooms, now=timezone.now())


def seats(alert: Alert) -> dict[int, str]:
    """Who sits where: the media process says so."""
    return {one.seat: one.person for one in mediaclient.of_installation().rooms().rooms.get(alert.pk, ())}


def named(alert: Alert, *people: Any) -> list[str]:
    """What these people are called there."""
    return [f"contact-{link_of(alert, person).contact_id}" for person in people]


def join(browser: Client, place: str) -> Any:
    """One tap."""
    return browser.post(f"{place}room")


def answer(browser: Client, place: str, seat: int, **body: Any) -> HttpResponse:
    """What the browser says to the offer."""
    said: Any = browser.put(f"{place}room/{seat}", json.dumps(body), content_type="application/json")
    return said  # type: ignore[no-any-return]


def code(response: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    error = response.json()["error"]
    assert error["message"].endswith(".")
    return response.status_code, error["code"]


def test_nadia_takes_her_own_seat() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    there, yann = open_place(alert, YANN)

    taken = join(nadia, place)

    assert taken.status_code == 201
    assert taken.json().keys() == {"seat", "offer", "ice_servers", "taking"}
    assert (taken.json()["seat"], taken.json()["ice_servers"]) == (0, [])
    assert taken.json()["offer"].startswith("v=0")
    assert join(yann, there).json()["seat"] == 4
    assert list(seats(alert).values()) == named(alert, NADIA, YANN)


def test_everybody_reads_who_sits_where_and_no_address() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    there, thomas = open_place(alert, THOMAS)
    taken = join(nadia, place).json()
    hear()

    shown = thomas.get(f"{there}snapshot").json()["room"]

    expected = {
        "seat": 0,
        "contact": link_of(alert, NADIA).contact_id,
        "her": False,
        "state": "joining",
        "publishes": [],
        "taking": taken["taking"],
    }
    assert shown == {"up": True, "seats": [expected]}
    assert thomas.get(f"{there}room").json() == {**shown, "ice_servers": []}


def test_one_person_has_one_seat_on_whatever_browser() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    first = join(nadia, place).json()
    there, tablet = open_place(alert, NADIA)
    again = join(tablet, there).json()

    assert (place, again["seat"]) == (there, first["seat"])
    assert again["taking"] != first["taking"]
    assert len(seats(alert)) == 1


def test_what_the_first_browser_still_says_does_not_reach_the_seat_of_the_second() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    first = join(nadia, place).json()
    _there, tablet = open_place(alert, NADIA)
    again = join(tablet, place).json()

    assert code(answer(nadia, place, 0, answer="v=0\r\n", taking=first["taking"])) == (404, "no_seat")
    gone: Any = nadia.delete(f"{place}room/0", json.dumps({"taking": first["taking"]}), content_type="application/json")
    assert gone.status_code == 204
    assert [one.taking for one in mediaclient.of_installation().rooms().rooms[alert.pk]] == [again["taking"]]


def test_the_ninth_person_finds_the_room_full(process: MediaProcess) -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    for number in range(8):
        process.client.join(alert.pk, f"contact-{10_000 + number}", wanted=number)

    assert code(join(nadia, place)) == (409, "room_full")


def test_thomas_cannot_speak_for_nadia() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    there, thomas = open_place(alert, THOMAS)
    seat = join(nadia, place).json()["seat"]

    assert code(answer(thomas, there, seat, answer="v=0\r\n")) == (404, "no_seat")
    assert thomas.delete(f"{there}room/{seat}").status_code == 204
    assert list(seats(alert)) == [seat]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, (422, "invalid")),
        ({"answer": ""}, (422, "invalid")),
        ({"answer": 7}, (422, "invalid")),
        ({"answer": "x" * 70_000}, (413, "too_large")),
        ({"answer": "not SDP"}, (422, "bad_answer")),
        ({"answer": "not SDP", "taking": {}}, (422, "bad_answer")),
    ],
    ids=["nothing", "empty", "number", "too large", "no SDP", "no name"],
)
def test_an_answer_that_is_none_ends_that_seat_at_most(body: dict[str, Any], status: tuple[int, str]) -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    there, thomas = open_place(alert, THOMAS)
    join(thomas, there)
    join(nadia, place)

    assert code(answer(nadia, place, 0, **body)) == status
    assert 1 in seats(alert)
    assert join(nadia, place).status_code == 201


def test_a_seat_that_nobody_took_is_nobody_s() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)

    for seat in (0, 7, 8, 999_999):
        assert code(answer(nadia, place, seat, answer="v=0\r\n")) == (404, "no_seat")
        assert nadia.delete(f"{place}room/{seat}").status_code == 204
    assert nadia.delete(f"{place}room").status_code == 204


def test_getting_up_frees_the_seat() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    for path in ("room", "room/0"):
        join(nadia, place)
        assert nadia.delete(f"{place}{path}").status_code == 204
        assert seats(alert) == {}


def test_who_holds_no_place_takes_no_seat() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    stranger = Client()

    assert code(join(stranger, place)) == (404, "not_found")
    assert code(stranger.get(f"{place}room")) == (404, "not_found")
    cut_off(alert, NADIA)
    assert code(join(nadia, place)) == (404, "not_found")
    assert seats(alert) == {}


@pytest.mark.parametrize("headers", [{"origin": "https://paul.example"}, {"sec-fetch-site": "cross-site"}])
def test_another_site_takes_no_seat(headers: dict[str, str]) -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)

    assert nadia.post(f"{place}room", headers=headers).status_code == 403
    assert nadia.put(f"{place}room/0", "{}", content_type="application/json", headers=headers).status_code == 403
    assert nadia.delete(f"{place}room/0", headers=headers).status_code == 403
    assert seats(alert) == {}


def test_a_page_that_joins_without_end_is_told_to_wait() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    there, thomas = open_place(alert, THOMAS)

    statuses = [join(nadia, place).status_code for _ in range(60)]

    assert statuses[:40] == [201] * 40
    assert 429 in statuses
    refused = join(nadia, place)
    assert code(refused) == (429, "slow_down")
    assert int(refused.headers["Retry-After"]) >= 1
    assert join(thomas, there).status_code == 201


# ---- Ends ----


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


# ---- Her own seat ----


def test_she_sits_among_them_by_her_own_gesture() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    join(nadia, place)
    phone = Companion(token="phone of marie")

    taken = phone.call("POST", "/alert/room")

    assert (taken.status, taken.json["seat"]) == (201, 6)
    assert taken.json.keys() == {"seat", "offer", "ice_servers", "taking"}
    assert seats(alert) == {0: named(alert, NADIA)[0], 6: "her"}
    hear()
    shown = nadia.get(f"{place}snapshot").json()["room"]["seats"]
    assert [(seat["seat"], seat["contact"], seat["her"]) for seat in shown][1] == (6, None, True)
    assert phone.call("PUT", "/alert/room", {"answer": "v=0", "taking": "another"}).error == "no_seat"
    assert phone.call("PUT", "/alert/room", {"answer": "no SDP"}).error == "bad_answer"
    assert phone.call("DELETE", "/alert/room").status == 204
    assert list(seats(alert)) == [0]


def test_without_an_open_alert_she_has_no_room() -> None:
    alert = rescue()
    phone = Companion(token="phone of marie")
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())

    assert phone.call("POST", "/alert/room").error == "no_open_alert"
    assert phone.call("PUT", "/alert/room", {"answer": "v=0"}).error == "no_open_alert"
    assert phone.call("DELETE", "/alert/room").status == 204


@pytest.mark.parametrize("to", [AlertState.CLOSED, AlertState.CLOSED_UNDER_DURESS])
def test_under_duress_her_seat_ends_as_if_all_were_over_and_her_relatives_go_on(to: AlertState) -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    join(nadia, place)
    phone = Companion(token="phone of marie")
    phone.call("POST", "/alert/room")
    alerting.close(alert, to, reason="safe", now=timezone.now())

    look_after()

    assert list(seats(alert)) == ([0] if to == AlertState.CLOSED_UNDER_DURESS else [])
    replies = [
        phone.call("POST", "/alert/room"),
        phone.call("PUT", "/alert/room", {"answer": "v=0"}),
        phone.call("DELETE", "/alert/room"),
    ]
    assert [(reply.status, reply.body[:40]) for reply in replies] == [
        (409, b'{"error": {"code": "no_open_alert", "mes'),
        (409, b'{"error": {"code": "no_open_alert", "mes'),
        (204, b""),
    ]


def test_a_phone_that_joins_without_end_is_told_to_wait() -> None:
    rescue()
    phone = Companion(token="phone of marie")

    replies = [phone.call("POST", "/alert/room") for _ in range(60)]

    assert {reply.status for reply in replies} == {201, 429}
    assert int(replies[-1].headers["Retry-After"]) >= 1


# ---- Relays ----


def test_a_seat_comes_with_relays_of_ten_minutes(settings: Settings) -> None:
    media = replace(
        settings.SHERIF.media,
        ice_servers=(("stun:turn.sos.example",), ("turn:turn.sos.example", "turns:turn.sos.example:443")),
        turn_secret="s" * 32,
    )
    settings.SHERIF = replace(settings.SHERIF, media=media)
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    there, thomas = open_place(alert, THOMAS)
    before = int(timezone.now().timestamp())

    stun, turn = join(nadia, place).json()["ice_servers"]

    assert stun == {"urls": ["stun:turn.sos.example"]}
    assert turn["urls"] == ["turn:turn.sos.example", "turns:turn.sos.example:443"]
    expiry, _, user = turn["username"].partition(":")
    assert before < int(expiry) <= before + 602
    assert user.endswith("-0")
    assert str(alert.pk) not in user
    hear()
    assert nadia.get(f"{place}room").json()["ice_servers"][0] == stun
    assert thomas.get(f"{there}room").json()["ice_servers"] == [], "who does not sit has no use for a relay"
    hers = Companion(token="phone of marie").call("POST", "/alert/room").json["ice_servers"]
    assert hers[0] == stun
    assert hers[1]["username"].endswith("-6")


# ---- The media process is away ----


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
