"""Nothing of a recording goes without her word; with it, the key goes first, and the log still says that it was."""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import alerting, erasing, forgetting, keeping, recordings, reviewing, vault
from alerts.domain.forgetting import ACCOUNT, HER_WISH
from alerts.evidence import erasing as files
from alerts.evidence.disk import Disk
from alerts.evidence.errors import StorageError
from alerts.evidence.journal import read
from alerts.models import Alert, Change, ChangeKind, Phone, Recording, RecordingState, Victim
from alerts.states import AlertState
from tests.alerts.listening.test_taking_away import takes, unpacked
from tests.desks import with_password
from tests.people import DURESS_PIN, PIN, make_phone
from tests.postman import Post
from tests.recorded import behind_her_code, make_recording
from tests.responders.intruder import click

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
YEAR = timedelta(days=366)


def erases(desk: Client, recording: Recording) -> None:
    assert desk.post(reverse("alerts:recording_erase", args=[recording.pk])).status_code == 302
    recording.refresh_from_db()


def passes(time: timedelta) -> int:
    """So long later, the sweep."""
    return forgetting.erase_due(now=timezone.now() + time)


def erased(recording: Recording) -> list[tuple[object, ...]]:
    lines = vault.log().about(str(recording.pk))
    names = ("recording", "account", "ground", "lines", "head")
    return [tuple(line.facts[name] for name in names) for line in lines if line.kind == "erased"]


# ---- One of them ----


def test_she_may_take_it_back_for_two_days(recording: Recording, desk: Client) -> None:
    erases(desk, recording)

    assert passes(47 * HOUR) == 0
    page = desk.get(reverse("alerts:recording", args=[recording.pk])).content.decode()
    assert "Sera effacé le" in page
    assert "<audio" not in page
    assert desk.get(reverse("alerts:recording_sound", args=[recording.pk, 0])).status_code == 404

    desk.post(reverse("alerts:recording_keep", args=[recording.pk]))
    assert passes(49 * HOUR) == 0
    assert vault.path_of(recording.pk).exists()
    assert "<audio" in desk.get(reverse("alerts:recording", args=[recording.pk])).content.decode()


def test_then_nothing_can_open_it_and_the_log_keeps_that_it_was(recording: Recording, desk: Client) -> None:
    standing = vault.folder(recording.pk).standing()
    other = make_recording(recording.victim)
    erases(desk, recording)

    assert passes(49 * HOUR) == 1

    assert not vault.path_of(recording.pk).exists()
    account = recording.victim.account_id
    assert erased(recording) == [(str(recording.pk), account, HER_WISH, standing.lines, standing.head)]
    assert read(vault.log().path)[-1].facts["recording"] == str(recording.pk), "and the whole log reads"
    recording.refresh_from_db()
    assert recording.state == RecordingState.ERASED
    assert recording.settled_at is not None
    assert passes(50 * HOUR) == 0
    page = desk.get(reverse("alerts:recordings")).content.decode()
    assert "Plus rien ne peut l" in page
    assert desk.get(reverse("alerts:recording", args=[recording.pk])).status_code == 404
    assert vault.path_of(other.pk).exists()


def test_the_bundle_of_another_still_verifies_with_that_line_in_it(
    recording: Recording, desk: Client, tmp_path: Path
) -> None:
    first = make_recording(recording.victim)
    erases(desk, recording)
    passes(49 * HOUR)

    expert = unpacked(takes(desk, first), tmp_path / "out")
    said = expert.finds_nothing()
    assert "log:" in said
    assert str(recording.pk) in (expert.folder / "log" / "log").read_text()


@dataclass
class Dying(Disk):
    """Dies at one of its calls."""

    left: int
    calls: list[str] = field(default_factory=list)

    def write(self, descriptor: int, content: bytes) -> int:
        self._count("write")
        return super().write(descriptor, content)

    def sync(self, descriptor: int) -> None:
        self._count("sync")
        super().sync(descriptor)

    def _count(self, what: str) -> None:
        self.calls.append(what)
        if len(self.calls) > self.left:
            raise OSError(5, os.strerror(5))


@pytest.mark.parametrize("left", range(4))
def test_whatever_stops_it_in_between_the_sweep_goes_on(recording: Recording, desk: Client, left: int) -> None:
    erases(desk, recording)
    Recording.objects.update(state=RecordingState.ERASED, settled_at=None)
    path = vault.path_of(recording.pk)
    with pytest.raises(StorageError):
        files.destroy(path, Dying(left))
    if left >= 2:
        assert not (path / "key.age").exists(), "the key first"

    assert passes(timedelta(0)) == 1

    assert not path.exists()
    assert len(erased(recording)) == 1
    forgetting.finish(recording, now=timezone.now())
    assert len(erased(recording)) == 1, "again is no harm"


