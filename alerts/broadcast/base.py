"""What every way between processes offers."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One message for the pages of one alert, already encoded as JSON."""

    alert_id: UUID
    text: str


class Bus(Protocol):
    """Lossy, unordered, at most once: whoever needs more reads the rows."""

    def send(self, envelope: Envelope) -> None:
        """Hand over without waiting; from any thread. Raises OSError when it could not."""
        ...

    def listen(self) -> AsyncIterator[Envelope]:
        """Every envelope sent from now on by any process; ends with the task that iterates."""
        ...
