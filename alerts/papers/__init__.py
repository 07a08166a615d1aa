"""What people take away: a table and a page to print. Plain Python: it knows no rows and no requests."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A record of what happened, ready to be written: every text in one language, the oldest row first.

    `facts` stand above the table, `columns` name its columns, `foot` stands below every page.
    """

    language: str
    title: str
    facts: Sequence[str]
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    foot: str


def plain(text: str) -> str:
    """Text of people on one line, without what turns or hides letters (control and format characters)."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
