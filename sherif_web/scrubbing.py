"""Log lines without secrets, numbers, names, positions or tokens."""

import logging
import re

_RULES = (
    (re.compile(r"/([rc])/[^\s\"'<>]+"), r"/\1/[link]"),
    (re.compile(r"/(alert|consent)/[^\s/\"'<>]+"), r"/\1/[place]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+\S+"), r"\1 [secret]"),
    (re.compile(r"(?i)([?&](?:id|token|code|pin|lat|lon|key)=)[^&\s\"']+"), r"\1[hidden]"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "[address]"),
    (re.compile(r"(?<![\w.:-])\+\d[\d .-]{5,}\d"), "[number]"),
    (re.compile(r"(?<![\w.:-])0[1-9](?:[ .-]?\d{2}){4}(?!\d)"), "[number]"),
    (re.compile(r"-?\b\d{1,3}\.\d{3,}\b"), "[position]"),
)


def scrub(text: str) -> str:
    """The same sentence with everything that could lead to a person taken out."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


class ScrubbingFormatter(logging.Formatter):
    """Scrubs the finished line, traceback included, whoever wrote it."""

    def format(self, record: logging.LogRecord) -> str:
        """One line (or traceback) of the log, scrubbed."""
        return scrub(super().format(record))
