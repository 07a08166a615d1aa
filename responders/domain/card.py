"""The contact card (vCard 3.0, RFC 2426): what makes a telephone let our calls through and say whose they are.

Version 3.0 and not 4.0 (RFC 6350), because both kinds of telephones take it without a question.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from alerts.domain.messages import clean_name
from alerts.domain.senders import Senders

_NAMESPACE = UUID("5d6f8a5e-90a5-4c2a-8d0f-0b8a4f2f7c31")
_OCTETS = 75  # of a line, RFC 2426 section 2.6


@dataclass(frozen=True, kw_only=True)
class Card:
    """Whose relative keeps it, at which place, and the code word of this very relative."""

    name: str
    place: str
    code_word: str
    senders: Senders

    @property
    def title(self) -> str:
        """As it stands on the screen when the telephone rings."""
        return _("ALERTE %(name)s") % {"name": clean_name(self.name)}


def write(card: Card) -> bytes:
    """The file, in the active language; the same place makes the same card, so that a second one replaces the first."""
    return b"".join(_folded(line) for line in _lines(card))


def _lines(card: Card) -> Iterator[str]:
    yield "BEGIN:VCARD"
    yield "VERSION:3.0"
    yield f"UID:urn:uuid:{uuid5(_NAMESPACE, card.place)}"
    yield f"N:;{_text(card.title)};;;"
    yield f"FN:{_text(card.title)}"
    for number in card.senders.numbers:
        yield f"TEL;TYPE=CELL,VOICE:{number}"
    if card.senders.mail:
        yield f"EMAIL;TYPE=INTERNET:{_text(card.senders.mail)}"
    yield f"NOTE:{_text(_note(card))}"
    yield "END:VCARD"


def _note(card: Card) -> str:
    words = [_("Mot convenu : %(word)s.") % {"word": card.code_word}]
    if card.senders.name:
        words.append(_("Les SMS peuvent venir de %(name)s.") % {"name": card.senders.name})
    return " ".join([*words, _("En danger : 17.")])


def _text(value: str) -> str:
    """Escaped (RFC 2426, section 4): no line break of anybody begins a line of ours."""
    plain = "".join(character if character.isprintable() else " " for character in value)
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> bytes:
    """At most 75 octets a line, never cut inside a character; the rest begins with a space."""
    pieces, piece = [], b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > _OCTETS - 1:
            pieces.append(piece)
            piece = b""
        piece += octets
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"
