"""Tiles as they are counted and as they are drawn. Plain Python: no Django, no settings."""

from dataclasses import dataclass

DEEPEST = 22
MOST_BYTES = 512 * 1024  # of one picture: five times a large one


class TilesError(Exception):
    """No picture."""


class AbsentError(TilesError):
    """There is none at this address, and there will be none tomorrow: the sea, another country, too deep."""


class AwayError(TilesError):
    """Whoever makes them failed. `reached` tells whether somebody answered at all."""

    def __init__(self, why: str, *, reached: bool) -> None:
        super().__init__(why)
        self.reached = reached


@dataclass(frozen=True, slots=True)
class Address:
    """A tile of the Web Mercator pyramid: level, column from the west, row from the north."""

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        """Whether the pyramid has such a tile."""
        return 0 <= self.z <= DEEPEST and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z


def kind_of(picture: bytes) -> str:
    """The media type, read from the first bytes and never believed from a header. Raises AwayError for anything else.

    PNG (RFC 2083, 12.12), JPEG (JFIF, B.1.1.3), WebP (RFC 9649, 2.4).
    """
    if picture.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if picture.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if picture.startswith(b"RIFF") and picture[8:12] == b"WEBP":
        return "image/webp"
    raise AwayError("not a picture", reached=True)
