"""The video room as Chromium sees it: five browsers with cameras, bad networks, and a media process that is killed.

Everything runs on this one machine: five encoders and twenty decoders beside the server. ROOM_SECONDS (60) is how long
the five look at each other.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from playwright.sync_api import Browser, Page

from benchmarks import Row
from benchmarks._media_people import reel
from benchmarks._room_killed import PEOPLE, killed
from responders.mediaclient import Claim
from tests import browser
from tests.media import MediaProcess, media_process
from tests.responders.sfu.judged import lossy, thin_link, watch
from tests.responders.sfu.studio import FAKE_DEVICES, Studio, first_after, pages, wait_for_pictures

SECONDS = float(os.environ.get("ROOM_SECONDS", "60"))
JOINS, KILLS = 5, 5
PICTURE_WITHIN, SOUND_WITHIN, BACK_WITHIN = 300, 1_000, 5.0
AS_SENT, THIN_CONCEALED, THIN_SENT, THIN_BACK, LOSSY_CONCEALED = 0.99, 0.02, 1.3, 20.0, 0.08


def main() -> Sequence[Row]:
    """The rows of the table; about six minutes."""
    with browser.chromium(*FAKE_DEVICES) as chromium:
        rows = [*_five(chromium), *_lossy(chromium), *_thin(chromium)]
    return [*rows, _killed()]


class _Seats:
    """Seats of a media process of its own."""

    def __init__(self, media: MediaProcess) -> None:
        self._media = media
        self._room = uuid4()
        self._people: dict[int, str] = {}

    def take(self, person: str) -> Mapping[str, Any]:
        offer = self._media.client.join(self._room, person, wanted=None)
        self._people[offer.seat] = person
        return {"seat": offer.seat, "token": offer.taking, "offer": offer.sdp}

    def hand_in(self, seat: int, token: str, text: str) -> None:
        self._media.client.answer(self._room, Claim(seat=seat, person=self._people[seat], taking=token), text)


def _five(chromium: Browser) -> Sequence[Row]:
    names = [f"relative {number}" for number in range(PEOPLE)]
    with media_process() as media, pages(_Seats(media), chromium) as opens:
        everybody = {seat: opens(name) for seat, name in enumerate(names)}
        _everybody_sees(everybody)
        seen = watch(everybody, SECONDS)
        pictures, sounds = [], []
        for _ in range(JOINS):
            everybody[PEOPLE - 1].context.close()
            everybody[PEOPLE - 1] = opens(names[-1])
            _everybody_sees({PEOPLE - 1: everybody[PEOPLE - 1]})
            first = first_after(everybody[PEOPLE - 1])
            pictures.append(max(first[f"v{seat}"] for seat in range(PEOPLE - 1)))
            sounds.append(max(first[f"a{seat}"] for seat in range(PEOPLE - 1)))
    least = min(one.decoded for one in seen)
    lost, freezes = sum(one.lost for one in seen), sum(one.freezes for one in seen)
    width, frames = min(one.width for one in seen), min(one.frames for one in seen)
    return [
        Row(
            claim=f"five Chromium, {len(seen)} pictures for {SECONDS:.0f} s: frames decoded of those sent",
            measured=f"{100 * least:.1f} % at worst ({width} wide, {frames:.0f} a second)",
            against="the frames that were encoded",
            ratio=least,
            to_reach=f">= {100 * AS_SENT:.0f} %",
            reached=least >= AS_SENT,
        ),
        Row(
            claim="the same, what was lost",
            measured=f"{freezes} freezes, {lost} packets",
            against="",
            ratio=None,
            to_reach="0, 0",
            reached=freezes == 0 and lost == 0,
        ),
        _at_most("the fifth joins: until the last of four pictures", median(pictures), most=PICTURE_WITHIN, unit="ms"),
        _at_most("the fifth joins: until the last of four voices", median(sounds), most=SOUND_WITHIN, unit="ms"),
    ]


def _everybody_sees(everybody: Mapping[int, Page]) -> None:
    for seat, page in everybody.items():
        wait_for_pictures(page, *(f"v{other}" for other in range(PEOPLE) if other != seat), frames=20)


def _lossy(chromium: Browser) -> Sequence[Row]:
    rows = []
    for way in ("down", "up"):
        studio = Studio()
        try:
            with pages(studio, chromium) as opens:
                judged = lossy(studio, opens, way)
        finally:
            studio.close()
        rows.append(
            Row(
                claim=f"one packet in twenty lost on the way {way}",
                measured=f"{judged.frozen:.1f} s frozen, {100 * judged.concealed:.1f} % of the sound made up",
                against="",
                ratio=None,
                to_reach=f"< 1 s, < {100 * LOSSY_CONCEALED:.0f} %",
                reached=judged.frozen < 1 and judged.concealed < LOSSY_CONCEALED,
            )
        )
    return rows


def _thin(chromium: Browser) -> Sequence[Row]:
    studio = Studio()
    try:
        with pages(studio, chromium) as opens:
            judged = thin_link(studio, opens, seconds=20)
    finally:
        studio.close()
    made_up, most = 100 * judged.concealed, 100 * THIN_CONCEALED
    lost = sum(one.lost for one in judged.others)
    return [
        _at_most("two pictures into 300 kbit/s: sound made up after 10 s", made_up, most=most, unit="%"),
        _at_most("the same, sent of its streams", judged.sent, most=THIN_SENT, unit="times"),
        _at_most("the same, picture back after the link is better", judged.back, most=THIN_BACK, unit="s"),
        _at_most("the same, packets that the others lost", lost, most=0, unit="packets"),
    ]


def _killed() -> Row:
    with TemporaryDirectory(prefix="sherif-room-") as folder:
        took = asyncio.run(killed(Path(folder), reel(), times=KILLS))
    claim = f"media process killed under five cameras, {KILLS} times: all hear and see all"
    return _at_most(claim, max(took), most=BACK_WITHIN, unit=f"s at worst, {median(took):.1f} s median")


def _at_most(claim: str, measured: float, *, most: float, unit: str) -> Row:
    return Row(
        claim=claim,
        measured=f"{measured:.4g} {unit}",
        against="",
        ratio=None,
        to_reach=f"<= {most:.4g}",
        reached=measured <= most,
    )
