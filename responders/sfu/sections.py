"""The lines of an SDP (RFC 8866), split and bounded, before anybody asks what they mean."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from responders.sfu.config import Limits
from responders.sfu.errors import BadAnswer

_MOST_LINES = 2_000
_LONGEST_LINE = 1_000
_MOST_STREAMS = 4
_LINE = re.compile(r"[a-z]=[ -~]+")
_MEDIA = re.compile(r"(audio|video) ([0-9]{1,5}) ([A-Z/]{1,30})((?: [0-9]{1,3}){1,32})")
_ATTRIBUTE = re.compile(r"([A-Za-z0-9-]{1,40})(?::(.+))?")
_STREAM = re.compile(r"([1-9][0-9]{0,9})(?: .+)?")
_SESSION_TYPES, _MEDIA_TYPES = frozenset("vostcba"), frozenset("cba")
_HIGHEST_PORT = 0xFFFF
_HIGHEST_STREAM = 0xFFFFFFFF


@dataclass(kw_only=True)
class Section:
    """One `m=` line and what stands under it; the session itself has no kind."""

    kind: str = ""
    port: int = 0
    protocol: str = ""
    payloads: tuple[int, ...] = ()
    attributes: dict[str, list[str]] = field(default_factory=dict)


def split(text: str, limits: Limits) -> tuple[Section, list[Section]]:
    """The session and its lines. Raises BadAnswer for what is too much, or no SDP."""
    session = current = Section()
    sections: list[Section] = []
    candidates = 0
    for number, line in enumerate(_lines(text, limits)):
        letter, value = line[0], line[2:]
        if (number == 0) != (letter == "v"):
            raise BadAnswer("a version first, and once")
        if letter == "m":
            current = _media(value)
            sections.append(current)
        elif letter not in (_MEDIA_TYPES if sections else _SESSION_TYPES):
            raise BadAnswer("only lines that browsers write")
        elif letter == "a":
            name = _keep(current, value)
            candidates += name == "candidate"
    if candidates > limits.candidates:
        raise BadAnswer("few candidates")
    return session, sections


def one(section: Section, name: str, session: Section | None = None) -> str:
    """The only value of an attribute, of the line or else of the session. Raises BadAnswer without one, or with two."""
    values = section.attributes.get(name) or (session.attributes.get(name) if session else None) or []
    if len(values) != 1:
        raise BadAnswer(f"one {name}")
    return values[0]


def streams(section: Section) -> list[int]:
    """The SSRCs a line declares, in their order. Raises BadAnswer for numbers that are none, or too many."""
    found: dict[int, None] = {}
    for value in section.attributes.get("ssrc", ()):
        match = _STREAM.fullmatch(value)
        if match is None or int(match[1]) > _HIGHEST_STREAM:
            raise BadAnswer("streams with a number")
        found[int(match[1])] = None
    if len(found) > _MOST_STREAMS:
        raise BadAnswer("few streams")
    return list(found)


def _lines(text: str, limits: Limits) -> Iterator[str]:
    if len(text) > limits.answer_bytes:
        raise BadAnswer("an answer of a browser's size")
    lines = text.removesuffix("\n").removesuffix("\r").split("\n")
    if len(lines) > _MOST_LINES:
        raise BadAnswer("an answer of a browser's size")
    for raw in lines:
        line = raw.removesuffix("\r")
        if len(line) > _LONGEST_LINE or not _LINE.fullmatch(line):
            raise BadAnswer("lines of SDP")
        yield line


def _media(value: str) -> Section:
    match = _MEDIA.fullmatch(value)
    if match is None or int(match[2]) > _HIGHEST_PORT:
        raise BadAnswer("lines for sound and picture")
    payloads = tuple(int(number) for number in match[4].split())
    if len(set(payloads)) != len(payloads):
        raise BadAnswer("each codec once")
    return Section(kind=match[1], port=int(match[2]), protocol=match[3], payloads=payloads)


def _keep(section: Section, value: str) -> str:
    match = _ATTRIBUTE.fullmatch(value)
    if match is None:
        raise BadAnswer("attributes with a name")
    name: str = match[1]
    section.attributes.setdefault(name, []).append(match[2] or "")
    return name
