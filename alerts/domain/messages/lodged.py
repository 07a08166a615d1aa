"""The mail that lodges a head of the log: whom it reaches keeps it, and needs to do nothing else. Both languages."""

from dataclasses import dataclass
from datetime import UTC, datetime

_TEXT = """Gardez ce message. Il ne demande rien.

Numéro    : %(sequence)d
Empreinte : %(head)s
Date      : %(at)s (UTC)

C'est l'empreinte du journal des enregistrements de ce service, à cette date. Elle ne nomme personne. Si quelqu'un
modifiait plus tard ce journal, ce message le contredirait : un expert compare avec
    ./verify.sh --lodged %(sequence)d %(head)s

Keep this message; it asks for nothing. It holds the hash of this service's log of recordings at that date, and names
nobody. If somebody changed that log later, this message would contradict it.
"""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Line number and SHA-256 of it (hexadecimal); `at` is UTC."""

    sequence: int
    head: str
    at: datetime

    def subject(self) -> str:
        """It sorts by itself in a mailbox."""
        return f"Empreinte {self.sequence} / hash {self.sequence}"

    def text(self) -> str:
        """Plain text."""
        return _TEXT % {
            "sequence": self.sequence,
            "head": self.head,
            "at": f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        }
