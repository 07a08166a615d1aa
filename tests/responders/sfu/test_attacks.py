"""Who is not invited, and who is and misbehaves: one seat at most is lost, and it is theirs."""

import asyncio
import gc
import os
import re
import socket
import sys
import time

import pytest
from aioice import stun

from responders.sfu import BadAnswer, Limits, Media, MediaConfig, NoSeat
from responders.sfu.peer import Peer
from tests.responders.sfu.callers import ROOM, Caller, server, until
from tests.responders.sfu.conftest import Callers
from tests.responders.sfu.mutations import browser, many
from tests.responders.sfu.relay import network
from tests.responders.sfu.strangers import client_hello, flood, garbage

MUTATIONS = int(os.environ.get("MEDIA_MUTATIONS", "1000"))  # a campaign says 20000
VISITS = int(os.environ.get("MEDIA_VISITS", "10"))  # a campaign says 500


@pytest.mark.parametrize("each_second", [10, 100])
async def test_five_relatives_come_in_while_a_stranger_says_hello(
    callers: Callers, media: Media, each_second: int
) -> None:
    hello = client_hello()
    async with flood(lambda _: hello, media.port, each_second=each_second):
        people = await callers.join("nadia", "thomas", "awa", "lucie", "yann")

        assert [person.connection.connectionState for person in people] == ["connected"] * 5
        await people[0].receives(1, 2, 3, 4, pictures=1, sounds=5)
    assert media.stats()["strangers"] > 0


async def test_the_call_goes_on_while_a_stranger_sends_ten_thousand_packets_a_second(
    callers: Callers, media: Media
) -> None:
    nadia, thomas = await callers.join("nadia", "thomas")
    async with flood(garbage, media.port, each_second=10_000) as sent:
        await until(lambda: sent[0] > 3_000)
        await nadia.receives(thomas.seat, pictures=5, sounds=20)
    assert media.stats()["strangers"] > 1_000


async def test_the_call_goes_on_while_garbage_comes_from_a_relatives_own_address(
    callers: Callers, media: Media
) -> None:
    async with network(media.port) as between:
        nadia, thomas = callers.call("nadia"), callers.call("thomas")
        await nadia.join(through=between)
        await thomas.join()
        for number in range(5_000):
            between.forge(garbage(number))
            if number % 500 == 0:
                await asyncio.sleep(0.05)
        await until(lambda: media.stats()["datagrams_received"] > 4_000)

        await thomas.receives(nadia.seat)
        await nadia.receives(thomas.seat)


async def test_another_certificate_than_the_answers_is_not_heard(callers: Callers, media: Media) -> None:
    [thomas] = await callers.join("thomas")
    paul = callers.call("paul")
    text = await paul.answer()
    right = text.split("a=fingerprint:sha-256 ")[1][:2]
    wrong = "00" if right != "00" else "01"

    await paul.hand_in(text.replace(f"a=fingerprint:sha-256 {right}", f"a=fingerprint:sha-256 {wrong}"))

    await until(lambda: [seat.person for seat in media.rooms()[ROOM]] == ["thomas"])
    assert media.stats()["wrong_keys"] == 1
    assert media.stats()["connected"] == 1
    assert thomas.heard == {}
    assert paul.heard == {}


async def test_a_thousand_wrong_answers_end_one_seat_each_and_disturb_nobody(callers: Callers, media: Media) -> None:
    nadia, thomas = await callers.join("nadia", "thomas")
    tasks = len(asyncio.all_tasks())
    taken = 0
    for number, text in enumerate(many(browser("chromium"), MUTATIONS)):
        joined = await media.join(ROOM, "paul", wanted=2)
        try:
            await media.answer(ROOM, joined.seat, joined.token, text)
            taken += 1
            await media.leave(ROOM, joined.seat, joined.token)
        except BadAnswer:
            with pytest.raises(NoSeat):
                await media.leave(ROOM, joined.seat, joined.token)
        if number % 50 == 0:
            await asyncio.sleep(0)

    assert taken < MUTATIONS / 2
    assert [seat.person for seat in media.rooms()[ROOM]] == ["nadia", "thomas"]
    await until(lambda: len(asyncio.all_tasks()) <= tasks)
    await nadia.receives(thomas.seat)
    assert media.stats()["failures"] == 0


