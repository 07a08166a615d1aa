"""Text from people, made inert before it travels: no control, no line break, no link that is not ours."""

import unicodedata

from alerts.domain.messages import gsm

MOST_NAME = 40
_SHORT_NAME = 20
MOST_TEXT = 300
_ENDS = frozenset(".!?\u2026")
_JOINERS = frozenset("'-\u2019")


def clean_name(name: str) -> str:
    """A name of letters, digits, spaces, apostrophes and hyphens: a telephone cannot make a link of it."""
    kept = "".join(_name_character(character) for character in unicodedata.normalize("NFC", name))
    return " ".join(kept.split())[:MOST_NAME].strip(" '-\u2019")


def short_name(name: str) -> str:
    """A name as an SMS has room for it: in its alphabet, where one letter may become many, then cut."""
    return gsm.to_gsm(clean_name(name))[:_SHORT_NAME].strip()


def _name_character(character: str) -> str:
    return character if character in _JOINERS or unicodedata.category(character)[0] in "LMN" else " "


def sentence(text: str) -> str:
    """Her own words with a full stop, unless they end by themselves: what follows them is another sentence."""
    return f"{text}." if text and text[-1] not in _ENDS else text


def clean_text(text: str, most: int = MOST_TEXT) -> str:
    """Her own words on one line: controls, bidirectional marks and line ends become spaces; cut at `most`."""
    normal = unicodedata.normalize("NFC", text)
    kept = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in normal)
    return " ".join(kept.split())[:most].rstrip()
