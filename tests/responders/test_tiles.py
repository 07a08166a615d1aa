"""The base map through our own origin: every way in which somebody else's server fails costs pictures, never a page."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from responders.tiles import Address, BaseMap, Rest, Store, Upstream
from tests.tileserver import JPEG, WEBP, Mood, TileServer, picture, tile_server

NOON = 1_800_000_000.0
DAY = 86_400.0
COMPIEGNE = Address(14, 8320, 5600)
PATIENT = 10.0  # seconds: the machine is busy


@pytest.fixture
def upstream() -> Iterator[TileServer]:
    with tile_server() as running:
        yield running


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


_made: list[BaseMap] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _made:
        _made.pop().close()


def base_map(
    url: str, folder: Path, *, seconds: float = PATIENT, patience: float = PATIENT, rest: Rest | None = None
) -> BaseMap:
    """Ours in front of the stand-in."""
    ours = BaseMap(Upstream(url, seconds=seconds), store=Store(folder), patience=patience, rest=rest)
    _made.append(ours)
    return ours


@pytest.mark.parametrize(
    ("mood", "media_type", "expected"),
    [(Mood.WELL, "image/png", picture()), (Mood.JPEG, "image/jpeg", JPEG), (Mood.WEBP, "image/webp", WEBP)],
)
def test_a_picture_is_asked_for_once_and_kept(
    *, upstream: TileServer, tmp_path: Path, mood: Mood, media_type: str, expected: bytes
) -> None:
    upstream.mood = mood
    ours = base_map(upstream.url, tmp_path)
    shown = [ours.tile(COMPIEGNE, now=NOON) for _again in range(3)]

    assert [(tile.media_type, tile.picture) for tile in shown if tile] == [(media_type, expected)] * 3
    assert upstream.asked == ["/plan/14/8320/5600.png?key=of-an-account"]
    assert base_map(upstream.url, tmp_path).tile(COMPIEGNE, now=NOON) == shown[0], "after a restart too"
    assert len(upstream.asked) == 1


def test_the_server_learns_that_we_ask_and_nothing_of_who_looks(upstream: TileServer, tmp_path: Path) -> None:
    ours = base_map(upstream.url, tmp_path)
    for x in range(20):
        assert ours.tile(Address(14, x, 1), now=NOON)

    assert {frozenset(headers) for headers in upstream.headers} == {
        frozenset({"host", "user-agent", "accept", "accept-encoding"})
    }
    assert upstream.headers[0]["user-agent"].startswith("MonSherif")
    assert upstream.headers[0]["accept-encoding"] == "identity"
    assert upstream.connections <= 6, "connections are kept"


@pytest.mark.parametrize(
    "mood",
    [Mood.FAILING, Mood.FORBIDDEN, Mood.GARBAGE, Mood.HUGE, Mood.ENDLESS, Mood.BOMB, Mood.ELSEWHERE, Mood.CUT],
)
def test_a_server_that_talks_nonsense_is_believed_in_nothing_and_left_alone(
    upstream: TileServer, tmp_path: Path, mood: Mood
) -> None:
    upstream.mood, clock = mood, Clock()
    ours = base_map(upstream.url, tmp_path, rest=Rest(clock))
    for x in range(30):
        assert ours.tile(Address(14, x, 1), now=NOON) is None

    assert len(upstream.asked) == 3
    assert not any("elsewhere" in path for path in upstream.asked)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]

    rested = [ours.rests]
    upstream.mood, clock.now = Mood.WELL, clock.now + 31
    rested.append(ours.rests)
    assert rested == [True, False]
    assert ours.tile(COMPIEGNE, now=NOON)


def test_each_failure_after_a_rest_makes_the_next_one_longer(upstream: TileServer, tmp_path: Path) -> None:
    upstream.mood, clock = Mood.FAILING, Clock()
    ours = base_map(upstream.url, tmp_path, rest=Rest(clock))
    asked = []
    for _minute in range(30):
        for x in range(5):
            ours.tile(Address(14, x, 1), now=NOON)
        asked.append(len(upstream.asked))
        clock.now += 60

    assert asked[0] == 3
    assert asked[-1] <= 12, "half an hour of failures costs a dozen questions"


@pytest.mark.parametrize("mood", [Mood.HANGING, Mood.DRIPPING])
def test_a_server_that_never_ends_is_waited_for_a_moment_and_then_left_alone(
    upstream: TileServer, tmp_path: Path, mood: Mood
) -> None:
    upstream.mood = mood
    ours = base_map(upstream.url, tmp_path, seconds=0.6, patience=0.2)
    began = time.monotonic()
    assert ours.tile(COMPIEGNE, now=NOON) is None
    assert time.monotonic() - began < 0.6, "the browser has waited enough"

    assert _within(5, lambda: ours.rests)
    began = time.monotonic()
    assert [ours.tile(Address(14, x, 1), now=NOON) for x in range(100)] == [None] * 100
    assert time.monotonic() - began < 1
    assert len(upstream.asked) == 1
    assert not [path for path in tmp_path.rglob("*") if path.is_file()], "half a picture is never kept"


def test_a_server_that_is_not_there_is_asked_once(tmp_path: Path) -> None:
    with tile_server() as gone:
        url = gone.url
    ours = base_map(url, tmp_path)
    assert ours.tile(COMPIEGNE, now=NOON) is None
    assert ours.rests


def test_what_comes_too_late_for_one_browser_is_there_for_the_next(upstream: TileServer, tmp_path: Path) -> None:
    upstream.mood, upstream.seconds = Mood.SLOW, 0.5
    ours = base_map(upstream.url, tmp_path, patience=0.05)
    assert ours.tile(COMPIEGNE, now=NOON) is None
    assert _within(5, lambda: ours.tile(COMPIEGNE, now=NOON) is not None)
    assert len(upstream.asked) == 1


def test_fifty_browsers_at_once_ask_for_each_picture_once_and_hold_six_connections(
    upstream: TileServer, tmp_path: Path
) -> None:
    upstream.mood, upstream.seconds = Mood.SLOW, 0.05
    ours = base_map(upstream.url, tmp_path)
    together = threading.Barrier(50)

    def look(number: int) -> bool:
        together.wait()
        return ours.tile(Address(14, number % 10, 1), now=NOON) is not None

    with ThreadPoolExecutor(50) as crowd:
        assert all(crowd.map(look, range(50)))
    assert len(upstream.asked) == 10
    assert upstream.most_inside <= 6
    assert upstream.connections <= 6


def test_an_old_picture_is_shown_while_the_server_fails_and_no_longer(upstream: TileServer, tmp_path: Path) -> None:
    ours = base_map(upstream.url, tmp_path)
    first = ours.tile(COMPIEGNE, now=NOON)
    assert ours.tile(COMPIEGNE, now=NOON + 6 * DAY) == first
    assert len(upstream.asked) == 1
    upstream.mood = Mood.FAILING
    assert ours.tile(COMPIEGNE, now=NOON + 8 * DAY) == first
    assert len(upstream.asked) == 2
    upstream.mood = Mood.WELL
    assert ours.tile(COMPIEGNE, now=NOON + 9 * DAY) == first
    assert ours.tile(COMPIEGNE, now=NOON + 10 * DAY) == first
    assert len(upstream.asked) == 3, "fetched anew: fresh for another week"
    upstream.mood = Mood.FAILING
    assert ours.tile(COMPIEGNE, now=NOON + 60 * DAY) is None


@pytest.mark.parametrize("mood", [Mood.ABSENT, Mood.EMPTY])
def test_where_there_is_no_picture_nobody_asks_again_for_a_day(
    upstream: TileServer, tmp_path: Path, mood: Mood
) -> None:
    upstream.mood = mood
    ours = base_map(upstream.url, tmp_path)
    assert [ours.tile(COMPIEGNE, now=NOON + hour * 3600) for hour in (0, 1, 20)] == [None] * 3
    assert len(upstream.asked) == 1
    assert not ours.rests, "the sea is no failure"
    upstream.mood = Mood.WELL
    assert ours.tile(COMPIEGNE, now=NOON + 1.1 * DAY)


@pytest.mark.parametrize("address", [Address(14, 1 << 14, 0), Address(14, 0, -1), Address(23, 0, 0), Address(-1, 0, 0)])
def test_an_address_outside_the_world_reaches_neither_disk_nor_server(
    upstream: TileServer, tmp_path: Path, address: Address
) -> None:
    assert base_map(upstream.url, tmp_path).tile(address, now=NOON) is None
    assert upstream.asked == []
    assert not list(tmp_path.iterdir())


def test_a_failure_is_said_in_the_log_once_and_never_where_somebody_looked(
    upstream: TileServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    upstream.mood = Mood.FAILING
    ours = base_map(upstream.url, tmp_path)
    with caplog.at_level(logging.DEBUG):
        for x in range(8320, 8340):
            ours.tile(Address(14, x, 5600), now=NOON)
    assert len(caplog.records) == 1
    assert "status 500" in caplog.text
    assert not any(secret in caplog.text for secret in ("8320", "5600", "of-an-account"))


def _within(seconds: float, true: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.02)
    return False
