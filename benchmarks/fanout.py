"""Position fan-out: 200 alerts with 5 pages each, one position a second, one web process.

Every server gets the same datagrams from the same local bus and has the same 1,000 clients; they take turns within
one run. The floor does nothing but broadcast: the `websockets` library, no Django, no session, no check.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from alerts.broadcast.base import Envelope
from alerts.broadcast.local import LocalBus
from benchmarks import ENOUGH_RUNS, Row, _positions, median

ROOT = Path(__file__).resolve().parent.parent
ALERTS, PAGES, SECONDS = 200, 5, 6
KEY = "k" * 43
MOST_TIMES, LATEST_MS, FEWEST_TIMES = 5.0, 50.0, 4.0
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(kw_only=True)
class Contender:
    """One server, the paths of its sockets by alert, and what its clients received."""

    name: str
    pid: int
    port: int
    bus: LocalBus
    paths: dict[UUID, list[str]]
    latencies: list[float] = field(default_factory=list)
    sequence: int = 1_000
    costs: list[float] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)


def main() -> Sequence[Row]:
    """The rows of the table; about five minutes."""
    with TemporaryDirectory(prefix="sherif-fanout-") as name, ExitStack() as stack:
        contenders = [stack.enter_context(start(Path(name))) for start in (_floor, _ours, _layer)]
        asyncio.run(_measure(contenders))
        arrivals, posts = asyncio.run(
            _positions.measure(contenders[1].port, list(contenders[1].paths.values()), key=KEY)
        )
    floor, ours, layer = contenders
    ratio = median(ours.costs) / median(floor.costs)
    cheaper = median(layer.costs) / median(ours.costs)
    late = median(ours.slowest)
    return [
        Row(
            claim=f"position fan-out, {ALERTS} alerts x {PAGES} pages at 1 Hz",
            measured=f"{median(ours.costs):.0f} us CPU per delivered message",
            against=f"websockets library's broadcast without Django, {median(floor.costs):.0f} us",
            ratio=ratio,
            to_reach=f"<= {MOST_TIMES:.0f}",
            reached=ratio <= MOST_TIMES,
        ),
        Row(
            claim="the same, latency from the bus to the page",
            measured=f"p99 {late:.1f} ms",
            against=f"websockets library's broadcast, p99 {median(floor.slowest):.1f} ms",
            ratio=None,
            to_reach=f"<= {LATEST_MS:.0f} ms",
            reached=late <= LATEST_MS,
        ),
        Row(
            claim=f"a position on {PAGES} pages after its phone's POST is answered, {ALERTS} alerts at once",
            measured=f"p99 {median(arrivals):.1f} ms",
            against=f"the POST itself, median {median(posts):.1f} ms",
            ratio=None,
            to_reach=f"<= {LATEST_MS:.0f} ms",
            reached=median(arrivals) <= LATEST_MS,
        ),
        Row(
            claim="the same through Channels' in-memory layer",
            measured=f"{cheaper:.1f} times cheaper than it",
            against=f"the layer's {median(layer.costs):.0f} us",
            ratio=1 / cheaper,
            to_reach=f"<= {1 / FEWEST_TIMES}",
            reached=cheaper >= FEWEST_TIMES,
        ),
    ]


async def _measure(contenders: Sequence[Contender]) -> None:
    async with AsyncExitStack() as stack:
        for contender in contenders:
            await _open_pages(contender, stack)
        for run in range(ENOUGH_RUNS + 1):
            for contender in contenders:
                cost, slowest = await _run(contender)
                if run:  # the first warms up
                    contender.costs.append(cost)
                    contender.slowest.append(slowest)


async def _open_pages(contender: Contender, stack: AsyncExitStack) -> None:
    url = f"ws://127.0.0.1:{contender.port}"
    for paths in contender.paths.values():
        sockets = [
            await stack.enter_async_context(
                connect(url + path, additional_headers={"Cookie": f"visit={KEY}"}, compression=None, proxy=None)
            )
            for path in paths
        ]
        for socket in sockets:
            reading = asyncio.create_task(_read(socket, contender.latencies))
            stack.callback(reading.cancel)


async def _read(socket: ClientConnection, latencies: list[float]) -> None:
    try:
        async for text in socket:
            now = time.monotonic()
            assert isinstance(text, str)
            if text.startswith('{"type":"position"'):
                latencies.append(now - float(text[text.rindex(":") + 1 : -1]))
    except ConnectionClosed:
        pass


async def _run(contender: Contender) -> tuple[float, float]:
    """CPU microseconds for each delivered message, and the p99 of the latency in milliseconds."""
    await asyncio.sleep(1)
    contender.latencies.clear()
    before, started = _cpu_seconds(contender.pid), time.monotonic()
    for step in range(ALERTS * SECONDS):
        await asyncio.sleep(max(0.0, started + step / ALERTS - time.monotonic()))
        alert = list(contender.paths)[step % ALERTS]
        contender.sequence += step % ALERTS == 0
        contender.bus.send(Envelope(alert_id=alert, text=_position(contender.sequence)))
    wanted = ALERTS * SECONDS * PAGES
    for _ in range(1_000):
        if len(contender.latencies) >= wanted:
            break
        await asyncio.sleep(0.01)
    spent = _cpu_seconds(contender.pid) - before
    received = sorted(contender.latencies)
    if len(received) < wanted:
        print(f"{contender.name}: {wanted - len(received)} of {wanted} not delivered", file=sys.stderr)
    return spent / len(received) * 1e6, received[int(len(received) * 0.99)] * 1e3


def _position(sequence: int) -> str:
    """A position message as `tracking` announces it; the clients find the time of sending at its end."""
    now = datetime.now(UTC).isoformat()
    line = {
        "latitude": 49.41791, "longitude": 2.82613, "accuracy": 12.0, "speed": 1.4, "heading": 120.0,
        "altitude": None, "battery": 61, "recorded_at": now, "fixed_at": now, "age_seconds": 1.2,
        "freshness": "live", "commune": "Compiègne", "insee": "60159",
        "departement": {"code": "60", "name": "Oise"}, "near": False,
    }  # fmt: skip
    message = {"type": "position", "sequence": sequence, "positions": [line], "sent": time.monotonic()}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


@contextmanager
def _floor(folder: Path) -> Iterator[Contender]:
    paths = {uuid4(): [f"/{number}"] * PAGES for number in range(ALERTS)}
    with _serving("benchmarks._fanout_floor", folder / "floor", paths) as contender:
        yield contender


@contextmanager
def _layer(folder: Path) -> Iterator[Contender]:
    paths = {uuid4(): [f"/{number}"] * PAGES for number in range(ALERTS)}
    with _serving("benchmarks._fanout_layer", folder / "layer", paths) as contender:
        yield contender


@contextmanager
def _ours(folder: Path) -> Iterator[Contender]:
    data_dir = folder / "ours"
    data_dir.mkdir()
    environment = {**os.environ, "SHERIF_DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "sherif_web.settings"}
    environment.pop("DATABASE_URL", None)
    manage = [sys.executable, "manage.py"]
    for command in (["migrate", "-v0"], ["collectstatic", "-v0", "--noinput"]):
        subprocess.run([*manage, *command], cwd=ROOT, env=environment, check=True)
    seed = [sys.executable, "-m", "benchmarks._fanout_rows", str(ALERTS), KEY]
    rows = subprocess.run(seed, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    paths = {UUID(alert): [f"/ws/alert/{place}/" for place in places] for alert, places in json.loads(rows).items()}
    with _process([*manage, "web", "--port", "0"], environment) as (pid, port):
        yield Contender(name="ours", pid=pid, port=port, bus=LocalBus(data_dir), paths=paths)


@contextmanager
def _serving(module: str, folder: Path, paths: dict[UUID, list[str]]) -> Iterator[Contender]:
    folder.mkdir()
    (folder / "paths.json").write_text(json.dumps({own[0]: alert.hex for alert, own in paths.items()}))
    with _process([sys.executable, "-m", module, str(folder)], dict(os.environ)) as (pid, port):
        yield Contender(name=module, pid=pid, port=port, bus=LocalBus(folder), paths=paths)


@contextmanager
def _process(command: Sequence[str], environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.pid, int(process.stdout.readline().rpartition(":")[2])
        finally:
            process.terminate()


if __name__ == "__main__":
    for row in main():
        print(row)
