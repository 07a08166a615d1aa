"""What a web process believes about the rooms: what it heard last, and nothing when nobody answers."""

from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import beats
from responders import rooms
from responders.mediaclient import Rooms, Sitting
from responders.rooms import Board
from tests.media import media_process
from tests.sherif_web.test_watch import figure

ALERT, OTHER = uuid4(), uuid4()
NADIA = Sitting(seat=0, person="contact-1", state="joining", publishes=(), taking="a")
THOMAS = Sitting(seat=1, person="contact-2", state="connected", publishes=("audio",), taking="b")


def heard(seats: Mapping[UUID, tuple[Sitting, ...]] | None = None) -> Rooms:
    """The media process says this."""
    return Rooms(process="p", number=0, rooms=seats or {})


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def board(clock: Clock) -> Board:
    return Board(clock)


def test_only_the_pages_of_a_room_that_changed_are_told(board: Board) -> None:
    first = {ALERT: (NADIA,), OTHER: (THOMAS,)}
    assert board.hear(heard(first)) == {ALERT, OTHER}
    assert board.hear(heard(first)) == set()
    assert board.hear(heard({ALERT: (NADIA, THOMAS), OTHER: (THOMAS,)})) == {ALERT}
    assert board.hear(heard({OTHER: (THOMAS,)})) == {ALERT}


def test_when_it_dies_seats_are_empty(board: Board) -> None:
    board.hear(heard({ALERT: (NADIA,)}))
    board.lose()
    assert (board.is_up, board.sittings(ALERT), board.known) == (False, (), None)


def test_one_that_never_was_there_is_missed_by_nobody(board: Board, clock: Clock) -> None:
    board.lose()
    clock.now = 100.0
    assert board.missed_seconds == 0

    board.hear(heard())
    board.lose()
    clock.now = 131.0
    board.lose()
    assert board.missed_seconds == 31
    board.hear(heard())
    assert board.missed_seconds == 0


@pytest.mark.django_db(transaction=True)
def test_a_monitor_reads_that_the_room_is_away_and_no_click_is_refused(client: Client) -> None:
    beats.beat(beats.AUDITOR, now=timezone.now())
    rooms.here.cache_clear()
    board = rooms.here()
    board.hear(heard())
    assert client.get("/readyz?all").json()["room"] == "up"
    board.lose()
    assert client.get("/readyz?all").status_code == 200, "it is being restarted"
    assert board._lost_at is not None
    board._lost_at -= 31
    assert (client.get("/readyz?all").status_code, client.get("/readyz").status_code) == (503, 200)
    assert client.get("/readyz").json()["room"] == "away"
    rooms.here.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_rooms_and_seats_are_figures_and_name_nobody(client: Client, settings: Settings) -> None:
    assert figure(client, "sherif_media_up") == 0.0
    with media_process() as media:
        settings.SHERIF = media.settings
        media.client.join(ALERT, "contact-4711", wanted=0)
        assert figure(client, "sherif_media_up") == 1.0
        assert (figure(client, "sherif_media_rooms"), figure(client, "sherif_media_seats")) == (1.0, 1.0)
        assert figure(client, "sherif_media_joins_total") == 1.0
        text = client.get("/metrics").content.decode()
        assert str(ALERT) not in text
        assert "4711" not in text