async def test_an_answer_sent_twice_is_one_answer_and_another_one_ends_the_seat(callers: Callers, media: Media) -> None:
    nadia, thomas = callers.call("nadia"), callers.call("thomas")
    text = await nadia.answer()
    await nadia.hand_in(text)
    await nadia.hand_in(text)
    await thomas.join()
    await thomas.receives(nadia.seat)

    with pytest.raises(BadAnswer):
        await nadia.hand_in(text.replace("a=mid:a0", "a=mid:a0\r\na=x:y"))

    assert [seat.person for seat in media.rooms()[ROOM]] == ["thomas"]


async def test_nobody_is_sent_to_or_looked_up_for_what_an_answer_says(callers: Callers, media: Media) -> None:
    [thomas] = await callers.join("thomas")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as target:
        target.bind(("127.0.0.1", 0))
        target.setblocking(False)
        paul = callers.call("paul")
        text = await paul.answer()
        lines = "".join(
            f"a=candidate:{number} 1 udp 2130706431 {address} {target.getsockname()[1]} typ host\r\n"
            for number, address in enumerate(["127.0.0.1", "localhost", "printer.local", "10.0.0.1", "::1"])
        )
        asked: list[str] = []
        _LISTENERS.append(asked)
        await paul.hand_in(text.replace("a=mid:a0\r\n", "a=mid:a0\r\n" + lines))
        await until(lambda: paul.connection.connectionState == "connected")
        await thomas.receives(paul.seat)
        _LISTENERS.remove(asked)

        assert asked == []
        with pytest.raises(BlockingIOError):
            target.recv(1)


_LISTENERS: list[list[str]] = []


def _overhear(event: str, _: tuple[object, ...]) -> None:
    if _LISTENERS and event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        _LISTENERS[-1].append(event)


sys.addaudithook(_overhear)


async def test_nobody_learns_where_another_is(callers: Callers, media: Media) -> None:
    nadia = callers.call("nadia")
    text = await nadia.answer()
    await nadia.hand_in(text)
    thomas = callers.call("thomas")
    await thomas.join()
    await thomas.receives(nadia.seat)

    secrets = {line.split(" ")[5] for line in text.splitlines() if line.startswith("a=candidate")}  # her ports
    secrets |= {line.split(":")[1] for line in text.splitlines() if line.startswith(("a=ice-ufrag", "a=ice-pwd"))}
    secrets |= {line.split("cname:")[1] for line in text.splitlines() if "cname:" in line}
    assert len(secrets) > 3
    told = str(thomas.joined) + str(media.rooms()) + str(media.stats())
    assert [secret for secret in secrets if secret in told] == []
    remote = thomas.connection.getTransceivers()[0].receiver.transport.transport._connection._nominated
    assert {pair.remote_addr for pair in remote.values()} == {("127.0.0.1", media.port)}


async def test_checks_without_the_password_let_nobody_in(media: Media) -> None:
    joined = await media.join(ROOM, "nadia")
    name = joined.offer.split("a=ice-ufrag:")[1].split("\r\n")[0]
    good = _check(name, "theirs", "x" * 32)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for datagram in (good, _check("nobody", "theirs", "x" * 32), good[:-1], b"\x00\x01" + good[2:24], b"\x00"):
            stranger.sendto(datagram, ("127.0.0.1", media.port))
        await until(lambda: media.stats()["refused_checks"] == 5)
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.recv(1)


async def test_a_demonstration_answers_this_machine_alone_although_it_listens_everywhere() -> None:
    async with server(MediaConfig(address="0.0.0.0", only_here=True)) as media:  # noqa: S104
        offer = (await media.join(ROOM, "nadia")).offer
        name, password = (offer.split(f"a=ice-{what}:")[1].split("\r\n")[0] for what in ("ufrag", "pwd"))
        check, now = _check(name, "theirs", password), time.monotonic()

        media._door._check(check, ("198.51.100.7", 5_000), now)
        assert (media.stats()["refused_checks"], media._door.counts.sent) == (1, 0)

        media._door._check(check, ("127.0.0.1", 5_000), now)
        assert (media.stats()["refused_checks"], media._door.counts.sent) == (1, 1)
        assert re.findall(r"a=candidate:\d 1 udp \d+ (\S+) ", offer)[-1] == "127.0.0.1"


