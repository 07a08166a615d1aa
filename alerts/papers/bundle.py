"""A zip archive written as it is read: never whole in memory, never on a disk."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_OWNER_READS, _OWNER_RUNS = 0o600 << 16, 0o700 << 16  # how a zip writes the rights of a file, in the upper half


class _Pipe(io.RawIOBase):
    """Where the archive is written; what was written so far is taken away piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._written: list[bytes] = []

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, piece: "ReadableBuffer", /) -> int:
        """Keep it until it is taken."""
        self._written.append(bytes(piece))
        return len(self._written[-1])

    def take(self) -> bytes:
        """What was written since the last time."""
        taken, self._written = b"".join(self._written), []
        return taken


def stream(files: Iterable[tuple[str, Iterable[str] | Iterable[bytes]]], *, at: datetime) -> Iterator[bytes]:
    """The bytes of an archive of files, each given as its name and its pieces; `at` is their time (local)."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in files:
            info = zipfile.ZipInfo(name, at.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = _OWNER_RUNS if name.endswith(".sh") else _OWNER_READS
            with archive.open(info, "w") as file:
                for piece in pieces:
                    file.write(piece if isinstance(piece, bytes) else piece.encode())
                    if taken := pipe.take():
                        yield taken
    yield pipe.take()
