"""Our own scripts and style sheets as they travel: without comments and idle blanks, compressed as small as it goes.

Nothing is renamed: a module stays the same program, statement by statement (a test compares the syntax trees). Files of
others (static/vendor, the admin) are compressed and nothing more.
"""

from importlib.metadata import version

import rcssmin
import rjsmin
from whitenoise.compress import Compressor
from zopfli.gzip import compress as zopfli

from sherif_web import joining

OWN = ("css/", "js/")
JOINED = ("js/pages/live.js",)  # whose first seconds count: one request instead of one after the other, three deep
TOOLS = " ".join(f"{name} {version(name)}" for name in ("rcssmin", "rjsmin", "zopfli", "brotli"))


def lighter(name: str, read: joining.Read) -> str | None:
    """What travels instead of this file, or None where it stays as it is. `read` gives the text of a file by its name.

    Raises JoiningError for style sheets or modules that cannot stand in one file.
    """
    if not name.startswith(OWN):
        return None
    if name.endswith(".css"):
        return str(rcssmin.cssmin(joining.sheet(name, read)))
    if name.endswith(".js"):
        return str(rjsmin.jsmin(joining.script(name, read) if name in JOINED else read(name)))
    return None


class SmallestCompressor(Compressor):  # type: ignore[misc]
    """Brotli as WhiteNoise does it; gzip by zopfli: four per cent smaller, slower to make, read by every gunzip."""

    @staticmethod
    def compress_gzip(data: bytes) -> bytes:
        """RFC 1952, without a time: equal files stay equal."""
        return bytes(zopfli(data))