def test_what_is_broken_or_was_never_there_is_erased_too(marie: Victim, recording: Recording) -> None:
    (vault.path_of(recording.pk) / "manifest").write_bytes(b"nonsense\n")
    vault.forget(recording.pk)
    now = timezone.now()
    bare = Recording.objects.create(
        pk="7b0c6e1e-52b5-4a83-9a42-0d6f4f0a1c55",
        victim=marie,
        media_type="audio/webm",
        started_at=now,
        opened_at=now,
        heard_at=now,
    )

    forgetting.erase_all(marie, now=now)

    assert [one[2:] for one in (*erased(recording), *erased(bare))] == [(ACCOUNT, 0, "")] * 2
    assert not vault.path_of(recording.pk).exists()


def test_one_that_goes_on_is_not_erased_and_one_that_is_erased_takes_no_more(
    marie: Victim, phone: Phone, desk: Client
) -> None:
    goes_on = make_recording(marie, ends=False)
    with pytest.raises(forgetting.NotNowError):
        forgetting.ask(goes_on, now=timezone.now())

    Recording.objects.update(state=RecordingState.ERASED, phone=phone)
    with pytest.raises(recordings.OtherRecordingError):
        recordings.of(phone, goes_on.pk)
    said = recordings.Beginning(uid=goes_on.pk, started_at=timezone.now(), media_type="audio/webm")
    with pytest.raises(recordings.OtherRecordingError):
        recordings.begin(phone, said, now=timezone.now())


def test_a_folder_that_was_being_made_meanwhile_does_not_stay(recording: Recording) -> None:
    Recording.objects.update(state=RecordingState.ERASED)

    with pytest.raises(recordings.OtherRecordingError):
        recordings._refuse_erased(recording.pk)

    assert not vault.path_of(recording.pk).exists()


def test_her_safe_address_hears_that_something_is_being_erased(recording: Recording, desk: Client) -> None:
    Victim.objects.update(safe_email="soeur@example.org")
    erases(desk, recording)
    erases(desk, recording)

    assert Change.objects.filter(kind=ChangeKind.ERASED).count() == 1
    assert Change.objects.get(kind=ChangeKind.ERASED).email == "soeur@example.org"


# ---- With all that is hers ----


def test_with_her_account_every_recording_goes_and_the_log_says_on_what_ground(recording: Recording) -> None:
    other = make_recording(recording.victim, ends=False)
    account = recording.victim.account_id

    page = with_password(recording.victim.account).post(reverse("alerts:erase"), {"word": "effacer", "code": PIN})

    assert "Tout est effacé" in page.content.decode()
    assert not Victim.objects.exists()
    for one in (recording, other):
        assert not vault.path_of(one.pk).exists()
        assert [line[1:3] for line in erased(one)] == [(account, ACCOUNT)]
    read(vault.log().path)


@pytest.mark.parametrize("code", ["", "0000", DURESS_PIN])
def test_her_password_alone_or_the_duress_code_erases_nothing(recording: Recording, code: str) -> None:
    session = with_password(recording.victim.account)

    page = session.post(reverse("alerts:erase"), {"word": "effacer", "code": code}, follow=True).content.decode()

    assert "Rien n" in page
    assert Victim.objects.exists()
    assert vault.path_of(recording.pk).exists()
    assert erased(recording) == []


def test_while_the_log_cannot_be_written_nothing_of_her_goes(recording: Recording) -> None:
    folder = vault.log().path.parent
    folder.rename(folder.with_name("elsewhere"))
    folder.write_bytes(b"no folder")

    with pytest.raises(erasing.NotNowError):
        erasing.erase(recording.victim, now=timezone.now())

    assert Victim.objects.exists()
    assert (vault.path_of(recording.pk) / "key.age").exists()
    folder.unlink()
    folder.with_name("elsewhere").rename(folder)
    assert passes(timedelta(0)) == 1, "it was her word, and the sweep keeps it"


# ---- Nothing goes by itself ----


def test_an_old_alert_is_forgotten_and_its_recording_stays(marie: Victim) -> None:
    alert = click(make_phone(marie))
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    recording = make_recording(marie, alert=alert)

    keeping.everything(now=timezone.now() + timedelta(days=9_000))
    reviewing.ask(Post().ways, now=timezone.now() + timedelta(days=9_000))

    assert not Alert.objects.exists()
    assert Recording.objects.get().alert is None
    assert vault.path_of(recording.pk).exists()
    desk = behind_her_code(marie)
    assert "<audio" in desk.get(reverse("alerts:recording", args=[recording.pk])).content.decode()


def test_no_age_erases_what_she_did_not_want_erased(recording: Recording) -> None:
    assert passes(timedelta(days=9_000)) == 0
    assert vault.path_of(recording.pk).exists()
