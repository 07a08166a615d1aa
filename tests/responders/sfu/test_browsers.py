"""Chromium judges the media core: everybody sees and hears, bad networks cost pictures first, and never the sound."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from tests import browser
from tests.responders.sfu.callers import ROOM
from tests.responders.sfu.relay import Way
from tests.responders.sfu.studio import (
    FAKE_DEVICES,
    Filmed,
    Opens,
    Statistics,
    Studio,
    concealed,
    first_after,
    pages,
    rate,
    received,
    sent,
    wait_for_pictures,
)

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
    opened = [people(person) for person in ("nadia", "thomas", "awa")]
    others = {seat: [other for other in range(3) if other != seat] for seat in range(3)}
    for seat, page in enumerate(opened):
        wait_for_pictures(page, *(f"v{other}" for other in others[seat]), frames=60)
    before = [{**received(page), **sent(page)} for page in opened]
    opened[0].wait_for_timeout(4_000)
    after = [{**received(page), **sent(page)} for page in opened]

    for seat in range(3):
        for other in others[seat]:
            picture, sound = after[seat][f"v{other}"], after[seat][f"a{other}"]
            assert (picture["packetsLost"], sound["packetsLost"]) == (0, 0)
            assert picture["frameWidth"] >= 320
            films = rate(before[other], after[other], (f"v{other}", "framesSent"))
            sees = rate(before[seat], after[seat], (f"v{other}", "framesDecoded"))
            assert sees > 0.9 * films > 5
            assert concealed(before[seat], after[seat], f"a{other}") < 0.1
    first = first_after(opened[2])
    assert all(0 <= first[line] < FIRST for line in ("v0", "v1", "a0", "a1"))


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
    studio: Studio, people: Opens, way: str, record_property: Callable[[str, object], None]
) -> None:
    between = studio.network(**{way: Way(loss=0.05)})
    nadia, thomas = people("nadia", through=between), people("thomas")
    watching, seat = (thomas, 0) if way == "up" else (nadia, 1)
    before = wait_for_pictures(watching, f"v{seat}", frames=40)

    after = wait_for_pictures(watching, f"v{seat}", frames=before[f"v{seat}"]["framesDecoded"] + 200)

    frozen = after[f"v{seat}"]["totalFreezesDuration"] - before[f"v{seat}"]["totalFreezesDuration"]
    made_up = concealed(before, after, f"a{seat}")
    record_property("frozen seconds, concealed share", f"{frozen:.2f} s, {100 * made_up:.1f} %")
    assert (between.up if way == "up" else between.down).lost > 10
    assert frozen < 1
    assert made_up < 0.08
    assert studio.media.stats()["pictures_paused"] == 0


def test_a_thin_link_keeps_the_sound_and_gets_the_picture_back(
    studio: Studio, people: Opens, record_property: Callable[[str, object], None]
) -> None:
    thomas, awa = people("thomas"), people("awa")
    between = studio.network(down=Way(bits=300_000))
    nadia = people("nadia", through=between)
    nadia.wait_for_timeout(10_000)
    before = received(nadia)
    others = {page: received(page) for page in (thomas, awa)}

    nadia.wait_for_timeout(20_000)

    after = received(nadia)
    made_up = max(concealed(before, after, line) for line in ("a0", "a1"))
    carried = studio.carried(2)
    offered = between.down.offered_bytes / carried
    between.down.bits = None
    back = _until_a_picture_moves(nadia)
    record_property("concealed, sent of its streams, back", f"{100 * made_up:.1f} %, {offered:.2f}, {back:.1f} s")
    assert made_up < 0.02
    assert offered < 1.3
    assert back < 20
    assert studio.media.stats()["pictures_paused"] > 0
    for page, line in ((thomas, "1"), (awa, "0")):
        _untouched(page, others[page], line)
    assert [seat.person for seat in studio.media.rooms()[ROOM]] == ["thomas", "awa", "nadia"]


def _until_a_picture_moves(page: Page) -> float:
    """Seconds until one line shows a second's frames more. Raises TimeoutError."""
    began, before = page.evaluate("performance.now()"), received(page)
    for _ in range(100):
        page.wait_for_timeout(300)
        found = received(page)
        if any(found[line]["framesDecoded"] > before[line]["framesDecoded"] + 20 for line in ("v0", "v1")):
            return float((page.evaluate("performance.now()") - began) / 1_000)
    raise TimeoutError("no picture came back within 30 seconds")


def _untouched(page: Page, before: Statistics, line: str) -> None:
    """What this page sees and hears of somebody on a good link."""
    after = received(page)
    for kind in "av":
        assert after[kind + line]["packetsLost"] == before[kind + line]["packetsLost"]
    assert rate(before, after, (f"v{line}", "framesDecoded")) > 0.9 * after[f"v{line}"]["framesPerSecond"] > 5
    assert concealed(before, after, f"a{line}") < 0.02
