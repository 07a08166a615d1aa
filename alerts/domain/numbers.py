"""Telephone numbers that may be called and written to: people, never a service, never an emergency number."""

from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from alerts.providers.numbers import is_forbidden

HOME_REGION = "FR"
# ARCEP, plan de numérotation: never given to a subscriber, kept for films, books and demonstrations.
_FICTION = ("19900", "26191", "35301", "46571", "53649", "63998")
# Dialled like a number of the mainland from there, but another country code from everywhere else.
_OVERSEAS = {
    "590": "590",
    "690": "590",
    "691": "590",
    "594": "594",
    "694": "594",
    "596": "596",
    "696": "596",
    "697": "596",
    "262": "262",
    "263": "262",
    "269": "262",
    "639": "262",
    "692": "262",
    "693": "262",
}
_NATIONAL_DIGITS = 9
_LONGEST_SHORT = 6
_OF_PEOPLE = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
    }
)


class Refusal(StrEnum):
    """Why a number cannot be a person's."""

    UNREADABLE = "unreadable"
    SHORT = "short"  # emergency numbers and every other number of up to six digits
    SERVICE = "service"  # premium, shared cost, free, pager, satellite
    FICTION = "fiction"  # outside a demonstration


class NumberRefusedError(Exception):
    """This number is not one that the service may call or write to; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


def read(text: str, *, demonstration: bool) -> str:
    """The number in E.164, from what a person types; numbers of films only in a demonstration.

    15, 17, 18, 112, 114, 115, 119, 191, 196, 197, 116xxx, 3919 and every other short number are refused, with or
    without a country code: a network may well connect such a call. Raises NumberRefusedError.
    """
    digits = "".join(character for character in text if character.isdigit())
    if 0 < len(digits) <= _LONGEST_SHORT:
        raise NumberRefusedError(Refusal.SHORT)
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException as error:
        raise NumberRefusedError(Refusal.UNREADABLE) from error
    national = phonenumbers.national_significant_number(number)
    if len(national) <= _LONGEST_SHORT:
        raise NumberRefusedError(Refusal.SHORT)
    if number.country_code == phonenumbers.country_code_for_region(HOME_REGION):
        if len(national) == _NATIONAL_DIGITS and national.startswith(_FICTION):
            return _fiction(number, demonstration=demonstration)
        number = _overseas(number, national)
    return _of_a_person(number)


def is_fixed_line(e164: str) -> bool:
    """Whether no SMS can be read there."""
    number = phonenumbers.parse(e164)
    return phonenumbers.number_type(number) == PhoneNumberType.FIXED_LINE


def national(e164: str) -> str:
    """As people of the same country write it, for instance 06 12 34 56 78; another country keeps its code."""
    number = phonenumbers.parse(e164)
    if number.country_code == phonenumbers.country_code_for_region(HOME_REGION):
        digits = f"0{phonenumbers.national_significant_number(number)}"
        return " ".join(digits[start : start + 2] for start in range(0, len(digits), 2))
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def hidden(e164: str) -> str:
    """Enough for her to recognise it, too little for who looks over her shoulder."""
    return f"•• {e164[-2:]}" if e164 else ""


def _fiction(number: phonenumbers.PhoneNumber, *, demonstration: bool) -> str:
    if not demonstration:
        raise NumberRefusedError(Refusal.FICTION)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _overseas(number: phonenumbers.PhoneNumber, national_digits: str) -> phonenumbers.PhoneNumber:
    code = _OVERSEAS.get(national_digits[:3]) if len(national_digits) == _NATIONAL_DIGITS else None
    return phonenumbers.parse(f"+{code}{national_digits}") if code else number


def _of_a_person(number: phonenumbers.PhoneNumber) -> str:
    if phonenumbers.is_valid_number(number):
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        if phonenumbers.number_type(number) in _OF_PEOPLE and not is_forbidden(e164):
            return e164
        raise NumberRefusedError(Refusal.SERVICE)
    raise NumberRefusedError(Refusal.UNREADABLE)
