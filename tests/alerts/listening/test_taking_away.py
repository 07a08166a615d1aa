"""What she takes away is what an expert verifies, with the sound or without."""

import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import vault
from alerts.evidence.recording import Chunk
from alerts.models import Change, ChangeKind, Recording, Victim
from tests.desks import with_password
from tests.evidence.scenes import Expert
from tests.people import DURESS_PIN, PIN
from tests.recorded import behind_her_code, make_recording, second

pytestmark = pytest.mark.django_db


def takes(desk: Client, recording: Recording, sound: str = "open") -> Any:
    return desk.post(reverse("alerts:recording_export", args=[recording.pk]), {"sound": sound})


def unpacked(answer: Any, to: Path) -> Expert:
    """As `unzip` does it, rights included."""
    assert answer["Content-Type"] == "application/zip"
    assert answer["Cache-Control"] == "no-store"
    assert re.fullmatch(r'attachment; filename="\d{4}-\d\d-\d\d-\d{4}\.zip"', answer["Content-Disposition"])
    zipped = zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content)))
    assert zipped.testzip() is None
    zipped.extractall(to)
    [folder] = to.iterdir()
    for info in zipped.infolist():
        (to / info.filename).chmod(info.external_attr >> 16)
    return Expert(folder)


def test_an_expert_verifies_and_hears_what_she_took(recording: Recording, desk: Client, tmp_path: Path) -> None:
    expert = unpacked(takes(desk, recording), tmp_path / "out")

    said = expert.finds_nothing()
    assert "chunks: opened with age, each is what the telephone sent" in said
    sent = b"".join(second(n) for n in (0, 1, 2, 3, 7, 8, 9))
    assert (expert.folder / "sound" / "000000.webm").read_bytes() == sent
    assert (expert.folder / "verify.sh").stat().st_mode & 0o100
    assert "exported" in (expert.folder / "log" / "log").read_text()
    assert list(Change.objects.values_list("kind", flat=True)).count(ChangeKind.TAKEN_AWAY) == 1
    assert "Vous : copie emportée" in desk.get(reverse("alerts:recording", args=[recording.pk])).content.decode()


def test_without_the_sound_it_verifies_and_opens_nothing(recording: Recording, desk: Client, tmp_path: Path) -> None:
    expert = unpacked(takes(desk, recording, "sealed"), tmp_path / "out")

    assert "opened with age" not in expert.finds_nothing()
    assert not (expert.folder / "recording.key").exists()
    assert not (expert.folder / "sound").exists()


def test_one_that_goes_on_while_it_is_taken_still_verifies(marie: Victim, desk: Client, tmp_path: Path) -> None:
    recording = make_recording(marie, range(3), ends=False)
    answer = takes(desk, recording)
    pieces = iter(answer.streaming_content)
    begun = next(pieces)
    chunk = Chunk(number=3, segment=0, content=second(3), phone_at=None)
    vault.folder(recording.pk).put(chunk, now=timezone.now())
    standing = vault.folder(recording.pk).standing()
    vault.log().note({str(recording.pk): (standing.lines, standing.head)}, now=timezone.now())
    answer.streaming_content = [begun, *pieces]

    assert "chunks: 3 of 3" in unpacked(answer, tmp_path / "out").finds_nothing()


def test_who_knows_her_password_alone_takes_nothing(recording: Recording) -> None:
    session = with_password(recording.victim.account)

    assert takes(session, recording)["Location"] == reverse("alerts:recordings")
    assert not [line for line in vault.log().about(str(recording.pk)) if line.kind == "exported"]


def test_a_plain_visit_takes_nothing(recording: Recording, desk: Client) -> None:
    assert desk.get(reverse("alerts:recording_export", args=[recording.pk])).status_code == 302
    assert not [line for line in vault.log().about(str(recording.pk)) if line.kind == "exported"]


# ---- All that is kept of her ----


@pytest.mark.parametrize(("code", "told"), [("", None), (DURESS_PIN, []), (PIN, "it")])
def test_the_copy_of_everything_says_which_there_are_where_her_code_was_typed(
    recording: Recording, code: str, told: object
) -> None:
    account = recording.victim.account
    browser = behind_her_code(recording.victim, code) if code else with_password(account)
    answer: Any = browser.get(reverse("alerts:export"))
    zipped = zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content)))
    page, document = zipped.read("carnet.html").decode(), zipped.read("carnet.json").decode()

    if told == "it":
        assert str(recording.pk) in document
        assert "gardé" in page
    else:
        assert f'"recordings": {"null" if told is None else "[]"}' in document
        assert str(recording.pk) not in document
    assert ("fermés par votre code" in page) == (told is None)
