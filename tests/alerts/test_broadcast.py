"""The ways between processes, all real: datagrams, PostgreSQL, Redis. What holds for one holds for the three."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from alerts import broadcast
from alerts.broadcast import Bus, Envelope, UnreadableError
from alerts.broadcast.local import LocalBus
from alerts.broadcast.outbound import Outbound
from alerts.broadcast.postgres import PostgresBus
from alerts.broadcast.redis import RedisBus
from tests.services import Server, postgresql, redis

ALERT = UUID("0b7c5c5e-7f2b-4a54-9f0c-3a4f0c1d2e3f")
WAYS = ["local", "postgres", "redis"]


@dataclass(kw_only=True)
class Way:
    """One kind of bus: `make` gives another end of it, as another process would have."""

    make: Callable[[], Bus]
    server: Server | None = None


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Server]]:
    with postgresql(durable=False) as database, redis() as store:
        yield {"postgres": database, "redis": store}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, servers: dict[str, Server], tmp_path: Path) -> Way:
    channel = f"sherif_{uuid4().hex[:8]}"
    if request.param == "local":
        return Way(make=lambda: LocalBus(tmp_path))
    server = servers[request.param]
    if request.param == "postgres":
        return Way(make=lambda: PostgresBus(server.url, channel=channel), server=server)
    return Way(make=lambda: RedisBus(server.url, channel=channel), server=server)


@dataclass(kw_only=True)
class Ear:
    """Somebody who listens."""

    heard: list[Envelope] = field(default_factory=list)
    standing: asyncio.Event = field(default_factory=asyncio.Event)
    times_standing: int = 0

    def stands(self) -> None:
        """The subscription began to stand."""
        self.times_standing += 1
        self.standing.set()

    async def hears(self, count: int, *, seconds: float = 5) -> bool:
        """Whether so many arrive in time."""
        return await comes_true(lambda: len(self.heard) >= count, seconds=seconds)


async def comes_true(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Whether a condition comes true in time."""
    for _ in range(int(seconds * 100)):
        if condition():
            return True
        await asyncio.sleep(0.01)
    return False


@asynccontextmanager
async def listening(bus: Bus) -> AsyncIterator[Ear]:
    """A listener whose subscription stands."""
    ear = Ear()

    async def listen() -> None:
        async for envelope in bus.listen(standing=ear.stands):
            ear.heard.append(envelope)

    task = asyncio.create_task(listen())
    try:
        async with asyncio.timeout(5):
            await ear.standing.wait()
        yield ear
    finally:
        task.cancel()
        await asyncio.wait([task])


def envelope(number: int, *, filling: str = "") -> Envelope:
    text = json.dumps({"type": "position", "sequence": number, "filling": filling}, separators=(",", ":"))
    return Envelope(alert_id=ALERT, text=text)


async def test_two_listeners_hear_each_message_in_order(way: Way) -> None:
    speaker = way.make()
    async with listening(way.make()) as one, listening(way.make()) as other:
        for number in range(50):
            speaker.send(envelope(number, filling="é€\u2028'\""))
        for ear in (one, other):
            assert await ear.hears(50)
            assert ear.heard == [envelope(number, filling="é€\u2028'\"") for number in range(50)]


async def test_a_burst_of_a_thousand_messages_arrives_whole(way: Way) -> None:
    speaker = way.make()
    async with listening(way.make()) as one, listening(way.make()) as other:
        for number in range(1000):
            speaker.send(envelope(number, filling="x" * 500))
        assert await one.hears(1000)
        assert await other.hears(1000)


async def test_a_message_too_large_for_its_way_travels_as_a_gap(way: Way) -> None:
    speaker = way.make()
    async with listening(way.make()) as ear:
        speaker.send(envelope(7, filling="x" * 200_000))
        assert await ear.hears(1)
    assert json.loads(ear.heard[0].text) == {"type": "gap", "sequence": 7}


async def test_sending_without_listeners_or_server_neither_raises_nor_waits(way: Way) -> None:
    speakers = [way.make(), PostgresBus("postgresql://x@127.0.0.1:1/x", channel="x")]
    speakers.append(RedisBus("redis://127.0.0.1:1/0", channel="x"))
    started = time.monotonic()
    for speaker in speakers:
        for number in range(100):
            speaker.send(envelope(number))
    assert time.monotonic() - started < 0.5


def test_a_speaker_whose_messages_all_wait_says_so() -> None:
    speaker = PostgresBus("postgresql://x@127.0.0.1:1/x", channel="x")
    messages = [envelope(number) for number in range(10_000)]
    with pytest.raises(OSError, match="wait"):
        deque(map(speaker.send, messages), maxlen=0)


