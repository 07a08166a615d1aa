"""Chromium judges the media core: everybody sees and hears, bad networks cost pictures first, and never the sound."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium

from tests import browser
from tests.responders.sfu.judged import lossy, thin_link, watch
from tests.responders.sfu.studio import FAKE_DEVICES, Filmed, Opens, Studio, first_after, pages, wait_for_pictures

pytestmark = [pytest.mark.journey, pytest.mark.slow]
FIRST = 5_000  # milliseconds; 300 and 1,000 on a machine that does nothing else: `make bench`


@pytest.fixture
def studio() -> Iterator[Studio]:
    running = Studio()
    yield running
    running.close()


@pytest.fixture(scope="module")
def chromium_that_films() -> Iterator[Chromium]:
    with browser.chromium(*FAKE_DEVICES) as running:
        yield running


@pytest.fixture
def people(studio: Studio, chromium_that_films: Chromium) -> Iterator[Opens]:
    """Opens a page for somebody, in a window of their own."""
    with pages(studio, chromium_that_films) as opens:
        yield opens


def test_three_pages_hear_and_see_each_other_as_sent(people: Opens) -> None:
    opened = {seat: people(person) for seat, person in enumerate(("nadia", "thomas", "awa"))}
    for seat, page in opened.items():
        wait_for_pictures(page, *(f"v{other}" for other in opened if other != seat), frames=60)

    for seen in watch(opened, 4):
        assert (seen.lost, seen.width >= 320) == (0, True), seen
        assert seen.decoded > 0.9, seen
        assert seen.frames > 5, seen
        assert seen.concealed < 0.1, seen
    first = first_after(opened[2])
    # Sound may be there before the browser says that the transport is up.
    assert all(-FIRST < first[line] < FIRST for line in ("v0", "v1", "a0", "a1")), first


def test_h264_is_forwarded_as_well(people: Opens) -> None:
    people("nadia", film=Filmed(codec="video/H264"))
    thomas = people("thomas")

    found = wait_for_pictures(thomas, "v0", frames=40)

    codec = thomas.evaluate(
        "async (id) => (await window.connection.getStats()).get(id).mimeType", found["v0"]["codecId"]
    )
    assert codec == "video/H264"


@pytest.mark.parametrize("way", ["up", "down"])
def test_where_one_packet_in_twenty_is_lost_no_picture_freezes_and_the_sound_is_whole(
    studio: Studio, people: Opens, way: str
) -> None:
    judged = lossy(studio, people, way)

    assert judged.lost > 10
    assert judged.frozen < 1
    assert judged.concealed < 0.08
    assert studio.media.stats()["pictures_paused"] == 0


def test_a_thin_link_keeps_the_sound_gets_the_picture_back_and_disturbs_nobody(studio: Studio, people: Opens) -> None:
    judged = thin_link(studio, people, seconds=20)  # one trial of a picture falls into it, seldom two

    assert studio.media.stats()["pictures_paused"] > 0
    assert judged.concealed < 0.02 + max(
        seen.concealed for seen in judged.others
    )  # a busy machine's share is theirs too
    assert judged.sent < 1.3
    assert judged.back < 20
    assert all(seen.lost == 0 and seen.decoded > 0.9 and seen.concealed < 0.1 for seen in judged.others)
