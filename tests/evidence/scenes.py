"""A recording as a telephone would make it, and the expert who opens its bundle."""

import os
import random
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from alerts.evidence import bundle, keys, reading
from alerts.evidence.authority import Authority
from alerts.evidence.disk import Disk
from alerts.evidence.keys import FileKeys
from alerts.evidence.log import Log
from alerts.evidence.recording import Chunk, Closing, Opening, Receipt, Recording

NIGHT = datetime(2026, 3, 14, 22, 41, tzinfo=UTC)
NAME = str(UUID("7b0c6e1e-52b5-4a83-9a42-0d6f4f0a1c55"))
EBML = b"\x1a\x45\xdf\xa3"
SECOND = timedelta(seconds=1)
PATH = "/usr/bin:/bin"


class FailingDisk(Disk):
    """Writes and syncs until a call is due to fail: `write` leaves half of it, `sync` says no."""

    def __init__(self) -> None:
        self.calls = 0
        self.fails_at: int | None = None

    def write(self, descriptor: int, content: bytes) -> int:
        self.calls += 1
        if self.calls == self.fails_at:
            os.write(descriptor, content[: len(content) // 2])
            raise OSError(28, "No space left on device")
        return os.write(descriptor, content)

    def sync(self, descriptor: int) -> None:
        self.calls += 1
        if self.calls == self.fails_at:
            raise OSError(5, "Input/output error")
        os.fsync(descriptor)


@dataclass
class Telephone:
    """Sends seconds of sound that differ from each other, and keeps what it was answered."""

    root: Path
    machine: Disk = field(default_factory=Disk)
    now: datetime = NIGHT
    receipts: list[Receipt] = field(default_factory=list)
    sent: list[Chunk] = field(default_factory=list)

    def __post_init__(self) -> None:
        keys.draw(self.root / "keys")
        self.keys = FileKeys(self.root / "keys")
        self.recording = self.again()
        self.log = Log(self.root, self.keys)

    @property
    def folder(self) -> Path:
        return self.root / NAME

    def again(self) -> Recording:
        """As a process that was just started sees it."""
        return Recording(self.folder, self.keys, self.machine)

    def opens(self, readers: tuple[str, ...] = ()) -> bool:
        said = Opening(recording=NAME, phone_at=self.now, media_type="audio/webm;codecs=opus", readers=readers)
        new = self.recording.open(said, now=self.now)
        if new:
            self.log.add("opening", NAME, now=self.now)
        return new

    def chunk(self, number: int) -> Chunk:
        noise = random.Random(number).randbytes(300)
        content = (EBML + noise) if number % 60 == 0 else noise
        return Chunk(number=number, segment=number // 60, content=content, phone_at=self.now - SECOND)

    def sends(self, numbers: range) -> None:
        for number in numbers:
            self.now += SECOND
            chunk = self.chunk(number)
            self.receipts.append(self.recording.put(chunk, now=self.now))
            self.sent.append(chunk)

    def closes(self, chunks: int) -> Closing:
        standing = self.recording.close(chunks, reason="phone", now=self.now)
        self.log.add("close", NAME, now=self.now, lines=standing.lines, head=standing.head)
        return standing

    def takes_away(self, to: Path, *authorities: Authority, clear: bool = True) -> "Expert":
        identity = reading.key(self.folder, self.keys) if clear else None
        sources = bundle.Sources(
            folder=self.folder,
            log=self.log.path,
            authorities=authorities,
            identity=identity,
        )
        for name, content in bundle.pieces(sources):
            path = to / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(content))
        (to / "verify.sh").chmod(0o755)
        return Expert(to)


@dataclass(frozen=True)
class Expert:
    """Somebody with the folder, bash, coreutils, openssl and age, and nothing of ours."""

    folder: Path

    def verifies(self, *arguments: str, path: str = PATH) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["/bin/bash", str(self.folder / "verify.sh"), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": path, "TMPDIR": os.environ.get("TMPDIR", "/tmp")},  # noqa: S108
        )

    def finds_nothing(self, *arguments: str) -> str:
        """Asserts OK, and returns what was said."""
        ended = self.verifies(*arguments)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert ended.stdout.endswith("OK\n")
        assert not ended.stderr, ended.stderr
        return ended.stdout

    def finds(self, *arguments: str) -> str:
        """Asserts FAILED, and returns why."""
        ended = self.verifies(*arguments)
        assert ended.returncode == 1, ended.stdout + ended.stderr
        assert "FAILED" in ended.stdout
        return ended.stdout
