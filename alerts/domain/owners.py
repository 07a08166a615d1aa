"""Who holds a lease on this machine, and whether that worker still lives.

Each worker holds the lock of a file that bears its name for as long as it lives; the kernel lets go of it however it
dies. So the leases of a killed worker are found dead within a second instead of after their fifteen. On other machines
the lease alone decides.
"""

import fcntl
import os
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SUFFIX = ".lock"
_MOST_HOST = 30


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:_MOST_HOST]


def _folder(data_dir: Path) -> Path:
    return data_dir / "workers"


@contextmanager
def named(data_dir: Path) -> Iterator[str]:
    """A new name for this worker, alive until the end of the block or of the process."""
    name = f"{_host()}.{os.getpid()}.{secrets.token_hex(4)}"
    folder = _folder(data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}{_SUFFIX}"
    young = folder / f"{name}.new"
    with young.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        young.rename(path)  # never seen unlocked under its name
        try:
            yield name
        finally:
            path.unlink(missing_ok=True)


@contextmanager
def dead(data_dir: Path) -> Iterator[list[str]]:
    """The names of this machine's workers that died without a goodbye; forgotten at the end of the block."""
    found = {path: path.name.removesuffix(_SUFFIX) for path in _dead_files(_folder(data_dir))}
    yield list(found.values())
    for path, name in found.items():
        notes(data_dir, name).unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def notes(data_dir: Path, name: str) -> Path:
    """Where this worker notes what it has on the wire (`alerts.domain.wire`)."""
    return _folder(data_dir) / f"{name}.wire"


def _dead_files(folder: Path) -> list[Path]:
    return [path for path in folder.glob(f"{_host()}.*{_SUFFIX}") if not _is_held(path)]


def _is_held(path: Path) -> bool:
    try:
        with path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:  # said goodbye just now: its leases were written before
        return True
    except BlockingIOError:
        return True
    return False
