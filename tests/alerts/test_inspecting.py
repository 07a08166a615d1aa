"""An operator verifies what lies there, and takes a copy for an expert, without hearing anything."""

import stat
import zipfile
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from alerts.domain import recordings, vault
from alerts.evidence import journal
from alerts.evidence.keys import FileKeys
from alerts.evidence.recording import Chunk
from alerts.models import Phone
from alerts.states import Gesture
from tests.evidence.scenes import Expert
from tests.phones import Companion

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recordings_folder")]
ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.fixture
def recorded(phone: Phone) -> Sequence[UUID]:
    """Two recordings of three seconds, one of them over."""
    assert Companion().click(Gesture.LONG).status == 201
    for uid in (ONE, TWO):
        now = timezone.now()
        recordings.begin(phone, recordings.Beginning(uid=uid, started_at=now, media_type="audio/webm"), now=now)
        for number in range(3):
            recordings.put(phone, uid, Chunk(number=number, segment=0, content=b"sound %d" % number), now=now)
    recordings.close(phone, ONE, 3, now=timezone.now())
    return [ONE, TWO]


def says(*words: object) -> list[str]:
    """`manage.py evidence` and its lines; with the status last if it is not 0."""
    out = StringIO()
    try:
        call_command("evidence", *map(str, words), stdout=out)
    except SystemExit as ended:
        return [*out.getvalue().splitlines(), str(ended.code)]
    return out.getvalue().splitlines()


def test_everything_in_order_is_said_to_be(recorded: Sequence[UUID]) -> None:
    assert says("verify", "--sound") == [
        "log: in order",
        f"{ONE}: in order",
        f"{TWO}: in order",
        "3 verified, 0 with findings",
    ]
    assert [line.split()[0] for line in says("list")] == [str(ONE), str(TWO)]
    assert says("list")[0].endswith(" 0 stamps")
    assert " open  3 seconds" in says("list")[1]


def test_nothing_was_ever_recorded() -> None:
    assert says("verify") == ["0 verified, 0 with findings"]
    with pytest.raises(CommandError, match="no log"):
        says("head")


@pytest.mark.parametrize("name", ["manifest", "key.age", "chunks/000002.age"])
def test_a_changed_byte_is_found_and_said_of_this_recording_alone(recorded: Sequence[UUID], name: str) -> None:
    path = vault.path_of(ONE) / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    said = says("verify")

    assert said[0] == "log: in order"
    assert "in order" not in said[1]
    assert said[2:] == [f"{TWO}: in order", "3 verified, 1 with findings", "1"]


def test_a_folder_that_is_gone_and_a_tail_that_was_cut_contradict_the_log(recorded: Sequence[UUID]) -> None:
    manifest = vault.path_of(ONE) / "manifest"
    manifest.write_bytes(b"".join(manifest.read_bytes().splitlines(keepends=True)[:-2]))
    vault.path_of(TWO).rename(vault.path_of(TWO).with_name("elsewhere"))

    said = says("verify")

    assert "the log saw another manifest: its line 4" in said[1]
    assert "the manifest is missing" in said[2]
    assert said[-1] == "1"


def test_an_expert_gets_a_copy_that_is_sealed_and_the_log_says_so(recorded: Sequence[UUID], tmp_path: Path) -> None:
    assert says("export", ONE, tmp_path / "copy")[0].endswith("the sound is sealed in it")

    said = Expert(tmp_path / "copy").finds_nothing()
    assert "chunks: 3 of 3 are as they were sealed" in said
    assert not (tmp_path / "copy" / "recording.key").exists()
    assert not (tmp_path / "copy" / "sound").exists()
    line = journal.read(vault.log().path)[-1]
    assert (line.kind, line.facts["recording"], line.facts["by"], line.facts["sound"]) == (
        "copied",
        str(ONE),
        "operator",
        0,
    )
    sequence, head = says("head")[0].split()
    assert (int(sequence), head) == (line.facts["seq"], line.hash)
    with pytest.raises(CommandError, match="there already"):
        says("export", ONE, tmp_path / "copy")


def test_who_has_a_key_gets_the_sound_too(recorded: Sequence[UUID], tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.age"
    says("keys", tmp_path / "others")
    stranger.write_bytes((tmp_path / "others" / "listening.age").read_bytes())
    with pytest.raises(CommandError, match="does not open"):
        says("export", ONE, tmp_path / "no.zip", "--identity", stranger)
    assert journal.read(vault.log().path)[-1].kind != "copied"

    own = settings.SHERIF.evidence.keys / "listening.age"
    says("export", ONE, tmp_path / "copy.zip", "--identity", own)

    with zipfile.ZipFile(tmp_path / "copy.zip") as copy:
        assert copy.read("sound/000000.webm") == b"sound 0sound 1sound 2"
        copy.extractall(tmp_path / "taken")
        assert stat.S_IMODE(copy.getinfo("verify.sh").external_attr >> 16) == 0o700
    assert "opened with age" in Expert(tmp_path / "taken").finds_nothing()


def test_a_recording_that_is_not_there_is_nobodys(recorded: Sequence[UUID], tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        says("export", UUID(int=9), tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_keys_are_made_and_changed_by_command(recorded: Sequence[UUID], phone: Phone, tmp_path: Path) -> None:
    before = FileKeys(settings.SHERIF.evidence.keys).public()

    said = says("rotate", settings.SHERIF.evidence.keys)

    after = FileKeys(settings.SHERIF.evidence.keys).public()
    assert said[-1] == after.listening != before.listening
    recordings.put(phone, TWO, Chunk(number=3, segment=0, content=b"sound 3"), now=timezone.now())
    assert says("verify", "--sound")[-1] == "3 verified, 0 with findings"
    assert says("keys", tmp_path / "new")[-1] == FileKeys(tmp_path / "new").public().listening
