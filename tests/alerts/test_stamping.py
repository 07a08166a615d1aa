"""Authorities stamp aside: one that is away delays nothing, and has everything within a minute of its return."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.utils import timezone

from alerts.domain import recordings, stamping, vault
from alerts.domain.stamping import Round
from alerts.evidence import reading, stamps
from alerts.evidence.journal import read
from alerts.evidence.recording import Chunk
from alerts.models import Event, Phone, Recording, RecordingState
from alerts.states import EventKind, Gesture
from sherif_web.env_evidence import Authority
from tests.authority import Tsa, tsa
from tests.phones import Companion

pytestmark = pytest.mark.django_db
ONE, TWO = UUID(int=1), UUID(int=2)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[Tsa]]:
    folder = tmp_path_factory.mktemp("authorities")
    with tsa(folder / "one") as one, tsa(folder / "two") as two:
        yield [one, two]


@pytest.fixture
def watch(recordings_folder: Path, authorities: Sequence[Tsa]) -> Round:
    """A worker's round with both, each well."""
    for one in authorities:
        one.up, one.broken, one.drips = True, None, 0.0
    chosen = settings.SHERIF
    named = tuple(Authority(url=one.url, roots=one.folder / "root.pem") for one in authorities)
    settings.SHERIF = replace(chosen, evidence=replace(chosen.evidence, authorities=named))
    return Round(vault.authorities())


@pytest.fixture
def phone(phone: Phone) -> Phone:
    """Her telephone, in an alert."""
    assert Companion().click(Gesture.LONG).status == 201
    return phone


def begins(phone: Phone, uid: UUID = ONE) -> None:
    now = timezone.now()
    recordings.begin(phone, recordings.Beginning(uid=uid, started_at=now, media_type="audio/webm"), now=now)


def sends(phone: Phone, number: int, uid: UUID = ONE) -> None:
    chunk = Chunk(number=number, segment=0, content=b"sound %d" % number)
    recordings.put(phone, uid, chunk, now=timezone.now())


def taken(watch: Round, *, after: timedelta) -> int:
    """How many stamps this look of the worker brought."""
    return sum(one.result(30) for one in watch.look(now=timezone.now() + after))


def covered(by: Tsa, uid: UUID = ONE) -> int:
    """How many lines of the manifest this authority vouches for."""
    known = {one.name: one for one in vault.every_authority()}
    found = stamps.verified(vault.path_of(uid) / "manifest", known)
    return max((kept.count for kept, _at in found if kept.authority == by.authority.name), default=0)


def lines(uid: UUID = ONE) -> int:
    return len(reading.manifest(vault.path_of(uid)))


def test_both_stamp_at_the_opening_every_minute_and_at_the_close(
    watch: Round, phone: Phone, authorities: Sequence[Tsa]
) -> None:
    begins(phone)
    assert taken(watch, after=SECOND) == 4, "the manifest and the log, by both"
    assert {covered(one) for one in authorities} == {1}

    sends(phone, 0)
    assert taken(watch, after=30 * SECOND) == 0
    assert taken(watch, after=61 * SECOND) == 4
    assert {covered(one) for one in authorities} == {2}
    assert taken(watch, after=125 * SECOND) == 0, "nothing came"

    sends(phone, 1)
    assert taken(watch, after=190 * SECOND) == 4
    recordings.close(phone, ONE, 2, now=timezone.now())
    assert taken(watch, after=200 * SECOND) == 4, "at once, the log too"
    assert {covered(one) for one in authorities} == {lines()} == {4}


def test_the_log_notes_each_minute_how_far_recordings_have_come(watch: Round, phone: Phone) -> None:
    for uid in (ONE, TWO):
        begins(phone, uid)
        sends(phone, 0, uid)
    for after in (SECOND, 30 * SECOND, 61 * SECOND):
        taken(watch, after=after)
    sends(phone, 1, TWO)
    taken(watch, after=122 * SECOND)

    noted = [line.facts["of"] for line in read(vault.log().path) if line.kind == "heads"]
    assert [sorted((UUID(uid).int, count) for uid, (count, _head) in one.items()) for one in noted] == [
        [(1, 2), (2, 2)],
        [(2, 3)],
    ]


