"""Our own scripts and style sheets as they travel: without comments and idle blanks, compressed as small as it goes.

Nothing is renamed: a module stays the same program, statement by statement (a test compares the syntax trees). Files of
others (static/vendor, the admin) are compressed and nothing more.
"""

import posixpath
import re
from collections.abc import Callable
from importlib.metadata import version

import rcssmin
import rjsmin
from whitenoise.compress import Compressor
from zopfli.gzip import compress as zopfli

OWN = ("css/", "js/")
TOOLS = " ".join(f"{name} {version(name)}" for name in ("rcssmin", "rjsmin", "zopfli", "brotli"))
_IMPORT = re.compile(r"""^@import\s+["'](?P<name>[^"']+)["']\s*;[ \t]*\n?""", re.MULTILINE)
_ADDRESS = re.compile(r"\burl\(", re.IGNORECASE)

Read = Callable[[str], str]


class SheetsError(ValueError):
    """Style sheets that cannot stand in one file."""


def lighter(name: str, read: Read) -> str | None:
    """What travels instead of this file, or None where it stays as it is. `read` gives the text of a file by its name.

    Raises SheetsError as `whole_sheet` does.
    """
    if not name.startswith(OWN):
        return None
    if name.endswith(".css"):
        return str(rcssmin.cssmin(whole_sheet(name, read)))
    return str(rjsmin.jsmin(read(name))) if name.endswith(".js") else None


def whole_sheet(name: str, read: Read, *, above: tuple[str, ...] = ()) -> str:
    """A style sheet with the sheets that it imports in their places: one request instead of one after the other.

    Raises SheetsError for a circle, and for a sheet of another folder that names files by addresses relative to it.
    """
    if name in above:
        raise SheetsError(f"style sheets import each other: {' -> '.join((*above, name))}")
    text = read(name)
    if above and posixpath.dirname(name) != posixpath.dirname(above[0]) and _ADDRESS.search(text):
        raise SheetsError(f"{name} names files beside it and cannot stand in {above[0]}")

    def put_in(found: re.Match[str]) -> str:
        imported = posixpath.normpath(posixpath.join(posixpath.dirname(name), found["name"]))
        return whole_sheet(imported, read, above=(*above, name)) + "\n"

    return _IMPORT.sub(put_in, text)


class SmallestCompressor(Compressor):  # type: ignore[misc]
    """Brotli as WhiteNoise does it; gzip by zopfli: four per cent smaller, slower to make, read by every gunzip."""

    @staticmethod
    def compress_gzip(data: bytes) -> bytes:
        """RFC 1952, without a time: equal files stay equal."""
        return bytes(zopfli(data))
