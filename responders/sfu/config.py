"""How one media process is set up, and what it lets others ask of it."""

import ipaddress
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["fast", "stock"]
"""`fast` calls libsrtp directly for every packet; `stock` uses aiortc's own path, slower and with fewer assumptions."""


_HIGHEST_PORT = 0xFFFF


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Seconds, bytes, bits per second: what a browser, or somebody who plays one, may cost."""

    rooms: int = 64
    answer_bytes: int = 64 * 1024
    candidates: int = 256
    unanswered: float = 15.0
    """A seat offered and never answered is freed."""
    unconnected: float = 15.0
    """So is one that answered and whose keys were not agreed by then."""
    consent: float = 15.0
    """And one whose browser no longer asks whether we are there (RFC 7675 lets it ask every 5 s)."""
    silent: float = 2.0
    """A microphone or camera without a packet for so long is no longer shown as published."""
    audio_bits: int = 192_000
    video_bits: int = 2_500_000


@dataclass(frozen=True, kw_only=True)
class MediaConfig:
    """Where the one UDP socket listens and how browsers are told to reach it.

    `address` and `port` (0: any free one) are bound. `announced` is the public address, or several with commas; without
    it the bound one is told, or this machine's own where that is a wildcard. With `only_here` nobody but this machine's
    own browsers is answered, whatever is bound. Raises ValueError for what is no address.
    """

    address: str = "127.0.0.1"
    port: int = 0
    announced: str | None = None
    only_here: bool = False
    level: Level = "fast"
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Refuse names: nothing here ever looks one up."""
        for address in (self.address, *self.announced_addresses):
            ipaddress.ip_address(address)
        if not 0 <= self.port <= _HIGHEST_PORT:
            raise ValueError("a UDP port lies between 0 and 65535")
        if self.level not in {"fast", "stock"}:
            raise ValueError("the level is fast or stock")

    @property
    def announced_addresses(self) -> tuple[str, ...]:
        """The public addresses, as text; empty where none was set."""
        return tuple(one.strip() for one in (self.announced or "").split(",") if one.strip())
