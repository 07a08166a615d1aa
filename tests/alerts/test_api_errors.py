"""Bad input, wrong doors, an absent database: always JSON, always the one shape, never a fault, nothing stored."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.utils import timezone

from alerts.api import gates
from alerts.api.errors import Refusal
from alerts.models import Alert, Click, Position
from tests.people import make_marie, make_phone
from tests.phones import Companion, Reply, position

pytestmark = pytest.mark.django_db

CALLS = [
    ("POST", "/pair"),
    ("DELETE", "/phone"),
    ("PUT", "/phone/standing"),
    ("POST", "/clicks"),
    ("POST", "/positions"),
    ("GET", "/alert"),
    ("POST", "/alert/close"),
    ("POST", "/alert/cut-off"),
    ("GET", "/alert/room"),
    ("POST", "/alert/room"),
    ("PUT", "/alert/room"),
    ("DELETE", "/alert/room"),
    ("GET", "/settings"),
    ("GET", "/inbound"),
    ("POST", "/owntracks"),
    ("GET", "/osmand"),
]
WITH_BODY = ["/pair", "/clicks", "/positions", "/alert/close", "/alert/cut-off"]


@pytest.fixture
def companion() -> Companion:
    make_phone(make_marie())
    return Companion()


def assert_refused(reply: Reply, status: int, code: str) -> dict[str, str]:
    """The one shape; returns its fields."""
    assert (reply.status, reply.error) == (status, code), reply.body
    assert reply.headers["Content-Type"].startswith("application/json")
    assert set(reply.json) == {"error"}
    error = reply.json["error"]
    assert set(error) == {"code", "message", "fields"}
    assert error["message"].endswith((".", "?"))
    fields: dict[str, str] = error["fields"]
    return fields


def click(**changes: Any) -> dict[str, Any]:
    """A click that would be accepted, but for the changes."""
    now = timezone.now().isoformat()
    return {"id": str(uuid4()), "gesture": "double", "clicked_at": now, "sent_at": now, **changes}


@pytest.mark.parametrize("path", WITH_BODY)
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"hello", b"\xff\xfe", b"\xef\xbb\xbf{}", b"{'a': 1}", b"1" * 5000, b"[" * 100_000, b'{"a":' * 30_000],
    ids=["empty", "half", "words", "no UTF-8", "BOM", "quotes", "5000 digits", "deep list", "deep object"],
)
def test_what_is_no_json_is_refused(companion: Companion, path: str, body: bytes) -> None:
    reply = companion.wire.send(
        "POST",
        f"/api/v1{path}",
        headers={"Authorization": f"Bearer {companion.token}", "Content-Type": "application/json"},
        body=body,
    )

    assert_refused(reply, 400, "not_json")


@pytest.mark.parametrize("path", WITH_BODY)
@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"7", b"true", b"{}"])
def test_json_of_another_kind_is_refused(companion: Companion, path: str, body: bytes) -> None:
    assert assert_refused(companion.call("POST", path, body), 422, "invalid")


@pytest.mark.parametrize("path", WITH_BODY)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "xx"])
def test_another_content_type_is_refused(companion: Companion, path: str, kind: str) -> None:
    headers = {"Authorization": f"Bearer {companion.token}", "Content-Type": kind}

    reply = companion.wire.send("POST", f"/api/v1{path}", headers=headers, body=b'{"code": "x"}')

    assert_refused(reply, 415, "unsupported_media_type")


@pytest.mark.parametrize("path", WITH_BODY)
def test_ten_megabytes_are_too_large(companion: Companion, path: str) -> None:
    assert_refused(companion.call("POST", path, b" " * 10_000_000), 413, "too_large")


@pytest.mark.parametrize("gesture", ["triple", 2, None, True, ["double"], "\x00", "double\x00"])
def test_an_unknown_gesture_is_refused(companion: Companion, gesture: Any) -> None:
    assert "gesture" in assert_refused(companion.call("POST", "/clicks", click(gesture=gesture)), 422, "invalid")


@pytest.mark.parametrize("uid", ["", "1", 7, None, True, {"a": 1}, "\x00" * 36, "g" * 32])
def test_an_id_that_is_no_uuid_is_refused(companion: Companion, uid: Any) -> None:
    assert "id" in assert_refused(companion.call("POST", "/clicks", click(id=uid)), 422, "invalid")


INSTANTS = [
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "1969-12-31T23:59:59Z",
    "2100-01-01T00:00:01Z",
    "2026-06-01T10:00:00",
    "2026-06-01",
    "2026-02-30T10:00:00Z",
    "2026-06-01T25:00:00Z",
    "2026-06-01T10:00:00+99:00",
    "٢٠٢٦-06-01T10:00:00Z",
    "1780308000",
    1780308000,
    1780308000.5,
    True,
    "",
    "tomorrow",
    "\x00",
]


@pytest.mark.parametrize("instant", INSTANTS)
@pytest.mark.parametrize("name", ["clicked_at", "sent_at"])
def test_a_naive_or_absurd_date_is_refused(companion: Companion, name: str, instant: Any) -> None:
    assert name in assert_refused(companion.call("POST", "/clicks", click(**{name: instant})), 422, "invalid")
    assert not Click.objects.exists()


@pytest.mark.parametrize("instant", INSTANTS)
def test_a_fix_with_an_absurd_date_is_refused_with_its_place_in_the_batch(companion: Companion, instant: Any) -> None:
    companion.click()
    bad = position(at=companion.now()) | {"recorded_at": instant}

    fields = assert_refused(companion.send([position(at=companion.now()), bad]), 422, "invalid")

    assert set(fields) == {"positions.1.recorded_at"}
    assert not Position.objects.exists()


@pytest.mark.parametrize(
    "spelt",
    ["2026-06-01T10:00:00Z", "2026-06-01t10:00:00.123456789z", "2026-06-01T12:00+02:00", "2026-06-02T09:59+23:59"],
)
def test_every_spelling_of_an_instant_is_read(companion: Companion, spelt: str) -> None:
    assert companion.call("POST", "/clicks", click(clicked_at=spelt, sent_at=spelt)).status == 201


@pytest.mark.parametrize("name", ["latitude", "longitude", "accuracy", "speed", "heading", "altitude", "battery"])
@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "true", '"49.4"', "[]", "1e300", "-1e300"])
def test_what_is_no_plausible_number_is_refused(companion: Companion, name: str, text: str) -> None:
    where = position(at=companion.now()) | {name: "HERE"}
    body = json.dumps(click(position=where)).replace('"HERE"', text)

    assert_refused(companion.call("POST", "/clicks", body.encode()), 422, "invalid")

    assert not Alert.objects.exists()


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_nan_is_refused_wherever_it_hides(companion: Companion, text: str) -> None:
    body = json.dumps(click(more={"deep": [1, {"er": "HERE"}]})).replace('"HERE"', text)

    assert_refused(companion.call("POST", "/clicks", body.encode()), 422, "invalid")


@pytest.mark.parametrize(("latitude", "longitude"), [(91, 0), (-90.0001, 0), (0, 181), (0, -180.5), (10**400, 0)])
def test_a_place_off_the_earth_is_refused(companion: Companion, latitude: float, longitude: float) -> None:
    where = position(latitude, longitude, at=companion.now())

    fields = assert_refused(companion.call("POST", "/clicks", click(position=where)), 422, "invalid")

    assert set(fields) <= {"position.latitude", "position.longitude"}


@pytest.mark.parametrize("pin", [4711, None, True, [], "\ud800", "4" * 65])
def test_a_pin_that_is_no_text_is_refused(companion: Companion, pin: Any) -> None:
    reply = companion.close(str(uuid4()), pin)

    assert set(assert_refused(reply, 422, "invalid")) == {"pin"}


@pytest.mark.parametrize("pin", ["\x00", "", "é" * 64, "4711\x00"])
def test_a_strange_pin_is_a_wrong_one(companion: Companion, pin: str) -> None:
    assert_refused(companion.close(str(uuid4()), pin), 403, "wrong_pin")


def test_unknown_fields_are_ignored_so_that_newer_clients_are_heard(companion: Companion) -> None:
    assert companion.call("POST", "/clicks", click(mood="\ud800\x00", deep={"er": []})).status == 201


def test_at_most_fifty_fields_are_named(companion: Companion) -> None:
    fields = assert_refused(companion.send([{} for _ in range(500)]), 422, "invalid")

    assert len(fields) == 50


@pytest.mark.parametrize("call", [call for call in CALLS if call[1] not in {"/pair", "/osmand"}], ids=str)
@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer no", "Basic !!!", "Basic Og==", "Digest x", "é", "Bearer \x00", "x" * 9000],
)
def test_without_the_right_token_every_call_is_401(
    companion: Companion, call: tuple[str, str], authorization: str | None
) -> None:
    method, path = call
    headers = {"Content-Type": "application/json"} | ({} if authorization is None else {"Authorization": authorization})

    reply = companion.wire.send(method, f"/api/v1{path}", headers=headers, body=b"{}")

    assert_refused(reply, 401, "unauthorized")
    assert reply.headers["WWW-Authenticate"] == f'{"Basic" if path == "/owntracks" else "Bearer"} realm="phone"'


@pytest.mark.parametrize("path", ["/", "/nothing", "/alert/", "/clicks/7", "/../admin/", "/recordings/", "/%00", "/é"])
def test_an_unknown_address_is_404(companion: Companion, path: str) -> None:
    assert_refused(companion.wire.send("GET", f"/api/v1{path}", headers={}), 404, "not_found")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("path", ["/clicks", "/positions", "/alert/close", "/pair", "/owntracks"])
def test_another_method_is_405_and_says_which_one_is_allowed(companion: Companion, method: str, path: str) -> None:
    reply = companion.wire.send(method, f"/api/v1{path}", headers={})

    assert_refused(reply, 405, "method_not_allowed")
    assert reply.headers["Allow"] == "POST"


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_head_and_options_are_no_faults(companion: Companion, method: str, path: str) -> None:
    assert companion.wire.send("HEAD", f"/api/v1{path}", headers={}).status == 405
    assert_refused(companion.wire.send("OPTIONS", f"/api/v1{path}", headers={}), 405, "method_not_allowed")


@pytest.mark.parametrize("host", ["evil.example", "a b", "localhost:99999999", ""])
def test_a_foreign_host_is_refused_as_json(companion: Companion, host: str) -> None:
    answer = Client().get("/api/v1/nothing", headers={"host": host})

    assert answer.status_code in {400, 404}
    assert set(answer.json()["error"]) == {"code", "message", "fields"}


def test_a_call_that_waits_too_long_for_its_turn_is_told_to_come_back() -> None:
    gate = gates.Gate(patience_seconds=0.01, width=1)
    with gate.passing(), pytest.raises(Refusal) as refused, gate.passing():
        pass

    assert refused.value.status == 503
    assert refused.value.headers == {"Retry-After": "1"}
    with gate.passing():
        pass


def absent(error: Exception) -> Callable[..., Any]:
    """A database that answers every question with this error."""

    def answer(*_: Any) -> Any:
        raise error

    return answer


@pytest.mark.parametrize("call", CALLS, ids=str)
@pytest.mark.parametrize(
    "error", [OperationalError("database is locked"), InterfaceError("connection already closed")], ids=repr
)
def test_without_the_database_every_call_is_503_and_can_be_repeated(
    companion: Companion, call: tuple[str, str], error: Exception
) -> None:
    method, path = call
    scheme = "Basic eDpwaG9uZS10b2tlbg==" if path == "/owntracks" else f"Bearer {companion.token}"
    headers = {"Authorization": scheme, "Content-Type": "application/json"}
    where = f"/api/v1{path}?id=osmand-of-marie" if path == "/osmand" else f"/api/v1{path}"
    with connection.execute_wrapper(absent(error)):
        reply = companion.wire.send(method, where, headers=headers, body=b'{"code": "ABCD2345"}')

    assert_refused(reply, 503, "busy")
    assert reply.headers["Retry-After"] == "1"


def test_a_click_that_met_a_locked_database_is_stored_by_its_repeat(companion: Companion) -> None:
    uid = uuid4()
    with connection.execute_wrapper(_locked_for_writing):
        refused = companion.click(uid=uid)

    assert refused.status == 503
    assert not Alert.objects.exists()
    assert companion.click(uid=uid).status == 201


def _locked_for_writing(execute: Any, sql: str, *rest: Any) -> Any:
    if not sql.startswith("SELECT"):
        raise OperationalError("database is locked")
    return execute(sql, *rest)


def test_a_fault_of_ours_is_500_without_a_word_of_what_was_sent(
    companion: Companion, caplog: pytest.LogCaptureFixture
) -> None:
    with connection.execute_wrapper(absent(RuntimeError("49.41791 Marie"))):
        reply = companion.click(where=position(at=companion.now()))

    assert_refused(reply, 500, "server_error")
    assert "RuntimeError" in caplog.text
    assert "Marie" not in caplog.text
    assert "49.4" not in caplog.text


def test_the_largest_batch_that_is_allowed_fits_in_the_largest_body() -> None:
    now = timezone.now() + timedelta(microseconds=123456)
    batch = [position(-49.417912345678901, -122.82612345678901, at=now, altitude=1234.123456789) for _ in range(500)]

    assert len(json.dumps({"positions": batch, "sent_at": now.isoformat()})) < settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def test_a_click_does_not_stand_behind_positions(companion: Companion) -> None:
    with gates.positions.passing():
        assert companion.click().status == 201
