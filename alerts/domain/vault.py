"""Where recordings lie and who holds their keys: the settings, as objects that last as long as the process."""

import time
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from uuid import UUID

from django.conf import settings

from alerts.evidence import authority, disk, keys, stamps
from alerts.evidence.authority import Authority
from alerts.evidence.disk import Disk
from alerts.evidence.errors import KeyHolderError
from alerts.evidence.holder import HeldKeys
from alerts.evidence.keys import FileKeys, Keys
from alerts.evidence.log import Log
from alerts.evidence.recording import Recording as Folder

_MOST_OPEN = 256
_WAITING_SECONDS = 60
_open: OrderedDict[Path, Folder] = OrderedDict()
_lock = Lock()


def holder() -> Keys:
    """Who signs and opens. On this machine alone missing keys are drawn."""
    chosen = settings.SHERIF.evidence
    if chosen.held:
        return HeldKeys(chosen.keys)
    if chosen.draws:
        keys.draw(chosen.keys)
    return _filed(chosen.keys)


@cache
def _filed(folder: Path) -> FileKeys:
    return FileKeys(folder)


def waiting() -> bytes:
    """To what telephones seal what must wait (a point of P-256); empty where nobody holds such a key, or just now.

    Asked at most once a minute: pages must not wait for whoever holds the keys.
    """
    return _waiting(settings.SHERIF.evidence, int(time.monotonic() // _WAITING_SECONDS))


@lru_cache(maxsize=2)
def _waiting(chosen: Hashable, minute: int) -> bytes:
    del chosen, minute  # other settings, or later
    try:
        return holder().public().waiting
    except KeyHolderError:
        return b""


def log() -> Log:
    """The log of the whole service."""
    return _log(settings.SHERIF.evidence.folder)


@cache
def _log(root: Path) -> Log:
    return Log(root, holder())


def path_of(uid: UUID) -> Path:
    """The folder of a recording."""
    root: Path = settings.SHERIF.evidence.folder
    return root / uid.hex[:2] / str(uid)


def folder(uid: UUID) -> Folder:
    """A recording as this process has it open: what it read of the manifest stays in memory for the next second."""
    path = path_of(uid)
    with _lock:
        found = _open.get(path)
        return _keep(Folder(path, holder()) if found is None else found)


def adopt(opened: Folder) -> None:
    """This process has a recording open as this object from now on: on another disk, by another holder."""
    with _lock:
        _keep(opened)


def _keep(opened: Folder) -> Folder:
    _open[opened.folder] = opened
    _open.move_to_end(opened.folder)
    while len(_open) > _MOST_OPEN:
        _open.popitem(last=False)
    return opened


def forget(uid: UUID) -> None:
    """It is read anew the next time."""
    with _lock:
        _open.pop(path_of(uid), None)


def authorities() -> Sequence[Authority]:
    """Who stamps now; their certificates are kept, so that an expert can believe old stamps when others stamp.

    Raises OSError, ValueError where a certificate cannot be read.
    """
    chosen = settings.SHERIF.evidence
    found = [authority.load(stamps.name_of(one.url), one.url, one.roots) for one in chosen.authorities]
    for one in found:
        path = _kept(one.name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        disk.put(path, authority.pem(one), Disk())
    return found


def every_authority() -> Sequence[Authority]:
    """Whoever stamped here at any time."""
    return [authority.load(path.stem, "", path) for path in sorted(_kept("any").parent.glob("*.pem"))]


def _kept(name: str) -> Path:
    root: Path = settings.SHERIF.evidence.folder
    return root / "authorities" / f"{name}.pem"