@pytest.mark.parametrize("way", ["postgres", "redis"], indirect=True)
async def test_both_ends_come_back_after_an_outage(way: Way) -> None:
    assert way.server is not None
    speaker = way.make()
    async with listening(way.make()) as ear:
        speaker.send(envelope(1))
        assert await ear.hears(1)
        way.server.kill()
        speaker.send(envelope(2))  # lost: nobody promised more
        await asyncio.sleep(0.5)
        await asyncio.to_thread(way.server.start)
        assert await comes_true(lambda: ear.times_standing == 2, seconds=10)
        ear.heard.clear()
        for number in range(3, 100):  # the speaker finds out by failing
            speaker.send(envelope(number))
            if await ear.hears(1, seconds=0.1):
                break
        assert ear.heard


async def test_what_a_dead_process_left_behind_is_swept_away(tmp_path: Path) -> None:
    bus = LocalBus(tmp_path)
    async with listening(LocalBus(tmp_path)) as ear:
        stale = _folder(bus) / "1-dead"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as dead:
            dead.bind(str(stale))
        bus.send(envelope(1))
        assert await ear.hears(1)
        assert not stale.exists()


async def test_a_frozen_process_delays_nobody_for_long(tmp_path: Path) -> None:
    bus = LocalBus(tmp_path)
    async with listening(LocalBus(tmp_path)) as ear:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as frozen:
            frozen.bind(str(_folder(bus) / "1-frozen"))  # never reads
            for number in range(500):
                bus.send(envelope(number, filling="x" * 500))
            assert await ear.hears(500, seconds=2)


async def test_half_a_character_from_a_hostile_client_stops_no_message() -> None:
    async with listening(LocalBus(settings.SHERIF.data_dir)) as ear:
        broadcast.publish(uuid4(), {"type": "action", "note": "\ud800"})
        assert await ear.hears(1)


def test_what_nobody_foresaw_does_not_silence_the_process(caplog: pytest.LogCaptureFixture) -> None:
    carried: list[Envelope] = []

    def carry(batch: Sequence[Envelope]) -> None:
        if not carried and not caplog.records:
            raise ValueError("unforeseen")
        carried.extend(batch)

    outbound = Outbound(carry)
    outbound.put(envelope(1))
    end = time.monotonic() + 5
    while not carried and time.monotonic() < end:
        outbound.put(envelope(2))
        time.sleep(0.01)

    assert carried
    assert "could not be carried" in caplog.text


async def test_a_listener_that_comes_later_is_found(tmp_path: Path) -> None:
    bus = LocalBus(tmp_path)
    async with listening(LocalBus(tmp_path)) as early:
        bus.send(envelope(1))
        assert await early.hears(1)
        async with listening(LocalBus(tmp_path)) as late:
            bus.send(envelope(2))
            assert await late.hears(1)
            assert await early.hears(2)


async def test_nobody_else_on_the_machine_reads_along(tmp_path: Path) -> None:
    bus = LocalBus(tmp_path)
    async with listening(bus):
        folder = _folder(bus)
        assert folder.stat().st_mode & 0o077 == 0
        assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


async def test_a_folder_that_somebody_else_prepared_is_refused(tmp_path: Path) -> None:
    bus = LocalBus(tmp_path)
    folder = _folder(bus)
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as spy:
            spy.bind(str(folder / "spy"))
            spy.settimeout(0.5)
            with pytest.raises(PermissionError):
                await anext(bus.listen())
            bus.send(envelope(1))
            with pytest.raises(TimeoutError):
                spy.recv(1000)
    finally:
        (folder / "spy").unlink()
        folder.rmdir()


def test_a_socket_path_fits_however_deep_the_data_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("x" * 100) / ("y" * 100)
    deep.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    assert len(os.fsencode(_folder(LocalBus(deep)))) < 80


def test_a_short_command_gets_its_broadcast_out_before_it_ends(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from uuid import uuid4;"
        "from alerts.broadcast.local import LocalBus; from alerts.broadcast.base import Envelope;"
        'LocalBus(Path(sys.argv[1])).send(Envelope(alert_id=uuid4(), text=\'{"type":"x","sequence":1}\'))'
    )

    async def heard() -> bool:
        async with listening(LocalBus(tmp_path)) as ear:
            command = [sys.executable, "-c", script, str(tmp_path)]
            environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
            await asyncio.to_thread(subprocess.run, command, check=True, env=environment)
            return await ear.hears(1)

    assert asyncio.run(heard())


@pytest.mark.parametrize("text", ["", "[]", "null", '{"type":"x","sequence":"y"}', "[" * 5000, '{"sequence":1}'])
def test_a_message_without_heading_is_unreadable(text: str) -> None:
    with pytest.raises(UnreadableError):
        _ = Envelope(alert_id=ALERT, text=text).heading


@pytest.mark.parametrize(
    "text", ['{"type":"ended","sequence":12,"state":"closed"}', '{"sequence": 12, "x": 1, "type": "ended"}']
)
def test_a_heading_is_read_however_the_message_was_written(text: str) -> None:
    heading = Envelope(alert_id=ALERT, text=text).heading
    assert (heading.type, heading.sequence) == ("ended", 12)


def _folder(bus: LocalBus) -> Path:
    return bus._folder
