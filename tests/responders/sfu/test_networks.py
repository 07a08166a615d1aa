"""Networks that lose, narrow and move. aiortc asks for a lost packet once only: pictures are Chromium's test."""

from typing import Any

import pytest

from responders.sfu import Media, MediaConfig
from responders.sfu.layout import Kind
from responders.sfu.losses import Losses
from responders.sfu.thinlink import Felt, ThinLink
from tests.responders.sfu.callers import ROOM, until
from tests.responders.sfu.conftest import Callers
from tests.responders.sfu.relay import Way, network


async def test_what_a_viewer_loses_comes_again(callers: Callers, media: Media) -> None:
    async with network(media.port, down=Way(loss=0.05)) as between:
        nadia, thomas = callers.call("nadia"), callers.call("thomas")
        await nadia.join(through=between)
        await thomas.join()

        await nadia.receives(thomas.seat, pictures=0, sounds=150)
        await until(lambda: media.stats()["repeated"] > 0)
        assert between.down.lost > 5
        assert media.stats()["pictures_paused"] == 0


async def test_what_is_lost_on_the_way_to_us_is_asked_for(callers: Callers, media: Media) -> None:
    async with network(media.port, up=Way(loss=0.05)) as between:
        nadia, thomas = callers.call("nadia"), callers.call("thomas")
        await nadia.join(through=between)
        await thomas.join()

        await thomas.receives(nadia.seat, pictures=0, sounds=150)
        await until(lambda: media.stats()["asked_again"] > 0)
        await until(lambda: media.stats()["found_again"] > 0)
        assert between.up.lost > 5


async def test_a_relative_whose_network_renumbers_is_followed(callers: Callers, media: Media) -> None:
    async with network(media.port) as between:
        nadia, thomas = callers.call("nadia"), callers.call("thomas")
        await nadia.join(through=between)
        await thomas.join()
        await nadia.receives(thomas.seat)

        between.renumber()

        await nadia.receives(thomas.seat, pictures=0)
        await thomas.receives(nadia.seat, pictures=0)
        assert [seat.state for seat in media.rooms()[ROOM]] == ["connected", "connected"]


class Link:
    """A link of so many bits a second, as a viewer's reports show it, once a second."""

    def __init__(self, bits: float, *, loss: float = 0.0, queue: float = 0.25, video: float = 500_000.0) -> None:
        self.bits, self.loss, self.longest = bits, loss, queue
        self.thin = ThinLink()
        self.videos = [video] * 4
        self.shown = 4
        self.now = 0.0
        self.history: list[tuple[int, float]] = []
        self._queue = 0.0

    def second(self) -> None:
        """Send for a second, hear what came of it, and follow the decision."""
        self.now += 1.0
        sent = 130_000 + sum(self.videos[: self.shown])
        waiting = self._queue * self.bits + sent
        self._queue = min(self.longest, max(0.0, (waiting - self.bits) / self.bits))
        lost = max(0.0, waiting - self.bits - self._queue * self.bits) / sent
        lost += (1 - lost) * self.loss
        self.history.append((self.shown, lost))
        felt = Felt(lost=lost, queue=self._queue, sent=sent)
        self.shown = self.thin.decide(felt, self.now, shown=self.videos[: self.shown], hidden=self.videos[self.shown :])

    def run(self, seconds: int) -> list[tuple[int, float]]:
        """How many pictures were shown and what share was lost, in each of these seconds."""
        for _ in range(seconds):
            self.second()
        return self.history[-seconds:]


def test_a_wide_link_shows_everybody() -> None:
    assert {shown for shown, _ in Link(5_000_000).run(60)} == {4}


def test_loss_without_a_queue_pauses_nobody() -> None:
    assert {shown for shown, _ in Link(5_000_000, loss=0.05).run(60)} == {4}


def test_a_thin_link_keeps_the_sound() -> None:
    link = Link(300_000)
    link.run(10)
    lost = [lost for _, lost in link.run(90)]
    assert sum(lost) / len(lost) < 0.05
    assert sorted(lost)[-10] == 0


def test_a_link_for_two_pictures_shows_one_or_two_most_of_the_time() -> None:
    link = Link(1_250_000)
    link.run(30)
    shown = [shown for shown, _ in link.run(90)]
    assert sum(one in {1, 2} for one in shown) > 80


def test_a_picture_that_hardly_fits_costs_no_sound() -> None:
    link = Link(330_000, video=190_000)
    link.run(15)
    lost = [lost for _, lost in link.run(100)]
    assert sum(lost) / len(lost) < 0.05
    assert sorted(lost)[-12] == 0


def test_pictures_come_back_within_twenty_seconds_of_a_better_link() -> None:
    link = Link(300_000)
    link.run(60)
    link.bits = 5_000_000
    shown = [shown for shown, _ in link.run(50)]
    assert max(shown[:20]) >= 1
    assert shown[-1] == 4


def test_few_packets_prove_little_and_three_seconds_prove_more() -> None:
    losses = Losses()
    shares = []
    for second in range(3):
        losses.hear(Kind.AUDIO, 50, lost=5, now=second)
        losses.hear(Kind.VIDEO, 25, lost=3, now=second)
        shares.append(losses.take())
    assert 0.02 < shares[0] < 0.05 < shares[2] < 0.1
    assert losses.take() > 0.04
    assert [losses.take(), losses.take()][1] == 0


def test_what_was_lost_before_a_picture_was_paused_does_not_pause_another() -> None:
    losses = Losses()
    losses.hear(Kind.AUDIO, 50, lost=25, now=1.0)
    losses.forget(until=2.2)
    losses.hear(Kind.AUDIO, 50, lost=25, now=2.0)
    assert losses.take() == 0
    losses.hear(Kind.AUDIO, 50, lost=25, now=2.5)
    assert losses.take() > 0.3


def test_settings_that_cannot_be_meant_are_refused() -> None:
    wrong: list[dict[str, Any]] = [
        {"address": "localhost"},
        {"announced": "a.example"},
        {"port": 65_536},
        {"level": "x"},
    ]
    for settings in wrong:
        with pytest.raises(ValueError, match=r"\w"):
            MediaConfig(**settings)
