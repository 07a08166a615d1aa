"""Sealing a second of sound: encrypted, written, fsynced, in the chain, signed, and only then acknowledged.

Fifty telephones record at once and send a second each second (3,200 bytes, what Opus makes at 24 kbit/s), evenly. Once
over HTTP, each on a connection of its own, to `manage.py run` on this machine with its worker at work, and keys held
by a process of their own; once straight into the folders, which leaves the service out. Beside both, in turns: the
same bytes written into a new file and fsynced, nothing else, at the same rate, on the same disk.
"""

import base64
import hashlib
import os
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from alerts.evidence import keys
from alerts.evidence.keys import FileKeys
from alerts.evidence.recording import Chunk, Opening, Recording
from alerts.states import Gesture
from benchmarks import ENOUGH_RUNS, Row, median
from tests.campaign.sounding import cast
from tests.phones import Companion
from tests.server import Server
from tests.wires import OverHttp

RECORDINGS = 50
SECONDS = int(os.environ.get("BENCH_SECONDS", "10"))
BYTES = 3_200
MOST_MILLISECONDS, MOST_TIMES = 50.0, 10.0
_AT_ONCE = 16
_QUIET_SECONDS = 15

Second = Callable[[int, int], None]  # telephone, second


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Milliseconds of one run."""

    half: float
    slow: float


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Medians of the runs, and the median of the ratios within each."""

    half: float
    slow: float
    times: float

    def words(self) -> str:
        """As the table says it."""
        return f"{self.half:.1f} ms p50, {self.slow:.1f} ms p99"


def sound(phone: int, second: int) -> bytes:
    """Bytes that no other telephone sends, and no other second."""
    return random.Random(phone << 20 | second).randbytes(BYTES)  # noqa: S311 - the same each time


def run(send: Second, *, first: int, seconds: int = SECONDS) -> Taken:
    """Each telephone a second each second from this number on."""
    with ThreadPoolExecutor(_AT_ONCE) as phones:
        began = time.perf_counter()
        asked = []
        for number in range(seconds * RECORDINGS):
            time.sleep(max(0.0, began + number / RECORDINGS - time.perf_counter()))
            asked.append(phones.submit(_timed, send, number % RECORDINGS, first + number // RECORDINGS))
        taken = sorted(one.result() for one in asked)
    return Taken(half=taken[len(taken) // 2], slow=taken[len(taken) * 99 // 100])


def _timed(send: Second, phone: int, second: int) -> float:
    began = time.perf_counter()
    send(phone, second)
    return 1000 * (time.perf_counter() - began)


def written(folder: Path, phone: int, second: int) -> None:
    """The floor: on the disk, and no more is said of it."""
    content = sound(phone, second)
    descriptor = os.open(folder / f"{phone}-{second}", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sealed(recordings: Sequence[Recording], phone: int, second: int) -> None:
    """Into the folder."""
    recordings[phone].put(Chunk(number=second, segment=second // 60, content=sound(phone, second)), now=timezone.now())


def told(phones: Sequence[Companion], phone: int, second: int) -> None:
    """Through the door. Raises RuntimeError if it is not acknowledged."""
    content = sound(phone, second)
    headers = {
        "Authorization": f"Bearer {phones[phone].token}",
        "Content-Type": "application/octet-stream",
        "Content-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:",
        "Sherif-Segment": str(second // 60),
    }
    address = f"/api/v1/recordings/{UUID(int=phone)}/chunks/{second}"
    reply = phones[phone].wire.send("PUT", address, headers=headers, body=content)
    if reply.status != HTTPStatus.CREATED:
        raise RuntimeError(f"a second of sound was answered {reply.status}")


def opened(folder: Path) -> Sequence[Recording]:
    """Fifty folders."""
    keys.draw(folder / "keys")
    held, now = FileKeys(folder / "keys"), timezone.now()
    made = [Recording(folder / "recordings" / str(number), held) for number in range(RECORDINGS)]
    for one in made:
        one.open(Opening(recording=one.folder.name, phone_at=now, media_type="audio/webm", readers=()), now=now)
    return made


def pressed(server: Server) -> Sequence[Companion]:
    """Fifty women whose telephones record; returns when nothing is left to be sent to their relatives."""
    phones = [Companion(wire=OverHttp(server.url), token=token) for token in cast(server, RECORDINGS)]
    for number, phone in enumerate(phones):
        phone.click(Gesture.LONG)
        begun = {"id": str(UUID(int=number)), "started_at": phone.now().isoformat(), "media_type": "audio/webm"}
        if phone.call("POST", "/recordings", begun).status != HTTPStatus.CREATED:
            raise RuntimeError("a recording was not begun")
    time.sleep(_QUIET_SECONDS)
    return phones


def beside(send: Second, floor: Second) -> tuple[Figures, Figures]:
    """In turns: what is measured, and its floor."""
    run(send, first=0, seconds=2)  # warm
    pairs = []
    for number in range(ENOUGH_RUNS):
        first = 2 + number * SECONDS
        pairs.append((run(send, first=first), run(floor, first=first)))
    ratios = [one.slow / other.slow for one, other in pairs]
    return _figures([one for one, _ in pairs], ratios), _figures([other for _, other in pairs], ratios)


def _figures(runs: Sequence[Taken], ratios: Sequence[float]) -> Figures:
    return Figures(
        half=median([one.half for one in runs]), slow=median([one.slow for one in runs]), times=median(ratios)
    )


def row(claim: str, found: Figures, floor: Figures) -> Row:
    """One line of the table."""
    return Row(
        claim=claim,
        measured=found.words(),
        against=f"write and fsync alone: {floor.words()}",
        ratio=found.times,
        to_reach=f"p99 <= {MOST_MILLISECONDS:.0f} ms",
        reached=found.slow <= MOST_MILLISECONDS,
    )


def main() -> Sequence[Row]:
    """Through the service, and without it."""
    folder = settings.SHERIF.data_dir
    alone, plain = folder / "alone", folder / "plain"
    for one in (alone, plain):
        one.mkdir(parents=True)
    floor = partial(written, plain)
    inside = row(f"sealing a second of sound, {RECORDINGS} at once", *beside(partial(sealed, opened(alone)), floor))
    environ = {"SHERIF_SIGNING_KEY": f"unix:{folder / 'keys.sock'}#{folder / 'held'}"}
    with Server(folder / "service", environ=environ) as server:
        phones = pressed(server)
        through = beside(partial(told, phones), floor)
    return [inside, row(f"the same over HTTP, {RECORDINGS} telephones, keys in a process of their own", *through)]
