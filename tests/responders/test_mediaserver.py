"""The door between the web and the media process: who may knock, what is no call, what a death leaves behind."""

import asyncio
import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from responders import mediaclient, mediaserver, sfu
from responders.mediaclient import AnswerError, AwayError, Claim, FullError, MediaClient, NoSeatError
from tests.media import ROOT, MediaProcess, media_process
from tests.services import free_port

ALERT = UUID("4c7b9dd5-f1d7-4d5e-8cf4-1b1bd4a2b0e0")
TOKEN = "t" * 24


@pytest.fixture(scope="module")
def media() -> Iterator[MediaProcess]:
    with media_process() as running:
        yield running


@pytest.fixture
def door(media: MediaProcess) -> Iterator[MediaClient]:
    """Somebody who may knock; the room is empty before and after."""
    media.client.end(ALERT)
    yield media.client
    media.client.end(ALERT)


def raw(media: MediaProcess, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    """A call that no client of ours would make."""
    connection = http.client.HTTPConnection("media", timeout=5)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(5)
    connection.sock.connect(media.url.removeprefix("unix:"))
    with closing(connection):
        connection.request(method, path, body=body, headers={"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_a_seat_is_taken_told_and_freed(door: MediaClient) -> None:
    before = door.rooms()
    offer = door.join(ALERT, "contact-1", wanted=3)

    after = door.changes(before, wait=5)

    assert after.number > before.number
    (sitting,) = after.rooms[ALERT]
    assert (sitting.seat, sitting.person, sitting.state, sitting.publishes) == (3, "contact-1", "joining", ())
    assert sitting.taking == offer.taking
    door.leave(ALERT, Claim(seat=3, person="contact-1", taking=offer.taking))
    assert door.rooms().rooms == {}


def test_a_question_for_changes_waits_until_there_is_one(door: MediaClient) -> None:
    known = door.rooms()
    assert door.changes(known, wait=0.2) == known
    assert door.changes(None, wait=20) == known, "who knows nothing is told at once"


def test_who_sits_elsewhere_or_sat_here_before_is_not_heard(door: MediaClient) -> None:
    first = door.join(ALERT, "contact-1", wanted=0)
    again = door.join(ALERT, "contact-1", wanted=0)
    assert (first.seat, first.taking != again.taking) == (again.seat, True)
    strangers = [
        Claim(seat=0, person="contact-2"),
        Claim(seat=0, person="contact-1", taking=first.taking),
        Claim(seat=0, person="contact-1", taking=""),
        Claim(seat=1, person="contact-1"),
        Claim(seat=12, person="contact-1"),
    ]
    for stranger in strangers:
        with pytest.raises(NoSeatError):
            door.answer(ALERT, stranger, "v=0\r\n")
        with pytest.raises(NoSeatError):
            door.leave(ALERT, stranger)
    with pytest.raises(NoSeatError):
        door.leave(uuid4(), Claim(seat=0, person="contact-1"))
    assert len(door.rooms().rooms[ALERT]) == 1


def test_the_ninth_finds_no_seat_and_a_bad_answer_frees_one(door: MediaClient) -> None:
    for number in range(8):
        door.join(ALERT, f"contact-{number}", wanted=None)
    with pytest.raises(FullError):
        door.join(ALERT, "contact-8", wanted=None)

    with pytest.raises(AnswerError):
        door.answer(ALERT, Claim(seat=0, person="contact-0"), "no SDP")
    assert door.join(ALERT, "contact-8", wanted=None).seat == 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/rooms/not-a-uuid/seats", b'{"person": "her"}'),
        ("POST", f"/rooms/{ALERT}/seats", b""),
        ("POST", f"/rooms/{ALERT}/seats", b"[]"),
        ("POST", f"/rooms/{ALERT}/seats", b'{"person": ""}'),
        ("POST", f"/rooms/{ALERT}/seats", b'{"person": 7}'),
        ("POST", f"/rooms/{ALERT}/seats", b"[" * 100_000),
        ("POST", f"/rooms/{ALERT}/seats", b'{"person": "' + b"x" * 200_000 + b'"}'),
        ("PUT", f"/rooms/{ALERT}/seats/0", b'{"person": "her"}'),
        ("PUT", f"/rooms/{ALERT}/seats/x", b"{}"),
        ("PATCH", "/rooms", b""),
        ("GET", "/etc/passwd", b""),
    ],
)
def test_what_is_no_call_of_ours_is_refused(media: MediaProcess, method: str, path: str, body: bytes) -> None:
    status, _ = raw(media, method, path, body)
    assert 400 <= status < 500
    assert media.client.rooms().rooms == {}


@pytest.mark.parametrize("query", ["after=x&wait=x", "wait=nan", "wait=inf&after=-1", "process=%00"])
def test_an_odd_question_for_changes_is_answered_at_once(media: MediaProcess, query: str) -> None:
    status, body = raw(media, "GET", f"/changes?{query}")
    assert (status, json.loads(body)["rooms"]) == (200, {})


def test_the_figures_count_rooms_and_seats(door: MediaClient) -> None:
    door.join(ALERT, "her", wanted=6)
    stats = door.stats()
    assert (stats["rooms"], stats["seats"]) == (1, 1)


def test_nothing_of_what_people_sent_reaches_the_log(media: MediaProcess, door: MediaClient) -> None:
    offer = door.join(ALERT, "contact-1", wanted=0)
    with pytest.raises(AnswerError):
        door.answer(ALERT, Claim(seat=0, person="contact-1"), "v=0\r\na=candidate:1 1 udp 1 198.51.100.7 9 typ host")
    raw(media, "POST", f"/rooms/{ALERT}/seats", b'{"person": 198.51.100.7}')

    assert "An answer was refused" in media.said
    for secret in ("198.51.100.7", "contact-1", offer.sdp.split("ice-pwd:")[1].split("\r\n")[0]):
        assert secret not in media.said


def test_only_this_user_may_open_the_door(media: MediaProcess) -> None:
    path = Path(media.url.removeprefix("unix:"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_where_others_may_write_is_not_trusted(media: MediaProcess, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(PermissionError):
        mediaserver.listen(tmp_path / "door")
    with pytest.raises(AwayError, match="PermissionError"):
        MediaClient(url=f"unix:{tmp_path}/door", data_dir=tmp_path).rooms()


def test_a_second_media_process_does_not_take_the_first_one_s_place(media: MediaProcess) -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", "media"],
        cwd=ROOT,
        env={**os.environ, **media.environment},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert b"cannot listen" in ended.stderr
    assert media.client.rooms().rooms == {}


def test_a_data_folder_that_lies_deep_still_has_a_door(tmp_path: Path) -> None:
    near, far = mediaclient.socket_path("", tmp_path), mediaclient.socket_path("", tmp_path / ("x" * 120))
    assert near == tmp_path / "run" / "media.sock"
    assert far is not None
    assert far != mediaclient.socket_path("", tmp_path / ("y" * 120))
    with closing(mediaserver.listen(far)) as listening:
        listening.listen()
        with pytest.raises(OSError, match="another media process"):
            mediaserver.listen(far)
    with closing(mediaserver.listen(far)):  # what the first one left stands in nobody's way
        pass
    far.unlink()
    far.parent.rmdir()


def test_a_killed_one_leaves_nothing_that_stands_in_the_next_one_s_way() -> None:
    with media_process() as media:
        before = media.client.rooms()
        media.client.join(ALERT, "her", wanted=6)
        media.stop(signal.SIGKILL)
        with pytest.raises(AwayError):
            media.client.rooms()
        media.start()
        after = media.client.changes(before, wait=20)
        assert (after.rooms, after.process != before.process) == ({}, True)


def test_it_ends_at_once_although_somebody_waits_for_changes() -> None:
    with media_process() as media:
        media.client.join(ALERT, "her", wanted=6)
        answer: list[Any] = []
        waiting = asyncio.new_event_loop()
        asked = waiting.run_in_executor(None, lambda: answer.append(_changes(media)))
        began = waiting.time()
        assert media.stop() == 0
        assert waiting.time() - began < 3
        waiting.run_until_complete(asked)
        waiting.run_until_complete(waiting.shutdown_default_executor())
        waiting.close()
        assert "Traceback" not in media.said


def _changes(media: MediaProcess) -> object:
    try:
        return media.client.changes(media.client.rooms(), wait=20)
    except AwayError as error:
        return error


def test_on_a_private_network_a_token_opens_the_door() -> None:
    url = f"http://{TOKEN}@127.0.0.1:{free_port()}"
    with media_process({"SHERIF_MEDIA_URL": url}) as media:
        assert media.client.join(ALERT, "her", wanted=6).seat == 6
        for stranger in (url.replace(f"{TOKEN}@", ""), url.replace(TOKEN, "u" * 24)):
            with pytest.raises(AwayError, match="401"):
                MediaClient(url=stranger, data_dir=ROOT).end(ALERT)
        assert len(media.client.rooms().rooms[ALERT]) == 1


async def test_rooms_that_no_web_process_watches_end_by_themselves() -> None:
    """Nobody could be cut off any more."""
    core = await sfu.Media.open(sfu.MediaConfig())
    door = mediaserver.Door(core, unwatched_seconds=0.3)
    guarding = asyncio.create_task(door.end_unwatched())
    try:
        await core.join(str(ALERT), "her")
        await asyncio.sleep(1)
        assert core.rooms() == {}
    finally:
        guarding.cancel()
        await core.close()
