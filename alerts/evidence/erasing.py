"""The end of a recording: its key first, then everything. Whatever stops it in between, it is done again."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from alerts.evidence import disk
from alerts.evidence.disk import Disk
from alerts.evidence.errors import StorageError
from alerts.evidence.recording import KEY

_ATTEMPTS = 3  # a second that is being written at this very moment may come in between


def destroy(folder: Path, machine: Disk | None = None) -> None:
    """Nothing can open its sound any more, then nothing of it is left. Raises StorageError; nothing there is no error.

    The key's bytes are overwritten before its name goes, which a disk that writes elsewhere (SSD, snapshot) may not
    heed: what is promised is that this service has no key any more.
    """
    if not folder.exists():
        return
    try:
        _destroy_key(folder / KEY, machine or Disk())
        for _ in range(_ATTEMPTS):
            shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            raise StorageError
        disk.sync_folder(folder.parent, machine or Disk())
    except OSError as error:
        raise StorageError from error


def _destroy_key(path: Path, machine: Disk) -> None:
    with suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            machine.write(descriptor, bytes(os.fstat(descriptor).st_size))
            machine.sync(descriptor)
        finally:
            os.close(descriptor)
        path.unlink()
        disk.sync_folder(path.parent, machine)
