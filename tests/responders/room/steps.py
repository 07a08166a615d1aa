"""What pages and the service do about a room, in the words of the tests."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from alerts.models import Alert
from responders import mediaclient, rooms
from responders.domain import room
from tests.responders.scenes import link_of


def hear() -> None:
    """What the web process hears of the media process a moment later."""
    rooms.here().hear(mediaclient.of_installation().rooms())


def look_after() -> None:
    """What every web process does once a second."""
    media = mediaclient.of_installation()
    room.end_what_is_over(media, media.rooms().rooms, now=timezone.now())


def seats(alert: Alert) -> dict[int, str]:
    """Who sits where: the media process says so."""
    return {one.seat: one.person for one in mediaclient.of_installation().rooms().rooms.get(alert.pk, ())}


def named(alert: Alert, *people: Any) -> list[str]:
    """What these people are called there."""
    return [f"contact-{link_of(alert, person).contact_id}" for person in people]


def join(browser: Client, place: str) -> Any:
    """One tap."""
    return browser.post(f"{place}room")


def answer(browser: Client, place: str, seat: int, **body: Any) -> HttpResponse:
    """What the browser says to the offer."""
    said: Any = browser.put(f"{place}room/{seat}", json.dumps(body), content_type="application/json")
    return said  # type: ignore[no-any-return]


def code(response: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    error = response.json()["error"]
    assert error["message"].endswith(".")
    return response.status_code, error["code"]
