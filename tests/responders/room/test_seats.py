"""The video room as pages meet it: seats and refusals."""

import json
from typing import Any

import pytest
from django.test import Client

from responders import mediaclient
from tests.media import MediaProcess
from tests.people import NADIA, THOMAS, YANN
from tests.responders.room.steps import answer, code, hear, join, named, seats
from tests.responders.scenes import cut_off, link_of, open_place, rescue

pytestmark = pytest.mark.django_db


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
        "hears": False,
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
