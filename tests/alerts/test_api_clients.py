"""OwnTracks and Traccar Client, unmodified: nothing that they send blocks their queue, nothing is kept without need."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from django.utils import timezone

from alerts.models import Alert, Click, Delivery, Position
from alerts.states import AlertKind
from tests.people import make_marie, make_phone
from tests.phones import Companion, OwnTracks, Reply, TraccarClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def companion() -> Companion:
    make_phone(make_marie())
    return Companion()


@pytest.fixture
def alert(companion: Companion) -> Alert:
    companion.click()
    return Alert.objects.get()


def answered(reply: Reply) -> tuple[int, Any]:
    """Status and decoded body."""
    return reply.status, reply.json


def test_owntracks_follows_her_during_an_alert_in_our_units(alert: Alert) -> None:
    at = timezone.now()

    assert answered(OwnTracks().report(49.4181, 2.8263, at=at, vel=36)) == (200, [])

    stored = Position.objects.get(alert=alert)
    assert (stored.latitude, stored.longitude, stored.accuracy) == (49.4181, 2.8263, 12)
    assert stored.speed == pytest.approx(10)
    assert (stored.heading, stored.altitude, stored.battery) == (270, 41, 63)
    assert stored.recorded_at == at.replace(microsecond=0)


def test_a_retry_of_owntracks_is_stored_once(alert: Alert) -> None:
    at = timezone.now()
    for _ in range(3):
        OwnTracks().report(at=at)

    assert Position.objects.count() == 1


def test_outside_an_alert_owntracks_is_answered_and_nothing_is_stored(companion: Companion) -> None:
    assert answered(OwnTracks().report(at=timezone.now())) == (200, [])
    assert not Position.objects.exists()


GARBAGE = [
    b"",
    b"{",
    b"\xff",
    b"[" * 100_000,
    b" " * 10_000_000,
    b"null",
    b"[]",
    {"_type": "lwt", "tst": 1780308000},
    {"_type": "waypoint", "desc": "maison"},
    {"_type": ["location"]},
    {"_type": "location"},
    {"_type": "location", "lat": 91, "lon": 2, "tst": 1780308000},
    {"_type": "location", "lat": float("nan"), "lon": 2, "tst": 1780308000},
    {"_type": "location", "lat": 10**400, "lon": 2, "tst": 1780308000},
    {"_type": "location", "lat": True, "lon": 2, "tst": 1780308000},
    {"_type": "location", "lat": 49, "lon": 2, "tst": 10**30},
    {"_type": "location", "lat": 49, "lon": 2, "tst": -1},
    {"_type": "location", "lat": 49, "lon": 2, "tst": "\ud800"},
]


@pytest.mark.parametrize("message", GARBAGE)
def test_whatever_owntracks_sends_is_answered_200(alert: Alert, message: Any) -> None:
    assert answered(OwnTracks().publish(message)) == (200, [])
    assert not Position.objects.exists()


def test_values_that_owntracks_does_not_know_are_left_out(alert: Alert) -> None:
    seconds = int(timezone.now().timestamp())
    location = {"_type": "location", "lat": 49, "lon": 2, "tst": seconds, "vel": -1, "acc": -1, "cog": -1, "batt": -1}
    OwnTracks().publish(location)

    stored = Position.objects.get()
    assert (stored.speed, stored.accuracy, stored.heading, stored.battery) == (None, None, None, None)


@pytest.mark.parametrize("username", ["", "phone", "marie:x", "é"])
def test_owntracks_may_use_any_user_name(companion: Companion, username: str) -> None:
    expected = 401 if ":" in username else 200  # RFC 7617: the first colon ends the name

    assert OwnTracks(username=username).publish({}).status == expected


def test_traccar_client_follows_her_in_our_units(alert: Alert) -> None:
    reply = TraccarClient().report(49.4181, 2.8263, at=timezone.now(), knots=10)

    assert answered(reply) == (200, {})
    stored = Position.objects.get()
    assert stored.speed == pytest.approx(5.14444, abs=1e-4)
    assert (stored.latitude, stored.heading, stored.altitude, stored.battery) == (49.4181, 270, 41, 63)


def test_newer_traccar_clients_send_json_in_metres_per_second(alert: Alert) -> None:
    at = timezone.now()
    reply = TraccarClient().report_as_json(49.4181, 2.8263, at=at)

    assert answered(reply) == (200, {})
    stored = Position.objects.get()
    assert (stored.speed, stored.battery, stored.accuracy) == (1.4, 63, 12)
    assert abs(stored.recorded_at - at) < timedelta(milliseconds=1)


@pytest.mark.parametrize("spelling", ["seconds", "milliseconds", "ISO", "ISO without offset", "words", "none"])
def test_every_spelling_of_a_time_is_read(alert: Alert, spelling: str) -> None:
    at = timezone.now().astimezone(UTC).replace(microsecond=0)
    spelt = {
        "seconds": str(int(at.timestamp())),
        "milliseconds": str(int(at.timestamp() * 1000)),
        "ISO": at.isoformat().replace("+00:00", "Z"),
        "ISO without offset": at.replace(tzinfo=None).isoformat(),
        "words": str(at.replace(tzinfo=None)),
        "none": "",
    }
    TraccarClient().report(at=at, timestamp=spelt[spelling])

    assert abs(Position.objects.get().recorded_at - at) < timedelta(seconds=2)


def test_a_form_and_a_get_are_read_too(companion: Companion, alert: Alert) -> None:
    seconds = int(timezone.now().timestamp())
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = f"id=osmand-of-marie&location=49.4,2.8&timestamp={seconds}".encode()

    assert companion.wire.send("POST", "/api/v1/osmand", headers=form, body=body).status == 200
    path = f"/api/v1/osmand?deviceid=osmand-of-marie&lat=49.5&lon=2.9&timestamp={seconds}"
    assert companion.wire.send("GET", path, headers={}).status == 200
    assert sorted(Position.objects.values_list("latitude", flat=True)) == [49.4, 49.5]


def test_outside_an_alert_traccar_client_is_answered_and_nothing_is_stored(companion: Companion) -> None:
    assert TraccarClient().report(at=timezone.now()).status == 200
    assert not Position.objects.exists()


@pytest.mark.parametrize("osmand_id", ["", "unknown", "\x00", "é", "\U0001f600", "x" * 5000])
def test_an_unknown_id_is_400(companion: Companion, osmand_id: str) -> None:
    client = TraccarClient(osmand_id=osmand_id)

    for reply in (client.report(at=timezone.now()), client.report_as_json(at=timezone.now())):
        assert (reply.status, reply.error) == (400, "unknown_id")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{" * 100_000,
        b'{"device_id": 7}',
        b'{"device_id": "\\ud800"}',
        b'{"device_id": ["a"], "location": 3}',
        b"--x\r\n",
        b"\xff" * 100,
        b"&".join(b"a=1" for _ in range(300)),
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain; charset=utf-16"])
def test_garbage_has_no_known_id(companion: Companion, body: bytes, kind: str) -> None:
    reply = companion.wire.send("POST", "/api/v1/osmand", headers={"Content-Type": kind}, body=body)

    assert reply.status == 400
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert companion.wire.send("POST", "/api/v1/osmand", headers=form, body=body).status == 400


def test_garbage_under_a_known_id_is_answered_200(alert: Alert) -> None:
    traccar = TraccarClient()

    wrongs: list[dict[str, Any]] = [{"lat": "91"}, {"lat": "nan"}, {"lon": ""}]
    for wrong in [*wrongs, {"timestamp": "9" * 400}, {"timestamp": "\x00"}]:
        assert traccar.report(at=timezone.now(), **wrong).status == 200
    assert Position.objects.count() == 2  # those whose time alone makes no sense were recorded now


@pytest.mark.parametrize("newer", [False, True])
def test_sos_is_a_double_click(companion: Companion, newer: bool) -> None:
    at = timezone.now()
    traccar = TraccarClient()
    for _ in range(3):
        reply = traccar.report_as_json(at=at, sos=True) if newer else traccar.report(at=at, alarm="sos")
        assert answered(reply) == (200, {})

    alert = Alert.objects.get()
    assert alert.kind == AlertKind.RESCUE
    assert (Click.objects.count(), Position.objects.count()) == (1, 1)
    assert Delivery.objects.count() == 15


def test_a_retried_sos_opens_no_second_alert_after_the_first_was_closed(companion: Companion) -> None:
    at = timezone.now()
    TraccarClient().report(at=at, alarm="sos")
    companion.close(str(Alert.objects.get().pk), "4711")

    TraccarClient().report(at=at, alarm="sos")

    assert Alert.objects.count() == 1


def test_an_sos_that_waited_for_the_network_still_calls_for_help(companion: Companion) -> None:
    pressed = timezone.now() - timedelta(hours=1)
    TraccarClient().report(at=pressed, alarm="sos")

    assert Alert.objects.get().kind == AlertKind.RESCUE
    assert timezone.now() - Position.objects.get().fixed_at > timedelta(minutes=59)


def test_an_sos_without_a_place_still_calls_for_help(companion: Companion) -> None:
    TraccarClient().report(at=timezone.now(), alarm="sos", lat="", lon="")

    assert Alert.objects.exists()
    assert not Position.objects.exists()


def test_a_phone_an_hour_ahead_is_followed_after_its_sos(companion: Companion) -> None:
    ahead = timezone.now() + timedelta(hours=1)
    TraccarClient().report(at=ahead, alarm="sos")

    TraccarClient().report(at=ahead + timedelta(seconds=5))

    assert Position.objects.count() == 2
    assert max(Position.objects.values_list("fixed_at", flat=True)) <= timezone.now()
