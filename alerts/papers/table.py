"""A paper as a table for any office program: comma-separated values (RFC 4180), inert."""

import csv
import io
from collections.abc import Iterable

from alerts.papers import Paper, plain

# Offices of the French-speaking world read a comma as a decimal point and split at semicolons.
_SEPARATORS = {"fr": ";"}
_BEGINS_A_FORMULA = tuple("=+-@|%\uff1d\uff0b\uff0d\uff20")  # OWASP: CSV injection; wide forms are read as narrow ones
_SIGNATURE = "\ufeff"  # without it Excel takes UTF-8 for Windows-1252


def write(paper: Paper) -> bytes:
    """The rows under the names of their columns, in UTF-8."""
    written = io.StringIO()
    table = csv.writer(written, delimiter=_SEPARATORS.get(paper.language, ","), quoting=csv.QUOTE_ALL)
    table.writerows([inert(row) for row in (paper.columns, *paper.rows)])
    return (_SIGNATURE + written.getvalue()).encode()


def inert(row: Iterable[str]) -> list[str]:
    """Cells that no program calculates: what begins like a formula gets an apostrophe in front."""
    cells = [plain(cell) for cell in row]
    return [f"'{cell}" if cell.startswith(_BEGINS_A_FORMULA) else cell for cell in cells]
