"""She hears what her telephone sent, bit for bit, and each time stands in the log before the first byte."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from alerts.domain import vault
from alerts.evidence.errors import BrokenError
from alerts.models import Recording
from tests.desks import signed_in
from tests.recorded import EBML, make_recording, part, second

pytestmark = pytest.mark.django_db
FIRST = b"".join(second(n) for n in (0, 1, 2, 3, 7, 8, 9))


def sound(desk: Client, recording: Recording, number: int = 0, **headers: str) -> Any:
    return desk.get(reverse("alerts:recording_sound", args=[recording.pk, number]), headers=headers)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def listened(recording: Recording) -> list[tuple[int, int]]:
    lines = vault.log().about(str(recording.pk))
    return [(line.facts["account"], line.facts["segment"]) for line in lines if line.kind == "listened"]


def test_a_part_is_what_her_telephone_sent_without_what_never_came(recording: Recording, desk: Client) -> None:
    answer = sound(desk, recording)

    assert body(answer) == FIRST
    assert FIRST.startswith(EBML)
    assert answer["Content-Type"] == "audio/webm"
    assert answer["Content-Length"] == str(len(FIRST))
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-", 0, None),
        ("bytes=0-0", 0, 1),
        ("bytes=250-699", 250, 700),
        ("bytes=900-999999", 900, None),
        ("bytes=-100", -100, None),
        ("bytes=-9999999", 0, None),
    ],
)
def test_a_player_is_given_the_range_that_it_asks_for(
    recording: Recording, desk: Client, asked: str, first: int, end: int | None
) -> None:
    answer = sound(desk, recording, Range=asked)

    wanted = FIRST[first:end]
    assert answer.status_code == HTTPStatus.PARTIAL_CONTENT
    assert body(answer) == wanted
    assert answer["Content-Length"] == str(len(wanted))
    begins = first % len(FIRST)
    assert answer["Content-Range"] == f"bytes {begins}-{begins + len(wanted) - 1}/{len(FIRST)}"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=5-4", "bytes=-0"])
def test_a_range_that_is_not_there_is_refused(recording: Recording, desk: Client, asked: str) -> None:
    answer = sound(desk, recording, Range=asked)

    assert answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    assert answer["Content-Range"] == f"bytes */{len(FIRST)}"


@pytest.mark.parametrize("asked", ["bytes=-", "bytes=0-1,5-6", "seconds=1-2", "bytes=1e3-", "nonsense"])
def test_a_range_that_nobody_understands_is_the_whole(recording: Recording, desk: Client, asked: str) -> None:
    assert body(sound(desk, recording, Range=asked)) == FIRST


def test_each_part_that_is_heard_is_a_line_and_she_reads_it(recording: Recording, desk: Client) -> None:
    for number in (0, 0, 1):
        body(sound(desk, recording, number, Range="bytes=0-99"))

    account = recording.victim.account_id
    assert listened(recording) == [(account, 0), (account, 1)], "a player asks often; that is one listening"
    page = desk.get(reverse("alerts:recording", args=[recording.pk])).content.decode()
    assert "Vous : écoute de la partie 1" in page
    assert "Vous : écoute de la partie 2" in page


def test_what_cannot_stand_in_the_log_is_not_heard(recording: Recording, desk: Client) -> None:
    folder = vault.log().path.parent
    folder.rename(folder.with_name("elsewhere"))
    folder.write_bytes(b"no folder")

    answer = sound(desk, recording)

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert not answer.content


def test_nothing_is_written_in_the_clear(recording: Recording, desk: Client, recordings_folder: Path) -> None:
    assert body(sound(desk, recording)) == FIRST

    files = [path for path in recordings_folder.rglob("*") if path.is_file()]
    assert len(files) > len(FIRST) // 200
    assert not [path for path in files if b"second 2" in path.read_bytes()]


def test_a_second_that_somebody_changed_is_not_played(recording: Recording, desk: Client) -> None:
    chunks = sorted((vault.path_of(recording.pk) / "chunks").iterdir())
    chunks[1].write_bytes(chunks[2].read_bytes())

    with pytest.raises(BrokenError):
        body(sound(desk, recording))


def test_no_such_part_no_sound_and_no_line(recording: Recording, desk: Client) -> None:
    assert sound(desk, recording, 7).status_code == HTTPStatus.NOT_FOUND
    assert listened(recording) == []


def test_the_type_that_a_telephone_claims_is_one_of_sound(recording: Recording, desk: Client) -> None:
    Recording.objects.update(media_type="text/html")

    assert sound(desk, recording)["Content-Type"] == "application/octet-stream"


def test_while_it_goes_on_what_came_is_heard(desk: Client, recording: Recording) -> None:
    goes_on = make_recording(recording.victim, range(5), ends=False)

    assert body(sound(desk, goes_on)) == part(0, until=5)


def test_her_session_alone_hears_nothing(recording: Recording) -> None:
    answer = sound(signed_in(recording.victim.account), recording)

    assert answer["Location"] == reverse("alerts:recordings")
    assert listened(recording) == []