def test_an_authority_that_was_away_for_an_hour_delayed_nothing_and_has_all_within_a_minute(
    watch: Round, phone: Phone, authorities: Sequence[Tsa]
) -> None:
    away, there = authorities
    away.up = False
    begins(phone)
    for minute in range(0, 60, 5):
        sends(phone, minute)
        taken(watch, after=(minute - 60) * MINUTE)
    assert covered(away) == 0

    away.up = True
    for seconds in range(0, 60, 5):
        taken(watch, after=timedelta(seconds=seconds))

    assert covered(away) == covered(there) == lines()
    for one in authorities:
        assert not stamps.lacking(vault.log().path, [one.authority])


@pytest.mark.parametrize("answer", [b"garbage", b""])
def test_nonsense_is_not_kept_and_the_other_goes_on(
    watch: Round, phone: Phone, authorities: Sequence[Tsa], answer: bytes
) -> None:
    authorities[0].broken = answer
    begins(phone)

    assert taken(watch, after=SECOND) == 2

    assert [covered(one) for one in authorities] == [0, 1]
    assert taken(watch, after=2 * SECOND) == 0, "it is not asked again at once"
    authorities[0].broken = None
    assert taken(watch, after=12 * SECOND) == 2


def test_one_that_never_ends_its_answer_holds_up_neither_a_second_of_sound_nor_the_other(
    watch: Round, phone: Phone, authorities: Sequence[Tsa]
) -> None:
    slow, well = authorities
    slow.drips = 0.05
    for one in watch.stampers:
        one.by = replace(one.by, patience=1.5)
    begins(phone)
    begun = watch.look(now=timezone.now() + SECOND)

    began = time.monotonic()
    for number in range(5):
        sends(phone, number)
    spent = time.monotonic() - began

    assert sorted(one.result(30) for one in begun) == [0, 2]
    assert spent < 1.4
    assert covered(slow) == 0
    assert covered(well) >= 1


def test_nobody_who_holds_the_keys_and_stamps_are_taken_all_the_same(
    watch: Round, phone: Phone, authorities: Sequence[Tsa], recordings_folder: Path
) -> None:
    begins(phone)
    sends(phone, 0)
    Recording.objects.update(heard_at=timezone.now() - timedelta(hours=3))
    companion = Companion()
    companion.close(companion.alert()["id"], "4711")
    Event.objects.filter(kind=EventKind.CLOSED).update(at=timezone.now() - timedelta(hours=3))
    (recordings_folder / "keys").rename(recordings_folder / "away")
    settings.SHERIF = replace(settings.SHERIF, evidence=replace(settings.SHERIF.evidence, draws=False))

    assert taken(watch, after=SECOND) == 4
    assert {covered(one) for one in authorities} == {lines()}
    assert Recording.objects.get().state == RecordingState.RUNNING, "it could not be said, so it is not"

    (recordings_folder / "away").rename(recordings_folder / "keys")
    taken(watch, after=62 * SECOND)
    assert Recording.objects.get().state == RecordingState.CLOSED


def test_a_recording_is_settled_when_nothing_can_come_and_all_is_stamped(
    watch: Round, phone: Phone, authorities: Sequence[Tsa]
) -> None:
    begins(phone)
    recordings.close(phone, ONE, 1, now=timezone.now())
    Recording.objects.update(closed_at=timezone.now() - timedelta(hours=25))
    authorities[0].up = False
    taken(watch, after=SECOND)
    assert list(stamping.unsettled())

    authorities[0].up = True
    taken(watch, after=62 * SECOND)
    taken(watch, after=124 * SECOND)

    assert list(stamping.unsettled()) == []


def test_one_that_nobody_ends_is_ended_by_the_worker(watch: Round, phone: Phone) -> None:
    begins(phone)
    sends(phone, 0)
    companion = Companion()
    companion.close(companion.alert()["id"], "4711")

    taken(watch, after=timedelta(hours=2))

    assert Recording.objects.get().state == RecordingState.CLOSED


def test_a_folder_that_somebody_broke_holds_up_no_other(watch: Round, phone: Phone, authorities: Sequence[Tsa]) -> None:
    begins(phone)
    begins(phone, TWO)
    (vault.path_of(ONE) / "manifest").write_bytes(b"nonsense\n")
    vault.forget(ONE)
    taken(watch, after=SECOND)

    assert covered(authorities[0], TWO) == 1


def test_stamps_of_a_former_authority_stay_verifiable(watch: Round, phone: Phone, authorities: Sequence[Tsa]) -> None:
    begins(phone)
    taken(watch, after=SECOND)
    settings.SHERIF = replace(settings.SHERIF, evidence=replace(settings.SHERIF.evidence, authorities=()))

    assert vault.authorities() == []
    assert {covered(one) for one in authorities} == {1}
