"""Telephones that record while somebody kills the service; and what an expert finds of it afterwards.

Each telephone makes a chunk a second (or faster), keeps what was not acknowledged, sends it again until it is, and
remembers what it was answered. At last the telephones die, too, each in the middle of its work.
"""

import base64
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from uuid import UUID, uuid4

from tests.campaign import hearing
from tests.campaign.hearing import Heard
from tests.server import ROOT, Server
from tests.wires import OverHttp, Reply

_AGAIN = 0.1  # seconds
_BYTES = 3_200
_EBML = b"\x1a\x45\xdf\xa3"
_PLAIN: Mapping[str, str] = {}
_ANSWERED = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})


@dataclass(frozen=True, kw_only=True)
class Sounding:
    """What is played. `pace` is the length of a chunk, `every` the mean time between a start and the next death (s).

    `who` dies in turn; where nobody is named, mostly the web process, now and then another, or everything at once.
    """

    phones: int = 10
    kills: int = 100
    pace: float = 1.0
    every: float = 1.0
    seed: int = 1
    who: Sequence[str] = ()


@dataclass
class Telephone:
    """A native client: one thread, one request at a time."""

    url: str
    token: str
    pace: float
    seed: int
    uid: UUID = field(default_factory=uuid4)
    made: int = 0
    receipts: dict[int, tuple[int, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._wire = OverHttp(self.url)
        self._dead = threading.Event()
        self._began = self._died = time.monotonic()
        self._thread = threading.Thread(target=self._record, name=f"telephone-{self.seed}")

    def starts(self) -> None:
        """A long press, then sound."""
        self._thread.start()

    def dies(self) -> None:
        """The request on its way is cut or not, as it comes; no other follows."""
        self._died = time.monotonic()
        self._dead.set()

    def rests(self) -> None:
        """Nothing of it goes on; what it had heard until it died is counted."""
        self._thread.join()
        self.made = int((self._died - self._began) / self.pace)

    def content(self, number: int) -> bytes:
        """What it heard in this second."""
        noise = random.Random(self.seed << 20 | number).randbytes(_BYTES)
        return _EBML + noise if number % 60 == 0 else noise

    def clicks(self) -> Reply:
        """A long press."""
        now = datetime.now(UTC).isoformat()
        click = {"id": str(uuid4()), "gesture": "long", "clicked_at": now, "position": None, "battery": 50}
        return self._send("POST", "/clicks", json.dumps({**click, "sent_at": now}).encode())

    def begins(self) -> Reply:
        """A recording of this alert."""
        now = datetime.now(UTC).isoformat()
        begun = {"id": str(self.uid), "started_at": now, "media_type": "audio/webm;codecs=opus"}
        return self._send("POST", "/recordings", json.dumps(begun).encode())

    def put(self, number: int) -> Reply:
        """One second of it."""
        content = self.content(number)
        told = base64.b64encode(hashlib.sha256(content).digest()).decode()
        headers = {
            "Content-Digest": f"sha-256=:{told}:",
            "Sherif-Segment": str(number // 60),
            "Content-Type": "application/octet-stream",
        }
        return self._send("PUT", f"/recordings/{self.uid}/chunks/{number}", content, headers)

    def _record(self) -> None:
        for call in (self.clicks, self.begins):
            while not self._dead.is_set() and not self._answered(call):
                self._dead.wait(_AGAIN)
        self._began, number = time.monotonic(), 0
        while not self._dead.wait(max(0.0, self._began + (number + 1) * self.pace - time.monotonic())):
            self.made = int((time.monotonic() - self._began) / self.pace)
            if self._put(number):
                number += 1

    def _put(self, number: int) -> bool:
        reply = self._answered(partial(self.put, number))
        if reply is None:
            self._dead.wait(_AGAIN)
            return False
        self.receipts[number] = (int(reply.json["sequence"]), str(reply.json["head"]))
        return True

    def _answered(self, call: Callable[[], Reply]) -> Reply | None:
        """What was said; None where the same is to be said again. Raises RuntimeError for a refusal."""
        try:
            reply = call()
        except (OSError, HTTPException):
            return None
        if reply.status in _ANSWERED:
            return reply
        if reply.status < HTTPStatus.INTERNAL_SERVER_ERROR and reply.status != HTTPStatus.TOO_MANY_REQUESTS:
            raise RuntimeError(f"answered {reply.status}: {reply.body[:200]!r}")
        return None

    def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str] = _PLAIN) -> Reply:
        own = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers}
        return self._wire.send(method, f"/api/v1{path}", headers=own, body=body)


