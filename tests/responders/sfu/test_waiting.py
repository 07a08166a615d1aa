"""How long a link makes everything wait, and what only looks like that."""

from aioice import stun

from responders.sfu import Media
from responders.sfu.arrivals import Arrivals
from responders.sfu.pings import Pings, is_answer
from responders.sfu.waiting import Waiting
from tests.responders.sfu.callers import ROOM, until
from tests.responders.sfu.conftest import Callers
from tests.responders.sfu.relay import network

PASSWORD = b"p" * 24


def waiting(*trips: float) -> Waiting:
    """Ten trips at their best, then these, ten a second."""
    found = Waiting()
    for number, trip in enumerate((*[0.03] * 10, *trips)):
        found.hear(number / 10, number / 10 + trip)
    return found


def answer(asked: bytes, password: bytes = PASSWORD, *, to: bytes | None = None) -> bytes:
    """What a browser says to a check."""
    request = stun.parse_message(asked)
    reply = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, to or request.transaction_id)
    reply.attributes["XOR-MAPPED-ADDRESS"] = ("192.0.2.7", 5_000)
    reply.add_message_integrity(password)
    return bytes(reply)


def test_a_queue_stands_and_one_late_answer_is_none() -> None:
    assert waiting().seconds(0.0) == 0
    assert waiting(0.4).seconds(0.0) < 0.001
    assert waiting(0.4, 0.3, 0.2, 0.05).seconds(0.0) < 0.03
    assert waiting(0.4, 0.3, 0.25, 0.28).seconds(0.0) > 0.2


def test_what_went_before_something_was_done_says_nothing() -> None:
    full = waiting(0.4, 0.4, 0.4, 0.4)
    assert full.seconds(1.0) > 0.3
    assert full.seconds(1.05) == 0


def test_another_way_that_is_longer_is_soon_its_own_best() -> None:
    moved = waiting(*[0.1] * 20)
    assert (moved.is_doubtful, moved.seconds(0.0) > 0.05) == (True, True)
    for number in range(30, 400):
        moved.hear(number / 10, number / 10 + 0.1)
    assert (moved.is_doubtful, moved.seconds(0.0)) == (False, 0)


def test_only_the_browsers_own_answer_to_our_own_check_counts_and_once() -> None:
    pings = Pings(ours="ours", theirs="theirs", password=PASSWORD)
    asked = pings.ask(5.0)
    assert is_answer(answer(asked))
    assert not is_answer(asked)
    assert stun.parse_message(asked).attributes["USERNAME"] == "theirs:ours"

    assert pings.hear(answer(asked, b"x" * 24)) is None
    assert pings.hear(answer(asked, to=b"t" * 12)) is None
    assert pings.hear(answer(asked)[:-3]) is None
    assert pings.hear(answer(asked)) == 5.0
    assert pings.hear(answer(asked)) is None


def test_sound_that_comes_late_is_noticed_and_forgotten() -> None:
    arrivals, now = Arrivals(48_000), 100.0
    for number in range(50):
        now = 100 + number / 50
        arrivals.take(number, timestamp=960 * number, now=now)
    assert arrivals.late(now) < 0.001

    arrivals.take(50, timestamp=960 * 50, now=now + 0.32)
    assert 0.29 < arrivals.late(now + 0.32) < 0.31
    arrivals.take(51, timestamp=960 * 51, now=now + 0.33)
    assert arrivals.late(now + 0.4) > 0.2
    assert arrivals.late(now + 1.0) == 0

    arrivals.take(52, timestamp=5, now=now + 2)  # another clock: a new microphone
    assert arrivals.late(now + 2) == 0


async def test_a_full_link_is_felt_and_a_stranger_is_not_asked(callers: Callers, media: Media) -> None:
    async with network(media.port) as between:
        nadia = callers.call("nadia")
        await nadia.join(through=between)
        await until(lambda: media.stats()["checks_answered"] > 10)
        viewing = media._rooms[ROOM].peers[nadia.seat].viewing
        assert viewing is not None
        assert viewing._waiting.seconds(0.0) < 0.1

        between.down.longer = 0.3
        await until(lambda: viewing._waiting.seconds(0.0) > 0.2)
    assert media.stats()["strangers"] == 0
