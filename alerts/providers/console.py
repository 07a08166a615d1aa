"""No network at all: messages land in a file of their own, which the outbox page shows as telephones."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from alerts.providers.base import Message, ProviderError, Receipt, Sought, Standing
from alerts.providers.numbers import refuse_forbidden
from alerts.states import Channel, DeliveryState

_TABLE = """
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT, delivery TEXT NOT NULL, channel TEXT NOT NULL, recipient TEXT NOT NULL,
    name TEXT NOT NULL, language TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, prompt TEXT NOT NULL,
    at REAL NOT NULL
)
"""
_INDEX = "CREATE INDEX IF NOT EXISTS outbox_delivery ON outbox (delivery)"
_COLUMNS = "number, delivery, channel, recipient, name, language, subject, text, prompt, at"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One message as its recipient would see it; `at` in seconds since 1970 (UTC)."""

    number: int
    delivery: UUID
    channel: Channel
    recipient: str
    name: str
    language: str
    subject: str
    text: str
    prompt: str
    at: float


class ConsoleProvider:
    """Takes every message, durably: like a real network it remembers after a kill what it took."""

    name = "console"

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "outbox.sqlite3"
        self._lock = threading.Lock()
        self._open: sqlite3.Connection | None = None

    def send(self, message: Message) -> Receipt:
        """Store the message; once this returns it survives a kill and a power cut."""
        refuse_forbidden(message.channel, message.to)
        row = (
            str(message.id),
            str(message.channel),
            message.to,
            message.name,
            message.language,
            message.subject,
            message.text,
            message.prompt,
            time.time(),
        )
        with self._connection() as connection:
            stored = connection.execute(
                "INSERT INTO outbox (delivery, channel, recipient, name, language, subject, text, prompt, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        return Receipt(provider=self.name, provider_id=str(stored.lastrowid))

    def find(self, sought: Sought) -> Receipt | None:
        """Exact: the outbox knows our own ids."""
        refuse_forbidden(sought.channel, sought.to)
        with self._connection() as connection:
            row = connection.execute(
                "SELECT number FROM outbox WHERE delivery = ? ORDER BY number DESC LIMIT 1", (str(sought.id),)
            ).fetchone()
        return None if row is None else Receipt(provider=self.name, provider_id=str(row[0]))

    def ask(self, channel: Channel, provider_id: str) -> Standing | None:
        """What lies in the outbox has arrived: its page is the telephone."""
        del channel
        return Standing(state=DeliveryState.DELIVERED, provider=self.name, provider_id=provider_id)

    def entries(self, after: int = 0, most: int = 500) -> list[Entry]:
        """What arrived after this number, oldest first; without a number the newest `most`."""
        if after:
            query = f"SELECT {_COLUMNS} FROM outbox WHERE number > ? ORDER BY number LIMIT ?"  # noqa: S608 - constant
        else:
            query = f"SELECT {_COLUMNS} FROM outbox WHERE number > ? ORDER BY number DESC LIMIT ?"  # noqa: S608
        with self._connection() as connection:
            rows = connection.execute(query, (after, most)).fetchall()
        return sorted((_entry(row) for row in rows), key=lambda entry: entry.number)

    def clear(self) -> None:
        """Empty the telephones of the demonstration."""
        with self._connection() as connection:
            connection.execute("DELETE FROM outbox")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock:
                if self._open is None:
                    self._open = self._connect()
                yield self._open
        except sqlite3.OperationalError as error:  # locked or full: certainly not stored
            raise ProviderError("outbox_busy", permanent=False) from error

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(mode=0o600)
        connection = sqlite3.connect(self._path, timeout=5, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.execute("PRAGMA synchronous=FULL")
        with closing(connection.cursor()) as cursor:
            cursor.execute(_TABLE)
            cursor.execute(_INDEX)
        return connection


def _entry(row: tuple[int, str, str, str, str, str, str, str, str, float]) -> Entry:
    number, delivery, channel, recipient, name, language, subject, text, prompt, at = row
    return Entry(
        number=number,
        delivery=UUID(delivery),
        channel=Channel(channel),
        recipient=recipient,
        name=name,
        language=language,
        subject=subject,
        text=text,
        prompt=prompt,
        at=at,
    )
