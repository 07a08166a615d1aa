"""Her telephone sends sound, second by second; what is answered 201 is sealed and on the disk."""

import base64
import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client
from django.utils import timezone

from alerts.api import recordings as recordings_api
from alerts.domain import recordings, vault
from alerts.evidence import keys, reading
from alerts.models import Event, Phone, Recording, RecordingState
from alerts.states import EventKind, Gesture
from tests.people import DURESS_PIN, PHONE_TOKEN, PIN, make_marie, make_phone
from tests.phones import Companion

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recordings_folder")]
RECORDING = UUID("0b5cf2b4-3c77-4f0e-8d53-1f6d0c8f6c11")
HEADERS = {"Authorization": f"Bearer {PHONE_TOKEN}"}


@pytest.fixture
def phone() -> Phone:
    return make_phone(make_marie())


@pytest.fixture
def companion(phone: Phone) -> Companion:
    companion = Companion()
    companion.click(Gesture.LONG)
    return companion


def begin(uid: UUID = RECORDING, **changed: Any) -> Any:
    said = {"id": str(uid), "started_at": timezone.now().isoformat(), "media_type": "audio/webm;codecs=opus"}
    return Client(headers=HEADERS).post("/api/v1/recordings", {**said, **changed}, "application/json")


def digest_of(content: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def put(n: int, content: bytes, **told: str) -> Any:
    """`digest`, `uid`, `segment`, `sealed` if they are not the usual ones."""
    headers = {
        "Content-Digest": told.get("digest") or digest_of(content),
        "Sherif-Segment": told.get("segment", "0"),
        "Sherif-Sealed": told.get("sealed", ""),
        **HEADERS,
    }
    address = f"/api/v1/recordings/{told.get('uid', RECORDING)}/chunks/{n}"
    return Client(headers=headers).put(address, content, "application/octet-stream")


def close(chunks: int) -> Any:
    address = f"/api/v1/recordings/{RECORDING}/close"
    return Client(headers=HEADERS).post(address, {"chunks": chunks}, "application/json")


def test_a_long_press_is_heard_again_bit_for_bit(companion: Companion) -> None:
    seconds = [b"\x1a\x45\xdf\xa3 first", b"second", b"third" * 1000]

    assert begin().status_code == 201
    answers = [put(n, content) for n, content in enumerate(seconds)]
    ended = close(3)

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert [answer.json()["sequence"] for answer in answers] == [1, 2, 3]
    assert ended.json()["chunks"] == 3
    assert ended.json()["missing"] == []
    path = vault.path_of(RECORDING)
    found = reading.segments(reading.manifest(path))
    assert b"".join(reading.sound(path, found[0].chunks, reading.key(path, vault.holder()))) == b"".join(seconds)
    assert Recording.objects.get().state == RecordingState.CLOSED


def test_the_same_again_is_answered_the_same(companion: Companion) -> None:
    assert [begin().status_code, begin().status_code] == [201, 200]
    first, again = put(0, b"sound"), put(0, b"sound")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert close(1).json() == close(1).json()


@pytest.mark.parametrize(
    ("sent", "digest", "status", "code"),
    [
        (b"other", None, 409, "other_chunk"),
        (b"sound", "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:", 422, "wrong_digest"),
        (b"sound", "md5=:AAAA:", 422, "wrong_digest"),
        (b"sound", "nonsense", 422, "wrong_digest"),
        (b"", None, 422, "wrong_digest"),
        (b"x" * (64 * 1024 + 1), None, 413, "too_large"),
    ],
)
def test_what_is_not_that_second_is_refused_and_changes_nothing(
    companion: Companion, sent: bytes, digest: str | None, status: int, code: str
) -> None:
    begin()
    kept = put(0, b"sound").json()

    answer = put(0, sent, digest=digest or "")

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert put(0, b"sound").json() == kept


def test_64_kib_fit(companion: Companion) -> None:
    begin()

    assert put(0, b"x" * 64 * 1024).status_code == 201


@pytest.mark.parametrize("segment", ["", "-1", "x"])
def test_a_second_names_its_segment(companion: Companion, segment: str) -> None:
    begin()

    assert put(0, b"sound", segment=segment).status_code == 422


def test_nothing_is_recorded_without_an_alert_of_hers(phone: Phone) -> None:
    assert begin().json()["error"]["code"] == "no_open_alert"
    assert not Recording.objects.exists()


def test_a_press_that_is_told_after_the_end_is_recorded_for_an_hour(companion: Companion, phone: Phone) -> None:
    companion.close(companion.alert()["id"], PIN)
    assert begin().status_code == 201
    Event.objects.filter(kind=EventKind.CLOSED).update(at=timezone.now() - timedelta(minutes=61))
    assert begin(uuid4()).status_code == 409


@pytest.mark.parametrize("pin", [PIN, DURESS_PIN])
def test_after_any_end_the_last_seconds_are_taken(companion: Companion, pin: str) -> None:
    begin()
    companion.close(companion.alert()["id"], pin)

    assert put(0, b"sound").status_code == 201
    assert close(1).status_code == 200
    assert begin(uuid4()).status_code == 201, "a press that was told late"


def test_another_phone_of_hers_or_anybody_elses_has_nothing_to_do_with_it(companion: Companion, phone: Phone) -> None:
    begin()
    put(0, b"sound")
    other = make_phone(phone.victim, token="another", osmand_id="another")
    headers = {"Authorization": "Bearer another"}

    mine = Client(headers={**headers, "Content-Digest": digest_of(b"x"), "Sherif-Segment": "0"})
    put_it = mine.put(f"/api/v1/recordings/{RECORDING}/chunks/1", b"x", "application/octet-stream")

    assert other.pk != phone.pk
    assert put_it.status_code == 404
    assert mine.post(f"/api/v1/recordings/{RECORDING}/close", {"chunks": 1}, "application/json").status_code == 404


def test_a_recording_that_nobody_ends_is_ended_an_hour_after_its_alert(companion: Companion) -> None:
    begin()
    put(0, b"sound")
    put(2, b"sound")
    later = timezone.now() + timedelta(hours=2)

    assert recordings.close_silent(now=later) == 0, "the alert goes on"
    companion.close(companion.alert()["id"], PIN)
    assert recordings.close_silent(now=later) == 1
    assert recordings.close_silent(now=later) == 0

    found = reading.manifest(vault.path_of(RECORDING))
    assert (found[-1].kind, found[-1].facts["reason"], found[-1].facts["chunks"]) == ("close", "silence", 3)
    assert put(1, b"late").status_code == 201


def test_a_full_disk_refuses_sound_and_no_click(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    begin()
    monkeypatch.setitem(settings.RECORDINGS, "least_free_bytes", 1 << 62)

    refused = put(0, b"sound")

    assert (refused.status_code, refused["Retry-After"]) == (503, "1")
    companion.close(companion.alert()["id"], PIN)
    assert companion.click(Gesture.DOUBLE).status == 201
    monkeypatch.setitem(settings.RECORDINGS, "least_free_bytes", 0)
    assert put(0, b"sound").status_code == 201


def sealed(second: bytes, told: str) -> bytes:
    """As her page keeps it while there is no network."""
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), vault.holder().public().waiting)
    return keys.SUITE.encrypt(second, point, told.encode())


