"""The alphabet of SMS (3GPP TS 23.038): what fits in a segment, and how to stay inside it.

One character outside the alphabet turns 160 characters into 70, so every SMS is written in it. Accents that it lacks
are dropped (ê -> e), French quotes and dashes become plain ones, other scripts are written as they sound.
"""

import unicodedata

from anyascii import anyascii

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # each takes two places
_ALPHABET = _BASIC | _EXTENDED
_PLAIN = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201b": "'",
    "\u02bc": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u00ab": '"',
    "\u00bb": '"',
    "\u2026": "...",
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2212": "-",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2009": " ",
    "\u00b0": "o",
    "\u0153": "oe",
    "\u0152": "OE",
    "\u0110": "D",
    "\u0111": "d",
    "\u0142": "l",
    "\u0141": "L",
}
_GSM_ONE, _GSM_MANY = 160, 153
_UCS2_ONE, _UCS2_MANY = 70, 67


def is_gsm(text: str) -> bool:
    """Whether every character is in the alphabet or its extension."""
    return all(character in _ALPHABET for character in text)


def to_gsm(text: str) -> str:
    """The same text in the alphabet of SMS; what already fits is unchanged."""
    return "".join(_one_to_gsm(character) for character in unicodedata.normalize("NFC", text))


def _one_to_gsm(character: str) -> str:
    if character in _ALPHABET:
        return character
    if plain := _PLAIN.get(character):
        return plain
    base = unicodedata.normalize("NFD", character)[0]
    if base in _ALPHABET:
        return base
    return "".join(sound for sound in anyascii(character) if sound in _ALPHABET)


def changed(text: str) -> list[str]:
    """The characters that are written otherwise, each once: as they stand they would double the price of every SMS."""
    normal = unicodedata.normalize("NFC", text)
    return [*dict.fromkeys(one for one in normal if not one.isspace() and _one_to_gsm(one) != one)]


def doubled(text: str) -> list[str]:
    """The characters that take two places, each once."""
    return [*dict.fromkeys(one for one in text if one in _EXTENDED)]


def places(text: str) -> int:
    """How many of a segment's places the text takes: septets, or UTF-16 units if one character forces UCS-2."""
    if is_gsm(text):
        return len(text) + sum(character in _EXTENDED for character in text)
    return len(text.encode("utf-16-be")) // 2


def segments(text: str) -> int:
    """How many SMS the network makes of it: one of 160 places or several of 153 (UCS-2: 70 or 67)."""
    one, many = (_GSM_ONE, _GSM_MANY) if is_gsm(text) else (_UCS2_ONE, _UCS2_MANY)
    taken = places(text)
    if taken <= one:
        return 1
    return _chained(text, many)


def _chained(text: str, many: int) -> int:
    # A character of two places is never cut between two segments (nor is a surrogate pair).
    count, room = 1, many
    for character in text:
        width = places(character) if is_gsm(text) else len(character.encode("utf-16-be")) // 2
        if width > room:
            count, room = count + 1, many
        room -= width
    return count
