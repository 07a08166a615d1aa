"""The markup of the video room, asked for when somebody joins: for who opened the link, in her language."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client

from responders.domain import roomwords
from tests.responders.rescue import make_rescue, open_link

PARTS = Path(__file__).resolve().parent.parent.parent / "static/js"
STATES = ["joining", "alone", "again", "away", "blocked", "full", "replaced", "unable", "over", "unheard"]
QUALITIES = [f"link_{how}" for how in ("good", "weak", "some", "sound", "bad")]


@pytest.mark.django_db
def test_a_relative_who_joins_gets_the_room_in_her_language(client: Client) -> None:
    nadia = open_link(make_rescue(), "Nadia")
    client.cookies["visit"] = nadia.key

    page = client.get(f"/alert/{nadia.link.place}/room/page")

    assert page.status_code == 200
    assert page.headers["Content-Language"] == nadia.link.contact.language
    html = page.content.decode()
    words = re.search(r'<script id="room-words" type="application/json">(.*?)</script>', html)
    assert words
    assert json.loads(words.group(1)).keys() == roomwords.room().keys()
    for part in (
        "room",
        "tiles",
        "room-word",
        "room-said",
        "map-swap",
        "dock",
        "microphone",
        "camera",
        "facing",
        "hang-up",
    ):
        assert html.count(f'id="{part}"') == 1


@pytest.mark.django_db
def test_who_did_not_open_the_link_gets_nothing_of_the_room(client: Client) -> None:
    nadia = open_link(make_rescue(), "Nadia")

    page = client.get(f"/alert/{nadia.link.place}/room/page")

    assert page.status_code == 404
    assert "tiles" not in page.content.decode()


def test_every_state_of_the_room_has_its_sentence() -> None:
    words = roomwords.room()
    devices = [
        f"{what}_{how}" for what in ("microphone", "camera") for how in ("asked", "refused", "absent", "busy", "lost")
    ]
    assert [key for key in [*STATES, *QUALITIES, *devices] if not words.get(key)] == []


def test_every_word_that_the_room_says_is_given_to_it() -> None:
    given = roomwords.room() | roomwords.door()
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(PARTS.glob("*/room*.js")))
    asked = set(re.findall(r'say\([a-z.]*words, "(\w+)"', code))
    assert asked
    assert asked - given.keys() == set()
