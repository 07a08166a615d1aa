"""What every way between processes offers."""

import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

_HEADING = re.compile(r'\{"type":"([a-z_]{1,20})","sequence":(\d{1,15})[,}]')
_HEX = 32


class UnreadableError(ValueError):
    """Something travelled on the bus that is no envelope: it is left out."""


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What a message is about, without reading the rest."""

    type: str
    sequence: int


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One message for the pages of one alert, already encoded as JSON."""

    alert_id: UUID
    text: str

    @property
    def heading(self) -> Heading:
        """Type and number of the message; raises UnreadableError if it has none."""
        if found := _HEADING.match(self.text):  # as `publish` writes them
            return Heading(type=found[1], sequence=int(found[2]))
        try:
            message = json.loads(self.text)
            return Heading(type=str(message["type"]), sequence=int(message.get("sequence", 0)))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise UnreadableError from error

    def packed(self) -> str:
        """As it travels: the alert, then the message."""
        return self.alert_id.hex + self.text

    def within(self, most_bytes: int) -> "Envelope":
        """Itself, or if it is too large for this way: a gap, upon which the pages read the snapshot."""
        if len(self.text.encode()) + _HEX <= most_bytes:
            return self
        return gap(self.alert_id, self.heading.sequence)


def gap(alert_id: UUID, sequence: int) -> Envelope:
    """Tells the pages that they missed something up to this number: they read the snapshot."""
    return Envelope(alert_id=alert_id, text=f'{{"type":"gap","sequence":{sequence}}}')


def unpacked(packed: str) -> Envelope:
    """An envelope as it arrived; raises UnreadableError."""
    try:
        return Envelope(alert_id=UUID(packed[:_HEX]), text=packed[_HEX:])
    except ValueError as error:
        raise UnreadableError from error


class Bus(Protocol):
    """Lossy, unordered, at most once: whoever needs more reads the rows."""

    def send(self, envelope: Envelope) -> None:
        """Hand over without waiting; from any thread. Raises OSError when it could not."""
        ...

    def listen(self, *, standing: Callable[[], None] = ...) -> AsyncIterator[Envelope]:
        """Every envelope sent by any process, through every outage; ends with the task that iterates.

        `standing` is called whenever the subscription begins to stand: what was sent before may have been missed.
        """
        ...