def test_a_second_that_waited_sealed_in_her_telephone_is_the_same_second(companion: Companion) -> None:
    second = b"\x1a\x45\xdf\xa3" + b"s" * (recordings_api.MOST_BYTES - 4)
    begin()
    waited = put(0, sealed(second, f"{RECORDING}/0/0"), sealed="hpke")
    again = put(0, second)

    assert (waited.status_code, again.status_code) == (201, 200)
    assert waited.json() == again.json()


def test_a_second_that_is_sealed_as_another_is_refused(companion: Companion) -> None:
    begin()
    for other in (f"{RECORDING}/0/1", f"{RECORDING}/1/0", f"{uuid4()}/0/0"):
        refused = put(0, sealed(b"second", other), sealed="hpke")
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "not_sealed_to_us")
    assert put(0, b"never sealed", sealed="hpke").status_code == 422
    assert put(0, b"second", sealed="rot13").status_code == 422
    assert put(0, sealed(b"s" * (recordings_api.MOST_BYTES + 1), f"{RECORDING}/0/0"), sealed="hpke").status_code == 413
    assert close(1).json()["missing"] == [0]


@pytest.mark.parametrize(
    ("claimed", "kept"),
    [
        ("2026-06-01T12:00:00.250+02:00", "2026-06-01T10:00:00.250+00:00"),
        ("2026-06-02T09:59:00+23:59", "2026-06-01T10:00:00.000+00:00"),
        ("2026-06-01T12:00:00", None),
        ("0001-01-01T00:00:00+23:59", None),
    ],
)
def test_a_clock_that_says_nothing_of_use_is_no_reason_to_refuse_sound(
    companion: Companion, claimed: str, kept: str | None
) -> None:
    begin(started_at="2026-06-02T09:59:00+23:59")
    told = {"Content-Digest": digest_of(b"s"), "Sherif-Segment": "0", "Sherif-Recorded-At": claimed, **HEADERS}
    address = f"/api/v1/recordings/{RECORDING}/chunks/0"
    assert Client(headers=told).put(address, b"s", "application/octet-stream").status_code == 201
    opening, second = reading.manifest(vault.path_of(RECORDING))
    assert opening.facts["phone_at"] == "2026-06-01T10:00:00.000+00:00"
    assert second.facts["phone_at"] == kept
