"""A browser's answer, read strictly: what is not an answer to our own offer ends that browser's seat and nothing else.

Candidates are counted and forgotten. We are ICE-lite: the browser comes to us, no packet is sent and no name is looked
up for what an answer says (RFC 8445, section 2.5).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from responders.sfu.config import Limits
from responders.sfu.errors import BadAnswer
from responders.sfu.layout import CODECS, EXTENSIONS, LINES, PAYLOADS, REPAIRS, Kind, mid
from responders.sfu.sections import Section, one, split, streams

_FINGERPRINT = re.compile(r"sha-256 ([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){31})")
_USERNAME = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}")
_MOST_FINGERPRINTS = 5
_DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
_ODD = frozenset({"crypto", "rid", "simulcast", "sctp-port", "sctpmap", "ice-lite", "identity"})
"""Attributes that no browser answers to this offer."""


@dataclass(frozen=True, kw_only=True)
class Sends:
    """What one line of the own seat sends. Undeclared streams are None and learnt from the first packet."""

    stream: int | None
    repairs: int | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an answer settles."""

    username: str
    """The browser's ICE name, the second half of what its checks are signed with."""
    password: str
    """What it wants checks of ours to be signed with."""
    fingerprint: str
    """SHA-256 of the certificate it will show, as in the SDP."""
    sends: dict[Kind, Sends]
    receives: dict[tuple[Kind, int], tuple[int, ...]]
    """The lines it wants, each with the codecs it takes."""


def read(text: str, *, seat: int, limits: Limits) -> Answer:
    """The answer of the browser in this seat. Raises BadAnswer, and nothing else, for whatever is not one."""
    session, sections = split(text, limits)
    if len(sections) != len(LINES):
        raise BadAnswer("as many lines as were offered")
    accepted = []
    for (kind, whose), section in zip(LINES, sections, strict=True):
        _check_line(section, kind, whose)
        if _direction(section, own=whose == seat) is not None:
            accepted.append(((kind, whose), section))
    if not accepted:
        raise BadAnswer("at least one line accepted")
    open_sections = [section for _, section in accepted]
    _check_bundle(session, [mid(kind, whose) for (kind, whose), _ in accepted])
    username, password, fingerprint = _agreed(session, open_sections)
    return Answer(
        username=username,
        password=password,
        fingerprint=fingerprint,
        sends={kind: _sends(kind, section) for (kind, whose), section in accepted if whose == seat},
        receives={line: section.payloads for line, section in accepted if line[1] != seat},
    )


def _check_line(section: Section, kind: Kind, seat: int) -> None:
    if section.kind != kind or section.protocol != "UDP/TLS/RTP/SAVPF":
        raise BadAnswer("lines of the offered kinds, in their order")
    if one(section, "mid") != mid(kind, seat):
        raise BadAnswer("the lines' names as offered")
    if not _ODD.isdisjoint(section.attributes):
        raise BadAnswer("nothing that was not offered")
    if section.port != 0:
        _check_codecs(section, kind)


def _check_codecs(section: Section, kind: Kind) -> None:
    if not set(section.payloads) <= set(PAYLOADS[kind]) or set(section.payloads) <= set(REPAIRS):
        raise BadAnswer("only offered codecs")
    for value in section.attributes.get("rtpmap", ()):
        number, _, codec = value.partition(" ")
        if number not in map(str, section.payloads) or codec.lower() != CODECS[int(number)].lower():
            raise BadAnswer("the offered meaning of each codec")
    for value in section.attributes.get("extmap", ()):
        number, _, name = value.partition(" ")
        if (number.partition("/")[0], name) not in _EXTENSIONS:
            raise BadAnswer("only offered extensions")


_EXTENSIONS = frozenset((str(number), name) for number, name in EXTENSIONS.items())


def _direction(section: Section, *, own: bool) -> str | None:
    """Where its packets go, or None where it carries none."""
    said = [name for name in section.attributes if name in _DIRECTIONS]
    if len(said) != 1 or section.attributes[said[0]] != [""]:
        raise BadAnswer("one direction a line")
    if said[0] not in ({"sendonly", "inactive"} if own else {"recvonly", "inactive"}):
        raise BadAnswer("a direction that answers the offered one")
    return None if said[0] == "inactive" or section.port == 0 else said[0]


def _check_bundle(session: Section, accepted: Sequence[str]) -> None:
    groups = [value.split(" ") for value in session.attributes.get("group", ())]
    if len(groups) != 1 or groups[0][0] != "BUNDLE":
        raise BadAnswer("one bundle")
    named = groups[0][1:]
    if len(set(named)) != len(named) or not set(accepted) <= set(named) <= {mid(*line) for line in LINES}:
        raise BadAnswer("everything in the one bundle")
    if "ice-lite" in session.attributes:
        raise BadAnswer("somebody who checks: both sides cannot be ICE-lite")


def _agreed(session: Section, sections: Sequence[Section]) -> tuple[str, str, str]:
    """The ICE name and password and the fingerprint, the same wherever they stand."""
    for section in sections:
        if one(section, "rtcp-mux", session) != "":
            raise BadAnswer("reports on the one port")
        if one(section, "setup", session) != "active":
            raise BadAnswer("a browser that begins the handshake")
    names = {one(section, "ice-ufrag", session) for section in sections}
    passwords = {one(section, "ice-pwd", session) for section in sections}
    prints = {_fingerprint(section, session) for section in sections}
    if len(names) != 1 or len(passwords) != 1 or len(prints) != 1:
        raise BadAnswer("one way in for everything")
    name, password = names.pop(), passwords.pop()
    if not _USERNAME.fullmatch(name) or not _PASSWORD.fullmatch(password):
        raise BadAnswer("an ICE name and an ICE password")
    return name, password, prints.pop()


def _fingerprint(section: Section, session: Section) -> str:
    said = section.attributes.get("fingerprint") or session.attributes.get("fingerprint") or []
    if len(said) > _MOST_FINGERPRINTS:
        raise BadAnswer("few fingerprints")
    found = {match[1].upper() for value in said if (match := _FINGERPRINT.fullmatch(value))}
    if len(found) != 1:
        raise BadAnswer("one SHA-256 fingerprint")
    return found.pop()


def _sends(kind: Kind, section: Section) -> Sends:
    declared = streams(section)
    groups = section.attributes.get("ssrc-group", [])
    if kind is Kind.AUDIO or not groups:
        if len(declared) > 1 or groups:
            raise BadAnswer("one stream a line")
        return Sends(stream=next(iter(declared), None))
    pair = groups[0].split(" ")
    if len(groups) != 1 or pair[0] != "FID" or sorted(pair[1:]) != sorted(map(str, declared)) or len(declared) != 2:  # noqa: PLR2004
        raise BadAnswer("one stream and its repairs")
    return Sends(stream=int(pair[1]), repairs=int(pair[2]))