def cast(server: Server, phones: int) -> Sequence[str]:
    """So many paired telephones in a running installation; their tokens."""
    command = [sys.executable, "-m", "tests.campaign.cast", "write", str(phones)]
    asked = subprocess.run(command, cwd=ROOT, env=server.environment, check=True, capture_output=True)
    tokens: list[str] = json.loads(asked.stdout)
    return tokens


def environment(data_dir: Path) -> dict[str, str]:
    """Keys are held by a process of their own, which dies like the others."""
    return {"SHERIF_SIGNING_KEY": f"unix:{data_dir / 'keys.sock'}#{data_dir / 'keys'}"}


def play(sounding: Sounding, folder: Path, *, database: str = "") -> Heard:
    """Play it in this folder; on SQLite unless the address of another database is given."""
    environ = environment(folder / "data") | ({"DATABASE_URL": database} if database else {})
    with Server(folder / "data", environ=environ) as server:
        phones, deaths = record(sounding, server)
    return hearing.judge(phones, deaths, data_dir=server.data_dir)


def record(sounding: Sounding, server: Server) -> tuple[Sequence[Telephone], Mapping[str, int]]:
    """Telephones of a running installation, which have died at last; and who else died."""
    tokens = cast(server, sounding.phones)
    phones = [
        Telephone(server.url, token, sounding.pace, seed=sounding.seed * 1000 + number)
        for number, token in enumerate(tokens)
    ]
    dice = random.Random(sounding.seed)
    for phone in phones:
        phone.starts()
    try:
        _until(phones, acknowledged=1)
        deaths = _kill(sounding, server, phones, dice)
        _until(phones, acknowledged=max(phone.made for phone in phones))
    finally:
        for phone in phones:
            phone.dies()
            time.sleep(sounding.pace * dice.random() / len(phones))
        for phone in phones:
            phone.rests()
    return phones, deaths


def _kill(sounding: Sounding, server: Server, phones: Sequence[Telephone], dice: random.Random) -> Counter[str]:
    """Mostly the one that seals; now and then the worker that stamps, the holder of keys, or everything at once."""
    deaths: Counter[str] = Counter()
    while deaths.total() < sounding.kills:
        before = sum(len(phone.receipts) for phone in phones)
        time.sleep(sounding.every * dice.uniform(0.3, 1.7))
        turns = sounding.who or (_drawn(dice),)
        deaths[_one_death(server, turns[deaths.total() % len(turns)])] += 1
        server.wait_until_ready()
        if sum(len(phone.receipts) for phone in phones) == before:
            _until(phones, acknowledged=1 + min(len(phone.receipts) for phone in phones))
    return deaths


def _drawn(dice: random.Random) -> str:
    return dice.choices(("web", "keyholder", "worker", "everything"), weights=(16, 2, 1, 1))[0]


def _one_death(server: Server, name: str) -> str:
    if name == "everything":
        server.kill()
        server.start()
        return name
    while True:
        try:
            os.kill(server.part(name), signal.SIGKILL)
        except ProcessLookupError:
            time.sleep(_AGAIN / 10)  # it is just being started
        else:
            return name


def _until(phones: Sequence[Telephone], *, acknowledged: int) -> None:
    ends = time.monotonic() + 120
    while any(len(phone.receipts) < acknowledged for phone in phones):
        if time.monotonic() > ends:
            raise RuntimeError("telephones are not answered")
        time.sleep(_AGAIN / 10)
