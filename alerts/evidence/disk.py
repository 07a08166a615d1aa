"""What is written is on the disk when the call returns; or else StorageError is raised, and what was before stands."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from alerts.evidence.errors import StorageError


class Disk:
    """The kernel's own. Tests pass one whose calls fail."""

    def write(self, descriptor: int, content: bytes) -> int:
        """As os.write: perhaps a part only."""
        return os.write(descriptor, content)

    def sync(self, descriptor: int) -> None:
        """As os.fsync: bytes and size are on the disk."""
        os.fsync(descriptor)


def put(path: Path, content: bytes, disk: Disk) -> None:
    """A new file that is whole; one of this name that no journal knows is replaced."""
    with _refused():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            _write(descriptor, content, disk)
            disk.sync(descriptor)
        finally:
            os.close(descriptor)
        sync_folder(path.parent, disk)


def append(descriptor: int, content: bytes, *, size: int, disk: Disk) -> None:
    """Behind the first `size` bytes. If it fails the file is cut there again.

    After a failed fsync the kernel may call pages clean that never reached the disk. Cutting them off and writing what
    comes next makes the page they shared dirty again, so that the next fsync writes all of it.
    """
    with _refused():
        try:
            os.lseek(descriptor, size, os.SEEK_SET)
            _write(descriptor, content, disk)
            disk.sync(descriptor)
        except OSError:
            with suppress(OSError):  # a disk that is gone refuses this too; whoever reads the file cuts it then
                os.ftruncate(descriptor, size)
            raise


def sync_folder(folder: Path, disk: Disk) -> None:
    """The names in it are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        disk.sync(descriptor)
    finally:
        os.close(descriptor)


def _write(descriptor: int, content: bytes, disk: Disk) -> None:
    left = memoryview(content)
    while left:
        left = left[disk.write(descriptor, bytes(left)) :]


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError from error
