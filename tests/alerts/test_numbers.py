"""Which telephone numbers may stand in her list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain import numbers
from alerts.domain.numbers import NumberRefusedError, Refusal
from alerts.providers.numbers import is_forbidden

EMERGENCY = ("15", "17", "18", "112", "114", "115", "119", "191", "196", "197", "116000", "116006", "116117", "116111")
FICTION = ("01 99 00 12 34", "02 61 91 12 34", "03 53 01 12 34", "04 65 71 12 34", "05 36 49 12 34", "06 39 98 12 34")


def refused(text: str, *, demonstration: bool = False) -> Refusal:
    with pytest.raises(NumberRefusedError) as refusal:
        numbers.read(text, demonstration=demonstration)
    return refusal.value.refusal


@pytest.mark.parametrize("number", [*EMERGENCY, "3919", "3020", "3117", "118218", "0"])
@pytest.mark.parametrize("dress", ["{}", " {} ", "+33{}", "+33 {}", "0033{}", "tel:{}"])
@pytest.mark.parametrize("demonstration", [False, True])
def test_an_emergency_or_short_number_is_refused_however_it_is_dressed(
    number: str, dress: str, demonstration: bool
) -> None:
    refusal = refused(dress.format(number), demonstration=demonstration)

    assert refusal in {Refusal.SHORT, Refusal.UNREADABLE}


@pytest.mark.parametrize("text", ["1 7", "1.7", "1-1-2", "\uff13\uff19\uff11\uff19", "39 19", "116 006"])
def test_a_short_number_with_gaps_or_other_digits_is_refused(text: str) -> None:
    assert refused(text) is Refusal.SHORT


@pytest.mark.parametrize("text", ["08 99 12 34 56", "0891 123456", "+33 892 123 456", "0812345678", "0800 123 456"])
def test_a_premium_or_service_number_is_refused(text: str) -> None:
    assert refused(text) is Refusal.SERVICE


@pytest.mark.parametrize("text", ["+8816 1234 5678", "+870 773 111 632", "+882 16 1234567", "+800 1234 5678"])
def test_a_satellite_and_a_number_of_no_country_are_refused_as_they_would_be_when_she_clicks(text: str) -> None:
    assert refused(text) is Refusal.SERVICE


@pytest.mark.parametrize("text", FICTION)
def test_a_number_of_films_is_refused_where_people_are_real(text: str) -> None:
    assert refused(text) is Refusal.FICTION


@pytest.mark.parametrize("text", FICTION)
def test_a_number_of_films_is_accepted_in_a_demonstration(text: str) -> None:
    assert numbers.read(text, demonstration=True) == "+33" + text.replace(" ", "")[1:]


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("06.12.34.56.78", "+33612345678"),
        ("0033 6 12 34 56 78", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("01 42 68 53 00", "+33142685300"),
        ("07 81 23 45 67", "+33781234567"),
        ("+44 7911 123456", "+447911123456"),
        ("+32 470 12 34 56", "+32470123456"),
    ],
)
def test_a_number_of_a_person_is_read_as_it_is_dialled_from_anywhere(text: str, e164: str) -> None:
    assert numbers.read(text, demonstration=False) == e164


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("0692 12 34 56", "+262692123456"),
        ("0690 30 12 34", "+590690301234"),
        ("0694 20 12 34", "+594694201234"),
        ("0696 20 12 34", "+596696201234"),
        ("0639 01 23 45", "+262639012345"),
    ],
)
def test_a_number_typed_overseas_gets_the_code_of_its_departement(text: str, e164: str) -> None:
    assert numbers.read(text, demonstration=False) == e164


@pytest.mark.parametrize("text", ["", "Nadia", "+", "06 12 34 56", "00 00 00 00 00", "+999 123456789", "0" * 40])
def test_what_is_no_number_is_refused(text: str) -> None:
    assert refused(text) in {Refusal.UNREADABLE, Refusal.SHORT}


@given(st.text(max_size=40))
def test_whatever_is_typed_becomes_an_international_number_or_a_refusal(text: str) -> None:
    try:
        e164 = numbers.read(text, demonstration=True)
    except NumberRefusedError:
        return
    assert e164.startswith("+")
    assert e164[1:].isascii()
    assert len(e164) > 8
    assert not is_forbidden(e164)
    assert numbers.read(e164, demonstration=True) == e164


def test_a_fixed_line_reads_no_sms() -> None:
    assert numbers.is_fixed_line("+33142685300")
    assert not numbers.is_fixed_line("+33612345678")


def test_who_looks_over_her_shoulder_reads_two_digits() -> None:
    assert numbers.hidden("+33612345678") == "•• 78"
    assert numbers.hidden("") == ""