async def test_coming_and_going_leaves_nothing_behind(media: Media) -> None:
    async def visit() -> None:
        nadia, thomas = Caller(media, "nadia"), Caller(media, "thomas")
        await nadia.join()
        await thomas.join()
        await nadia.leave()
        await nadia.close()
        await thomas.close()
        await until(lambda: media.rooms() == {})

    await visit()
    await asyncio.sleep(1.1)
    before = _footprint(media)
    for _ in range(VISITS):
        await visit()
    await asyncio.sleep(1.1)

    assert _footprint(media) == before


def _footprint(media: Media) -> dict[str, int]:
    gc.collect()
    return {
        "descriptors": len(os.listdir("/proc/self/fd")),
        "tasks": len(asyncio.all_tasks()),
        "peers": sum(issubclass(type(one), Peer) for one in gc.get_objects()),
        "handshakes": len(media._handshakes),
        "names": len(media._door._guests),
        "addresses": len(media._door._let_in),
    }


async def test_a_seat_that_nobody_answers_is_freed() -> None:
    async with server(MediaConfig(limits=Limits(unanswered=0.3))) as media:
        changed: list[str] = []
        media.on_change = changed.append
        joined = await media.join(ROOM, "nadia")

        await until(lambda: media.rooms() == {}, seconds=3)

        assert changed == [ROOM, ROOM]
        with pytest.raises(NoSeat):
            await media.answer(ROOM, joined.seat, joined.token, browser("chromium"))


async def test_nobody_is_freed_because_this_machine_stood_still() -> None:
    async with server(MediaConfig(limits=Limits(unanswered=1.0))) as media:
        joined = await media.join(ROOM, "nadia")
        await asyncio.sleep(0.1)

        time.sleep(1.2)  # noqa: ASYNC251 - that is the point
        await asyncio.sleep(0.3)

        await media.answer(ROOM, joined.seat, joined.token, browser("chromium"))


async def test_an_error_of_ours_costs_one_seat(
    callers: Callers, media: Media, caplog: pytest.LogCaptureFixture
) -> None:
    nadia, thomas, awa = await callers.join("nadia", "thomas", "awa")
    media._rooms[ROOM].peers[nadia.seat]._feedback = None  # type: ignore[assignment]

    await until(lambda: [seat.person for seat in media.rooms()[ROOM]] == ["thomas", "awa"])

    await thomas.receives(awa.seat)
    assert media.stats()["failures"] == 1
    assert [record for record in caplog.records if record.levelname == "ERROR"][1:] == []


async def test_a_browser_that_answers_and_never_comes_is_freed() -> None:
    async with server(MediaConfig(limits=Limits(unconnected=0.3))) as media:
        joined = await media.join(ROOM, "nadia")
        await media.answer(ROOM, joined.seat, joined.token, browser("chromium"))

        await until(lambda: media.rooms() == {}, seconds=3)

        assert media.stats()["timed_out"] == 1
        assert media.stats()["failures"] == 0


async def test_a_browser_that_falls_silent_is_freed_and_the_others_go_on() -> None:
    async with server(MediaConfig(limits=Limits(consent=6.5))) as media, network(media.port) as between:
        nadia, thomas = Caller(media, "nadia"), Caller(media, "thomas")
        await nadia.join(through=between)
        await thomas.join()
        await thomas.receives(nadia.seat)

        between.up.loss = between.down.loss = 1.0

        await until(lambda: media.rooms()[ROOM][0].publishes == set(), seconds=5)
        await until(lambda: [seat.person for seat in media.rooms()[ROOM]] == ["thomas"])
        assert thomas.connection.connectionState == "connected"
        await thomas.close()
        await nadia.close()


def _check(ours: str, theirs: str, password: str) -> bytes:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{ours}:{theirs}"
    request.attributes["PRIORITY"] = 1
    request.attributes["ICE-CONTROLLING"] = 1
    request.add_message_integrity(password.encode())
    return bytes(request)
