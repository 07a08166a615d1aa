"""The media process is the real one; nobody is left in a room afterwards."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from responders import rooms
from responders.views import her_seat
from responders.views import room as doors_of_the_room
from tests.media import MediaProcess, media_process


@pytest.fixture(scope="module")
def process() -> Iterator[MediaProcess]:
    """The media process of all these tests."""
    with media_process() as running:
        yield running


@pytest.fixture(autouse=True)
def _settings(process: MediaProcess, settings: Settings) -> Iterator[None]:
    """The web knows the media process."""
    settings.SHERIF = process.settings
    for gate in (doors_of_the_room.joins, doors_of_the_room.answers, her_seat.joins, her_seat.replies):
        gate._hands.clear()  # numbers of rows begin anew with each test
    yield
    for alert_id in process.client.rooms().rooms:
        process.client.end(alert_id)
    rooms.here().lose()
