"""Disks that fail and keys that are elsewhere: sound is refused or sealed, and alerts know nothing of either."""

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from alerts.domain import recordings, vault
from alerts.evidence import checking, keys, reading
from alerts.evidence.errors import KeyHolderError
from alerts.evidence.holder import HeldKeys, Holder
from alerts.evidence.keys import FileKeys
from alerts.evidence.recording import Recording as Folder
from alerts.models import Recording, RecordingState
from alerts.states import Gesture
from tests.evidence.scenes import FailingDisk
from tests.people import PHONE_TOKEN, PIN, make_marie, make_phone
from tests.phones import Companion

pytestmark = [pytest.mark.django_db]
RECORDING = UUID(int=7)
HEADERS = {"Authorization": f"Bearer {PHONE_TOKEN}"}


@pytest.fixture
def companion(recordings_folder: Path) -> Companion:
    """Marie's, in an alert."""
    make_phone(make_marie())
    companion = Companion()
    assert companion.click(Gesture.LONG).status == 201
    return companion


def begin() -> int:
    said = {"id": str(RECORDING), "started_at": timezone.now().isoformat(), "media_type": "audio/webm"}
    return Client(headers=HEADERS).post("/api/v1/recordings", said, "application/json").status_code


def put(number: int) -> int:
    content = b"sound %d" % number
    told = f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"
    client = Client(headers={**HEADERS, "Content-Digest": told, "Sherif-Segment": "0"})
    address = f"/api/v1/recordings/{RECORDING}/chunks/{number}"
    return client.put(address, content, "application/octet-stream").status_code


def close(chunks: int) -> Any:
    address = f"/api/v1/recordings/{RECORDING}/close"
    return Client(headers=HEADERS).post(address, {"chunks": chunks}, "application/json")


def wrong() -> list[str]:
    """What an operator's check finds."""
    path = vault.log().path
    heads = checking.heads(path).get(str(RECORDING), ())
    return [*checking.recording(vault.path_of(RECORDING), {}, heads), *checking.log(path, {})]


def another_clicks() -> int:
    """Somebody else presses her button at this moment."""
    make_phone(make_marie("lea"), token="lea", osmand_id="lea")
    return Companion(token="lea").click(Gesture.DOUBLE).status


@pytest.mark.parametrize("call", [1, 2, 5], ids=["writing the sound", "its fsync", "fsync of the line"])
def test_a_second_that_the_disk_refuses_is_not_acknowledged_and_an_alert_is(companion: Companion, call: int) -> None:
    disk = FailingDisk()
    begin()
    vault.adopt(Folder(vault.path_of(RECORDING), vault.holder(), disk))
    assert [put(number) for number in range(3)] == [201] * 3
    disk.fails_at = disk.calls + call

    assert put(3) == 503
    assert another_clicks() == 201
    assert companion.alert()["kind"] == "alarm"
    assert wrong() == []

    assert [put(number) for number in (3, 4)] == [201, 201]
    assert close(5).json()["missing"] == []
    assert wrong() == []


def test_a_log_that_the_disk_refuses_keeps_a_recording_open_until_it_is_written(
    companion: Companion, recordings_folder: Path
) -> None:
    begin()
    put(0)
    folder = recordings_folder / "recordings" / "log"
    folder.rename(folder.with_name("away"))
    folder.write_bytes(b"")  # a file where the folder was: nothing can be written there

    assert close(1).status_code == 503
    assert Recording.objects.get().state == RecordingState.RUNNING

    folder.unlink()
    folder.with_name("away").rename(folder)
    assert close(1).status_code == 200
    assert Recording.objects.get().state == RecordingState.CLOSED
    assert wrong() == []


@contextmanager
def holding(path: Path, folder: Path) -> Iterator[None]:
    """The process that holds the keys."""
    with Holder(path, FileKeys(folder)) as holder:
        answering = threading.Thread(target=holder.serve_forever, kwargs={"poll_interval": 0.02})
        answering.start()
        try:
            yield
        finally:
            holder.shutdown()
            answering.join()


@pytest.fixture
def elsewhere(recordings_folder: Path) -> Path:
    """Keys of which the web process knows a socket alone; the folder where another process reads them."""
    folder = recordings_folder / "elsewhere"
    keys.draw(folder)
    chosen = settings.SHERIF
    evidence = replace(chosen.evidence, keys=recordings_folder / "sock", held=True, draws=False, kept=None)
    settings.SHERIF = replace(chosen, evidence=evidence)
    return folder


def test_the_web_process_seals_and_opens_without_a_key_of_its_own(companion: Companion, elsewhere: Path) -> None:
    with holding(settings.SHERIF.evidence.keys, elsewhere):
        assert begin() == 201
        assert [put(number) for number in range(2)] == [201, 201]
        assert close(2).status_code == 200
        path = vault.path_of(RECORDING)
        opened = reading.key(path, vault.holder())
        found = reading.segments(reading.manifest(path))

    assert isinstance(vault.holder(), HeldKeys)
    assert not (elsewhere.parent / "keys").exists(), "none was drawn where the web process could read it"
    assert b"".join(reading.sound(path, found[0].chunks, opened)) == b"sound 0sound 1"
    assert wrong() == []


def test_while_nobody_holds_the_keys_sound_is_refused_and_an_alert_goes_on(
    companion: Companion, elsewhere: Path
) -> None:
    with holding(settings.SHERIF.evidence.keys, elsewhere):
        begin()
        put(0)
    assert put(1) == 503
    assert another_clicks() == 201
    assert recordings.close_silent(now=timezone.now()) == 0
    with pytest.raises(KeyHolderError):
        vault.holder().public()

    with holding(settings.SHERIF.evidence.keys, elsewhere):
        assert put(1) == 201
    companion.close(companion.alert()["id"], PIN)
    assert wrong() == []
