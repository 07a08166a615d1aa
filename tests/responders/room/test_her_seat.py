"""Her own seat, by her own gesture; the relays that seats come with."""

import re
from dataclasses import replace

import pytest
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import alerting
from alerts.states import AlertState
from responders import rooms
from responders.mediaclient import Rooms, Sitting
from tests.people import NADIA, THOMAS
from tests.phones import Companion
from tests.responders.room.steps import hear, join, look_after, named, seats
from tests.responders.scenes import open_place, rescue
from tests.responders.sfu.mutations import browser

pytestmark = pytest.mark.django_db


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


def test_while_she_speaks_her_page_reads_who_listens_and_whether_she_is_heard(settings: Settings) -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    join(nadia, place)
    phone = Companion(token="phone of marie")
    hear()
    nobody = {"up": True, "taking": "", "heard": False, "listeners": 0, "ice_servers": []}
    assert phone.call("GET", "/alert/room").json == nobody

    taking = phone.call("POST", "/alert/room").json["taking"]
    hear()
    assert phone.call("GET", "/alert/room").json == nobody | {"taking": taking}
    sittings = (
        Sitting(seat=0, person=named(alert, NADIA)[0], state="connected", publishes=(), taking="a"),
        Sitting(seat=1, person="contact-7", state="joining", publishes=(), taking="b"),
        Sitting(seat=6, person="her", state="connected", publishes=("audio",), taking=taking),
    )
    rooms.here().hear(Rooms(process="p", number=1, rooms={alert.pk: sittings}))
    stands = phone.call("GET", "/alert/room").json
    assert (stands["heard"], stands["listeners"]) == (True, 1)
    rooms.here().lose()
    assert phone.call("GET", "/alert/room").json == nobody | {"up": False}


def test_a_goodbye_that_comes_late_does_not_end_her_next_seat() -> None:
    alert = rescue()
    phone = Companion(token="phone of marie")
    first, second = (phone.call("POST", "/alert/room").json["taking"] for _ in range(2))

    assert phone.call("DELETE", f"/alert/room/{first}").status == 204
    assert list(seats(alert)) == [6]
    assert phone.call("DELETE", f"/alert/room/{second}").status == 204
    assert seats(alert) == {}


@pytest.mark.parametrize("hears", [False, True])
def test_her_relatives_read_whether_her_telephone_plays_their_voices(*, hears: bool) -> None:
    """As it leaves her browser: her own two lines send, of the others she takes the sound or nothing."""
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    phone = Companion(token="phone of marie")
    taking = phone.call("POST", "/alert/room").json["taking"]

    assert phone.call("PUT", "/alert/room", {"answer": hers(hears=hears), "taking": taking}).status == 204

    hear()
    (seat,) = nadia.get(f"{place}snapshot").json()["room"]["seats"]
    assert (seat["her"], seat["hears"]) == (True, hears)


def hers(*, hears: bool) -> str:
    """Chromium's answer in her seat."""
    head, *lines = re.split(r"(?m)^(?=m=)", browser("chromium"))
    written = [head]
    for line in lines:
        own, sound = "a=mid:a6" in line or "a=mid:v6" in line, line.startswith("m=audio")
        direction = "sendonly" if own else "recvonly" if hears and sound else "inactive"
        written.append(re.sub(r"(?m)^a=(send|recv)only", f"a={direction}", line))
    return "".join(written)


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
