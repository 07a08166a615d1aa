"""The contact card: one file that both kinds of telephones take, in which nobody writes a line of their own."""

import re

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain.senders import Senders
from responders.domain import card

SENDERS = Senders(calls="+33199001234", texts="", name="MonSherif", replies="+33199001235", mail="alerte@sos.example")


def written(name: str = "Marie", word: str = "tournesol") -> str:
    with override("fr"):
        return card.write(card.Card(name=name, place="place", code_word=word, senders=SENDERS)).decode()


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_the_card_holds_every_number_that_calls_and_the_code_word() -> None:
    lines = unfolded(written())

    assert lines[:2] == ["BEGIN:VCARD", "VERSION:3.0"]
    assert lines[-2:] == ["END:VCARD", ""]
    assert "FN:ALERTE Marie" in lines
    assert [line for line in lines if line.startswith("TEL")] == [
        "TEL;TYPE=CELL,VOICE:+33199001234",
        "TEL;TYPE=CELL,VOICE:+33199001235",
    ]
    assert "EMAIL;TYPE=INTERNET:alerte@sos.example" in lines
    note = next(line for line in lines if line.startswith("NOTE:"))
    assert "tournesol" in note
    assert "MonSherif" in note


def test_the_same_page_makes_the_same_card_so_that_it_is_replaced() -> None:
    assert written() == written()


@given(st.text(max_size=80))
def test_no_name_becomes_a_line_of_its_own(name: str) -> None:
    text = written(name=name)

    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    keys = [re.match(r"[A-Z]+", line)[0] for line in unfolded(text) if line]  # type: ignore[index]
    assert keys == ["BEGIN", "VERSION", "UID", "N", "FN", "TEL", "TEL", "EMAIL", "NOTE", "END"]


@pytest.mark.parametrize("word", ["a;b", "a,b", "a\\b", "a\nTEL:+33600000000"])
def test_what_means_something_in_a_card_is_escaped(word: str) -> None:
    note = next(line for line in unfolded(written(word=word)) if line.startswith("NOTE:"))

    assert not re.search(r"(?<!\\)[;,]", note.removeprefix("NOTE:"))
