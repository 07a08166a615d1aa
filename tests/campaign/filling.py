"""A disk that recordings fill: a real one, of one megabyte, and one under a whole service. Needs root, for `mount`."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from pathlib import Path

from alerts.evidence import checking
from alerts.evidence.errors import StorageError
from tests.campaign import sounding
from tests.campaign.sounding import Telephone
from tests.evidence import scenes
from tests.server import Server

_MEGABYTE = 1 << 20
_LEAST_FREE = 500 * _MEGABYTE  # settings.RECORDINGS


@dataclass(frozen=True, kw_only=True)
class Filled:
    """Seconds until the small disk was full; what was wrong then, and after it had room again; what the service did."""

    seconds: int
    wrong: Sequence[str]
    refused: int
    clicked: int
    again: int

    @property
    def held(self) -> bool:
        """Whether nothing was lost, and alerts went on."""
        statuses = (self.refused, self.clicked, self.again)
        wanted = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.CREATED, HTTPStatus.CREATED)
        return not self.wrong and self.seconds > 0 and statuses == wanted

    def lines(self) -> Sequence[str]:
        """The table."""
        return [
            f"seconds on a disk of a megabyte  {self.seconds:>8}   then refused; before and after in order",
            f"sound, nearly no room            {self.refused:>8}   (503)",
            f"a click at that moment           {self.clicked:>8}   (201)",
            f"sound, room again                {self.again:>8}   (201)",
            *self.wrong,
        ]


def play(folder: Path) -> Filled:
    """Both."""
    seconds, wrong = _small(folder / "small")
    refused, clicked, again = _whole(folder / "whole")
    return Filled(seconds=seconds, wrong=wrong, refused=refused, clicked=clicked, again=again)


@contextmanager
def disk(at: Path, *, size: int) -> Iterator[None]:
    """A disk of so many bytes there. Raises CalledProcessError where nobody may mount."""
    at.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", str(at)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(at)], check=True)


def _small(folder: Path) -> tuple[int, Sequence[str]]:
    with disk(folder, size=_MEGABYTE):
        telephone = scenes.Telephone(folder)
        telephone.opens()
        seconds = _until_full(telephone)
        wrong = [*checking.recording(telephone.folder, {})]
        subprocess.run(["mount", "-o", f"remount,size={2 * _MEGABYTE}", str(folder)], check=True)
        telephone.sends(range(seconds, seconds + 10))
        telephone.closes(seconds + 10)
        wrong += [*checking.recording(telephone.folder, {}), *checking.log(telephone.log.path, {})]
        if telephone.recording.standing(seconds + 10).missing:
            wrong.append("seconds are missing")
    return seconds, wrong


def _until_full(telephone: scenes.Telephone) -> int:
    for number in count():
        try:
            telephone.sends(range(number, number + 1))
        except StorageError:
            return number
    raise AssertionError


def _whole(data_dir: Path) -> tuple[int, int, int]:
    """What the service answers to sound and to a click while there is hardly room, and to sound once there is."""
    recordings = data_dir / "recordings"
    with disk(recordings, size=_LEAST_FREE + 4 * _MEGABYTE), Server(data_dir) as server:
        token, other = sounding.cast(server, 2)
        phone, bystander = (Telephone(server.url, one, 1.0, seed=number) for number, one in enumerate((token, other)))
        phone.clicks()
        phone.begins()
        filler = recordings / "filler"
        filler.write_bytes(bytes(8 * _MEGABYTE))
        refused = phone.put(0)
        clicked = bystander.clicks()
        filler.unlink()
        return refused.status, clicked.status, phone.put(0).status
