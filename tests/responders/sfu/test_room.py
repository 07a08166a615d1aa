"""People hear and see each other, come, go and come back."""

import pytest

from responders.sfu import Media, MediaConfig, NoSeat, RoomFull
from tests.responders.sfu.callers import ROOM, server, until
from tests.responders.sfu.conftest import Callers


async def test_three_relatives_hear_and_see_each_other(media: Media, callers: Callers) -> None:
    nadia, thomas, awa = await callers.join("nadia", "thomas", "awa")

    await nadia.receives(thomas.seat, awa.seat)
    await thomas.receives(nadia.seat, awa.seat)
    await awa.receives(nadia.seat, thomas.seat)
    assert [seat.person for seat in media.rooms()[ROOM]] == ["nadia", "thomas", "awa"]
    assert all(seat.state == "connected" and seat.publishes == {"audio", "video"} for seat in media.rooms()[ROOM])


async def test_whoever_rejoins_keeps_the_seat_and_is_seen_again(media: Media, callers: Callers) -> None:
    nadia, thomas = await callers.join("nadia", "thomas")
    await thomas.receives(nadia.seat)
    back = callers.call("nadia", brightness=200)

    await back.join()

    assert back.seat == nadia.seat
    await thomas.receives(back.seat)
    await until(lambda: abs(thomas.bright[back.seat] - 200) < 20)
    await back.receives(thomas.seat)
    await until(lambda: nadia.connection.connectionState == "closed")


async def test_another_person_in_the_same_seat_is_heard_and_seen(media: Media, callers: Callers) -> None:
    nadia, thomas = await callers.join("nadia", "thomas")
    await thomas.receives(nadia.seat)
    await nadia.leave()
    awa = callers.call("awa", brightness=200)

    await awa.join(wanted=nadia.seat)

    assert awa.seat == nadia.seat
    await thomas.receives(awa.seat)
    await until(lambda: abs(thomas.bright[awa.seat] - 200) < 20)


async def test_a_page_that_closes_frees_its_seat_at_once(media: Media, callers: Callers) -> None:
    nadia, _ = await callers.join("nadia", "thomas")
    await until(lambda: all(seat.publishes == {"audio", "video"} for seat in media.rooms()[ROOM]))
    changed: list[str] = []
    media.on_change = changed.append

    await nadia.close()

    await until(lambda: [seat.person for seat in media.rooms()[ROOM]] == ["thomas"], seconds=3)
    assert changed == [ROOM]


async def test_the_ended_room_lets_everybody_go(media: Media, callers: Callers) -> None:
    nadia, thomas = await callers.join("nadia", "thomas")

    await media.end(ROOM)

    assert media.rooms() == {}
    await until(lambda: {one.connection.connectionState for one in (nadia, thomas)} == {"closed"})


async def test_all_eight_hear_and_see_all_eight_and_the_ninth_is_told_that_it_is_full(
    media: Media, callers: Callers
) -> None:
    names = ("nadia", "thomas", "awa", "lucie", "yann", "the line", "marie", "one more")
    everybody = await callers.join(*names, decode=False)

    for caller in everybody:
        await caller.receives(*{other.seat for other in everybody} - {caller.seat}, pictures=1, sounds=5)

    with pytest.raises(RoomFull):
        await media.join(ROOM, "a ninth")
    assert [seat.publishes for seat in media.rooms()[ROOM]] == [{"audio", "video"}] * 8


async def test_seats_are_wanted_or_free_and_eight_are_all_there_are() -> None:
    async with server(MediaConfig()) as media:
        assert (await media.join(ROOM, "marie", wanted=6)).seat == 6
        assert (await media.join(ROOM, "thomas", wanted=6)).seat == 0
        taken = {(await media.join(ROOM, f"relative {number}")).seat for number in range(6)}
        assert taken == {1, 2, 3, 4, 5, 7}

        with pytest.raises(RoomFull):
            await media.join(ROOM, "one too many")

        assert (await media.join(ROOM, "thomas")).seat == 0
        assert (await media.join("another alert", "paul")).seat == 0


async def test_only_the_token_leaves_and_answers() -> None:
    async with server(MediaConfig()) as media:
        joined = await media.join(ROOM, "nadia")

        for token in ("", "x", "é\ud800"):
            with pytest.raises(NoSeat):
                await media.leave(ROOM, joined.seat, token)
            with pytest.raises(NoSeat):
                await media.answer(ROOM, joined.seat, token, "v=0")
        with pytest.raises(NoSeat):
            await media.leave("another alert", joined.seat, joined.token)

        await media.leave(ROOM, joined.seat, joined.token)
        assert media.rooms() == {}
