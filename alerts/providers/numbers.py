"""The last gate before the wire: an alert system never dials an emergency line, a short number or a costly one."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType, ValidationResult

from alerts.providers.base import ProviderError
from alerts.states import Channel

FORBIDDEN = "forbidden_number"
_SHORTEST = 7  # national digits: emergency lines and listening lines (3919, 116 006, 118 218) are shorter
_COSTLY = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN})
# France and its overseas territories: what begins with 08 and is not known to be free or a person's is a service.
_FRENCH = frozenset({33, 262, 508, 590, 594, 596, 681, 687, 689})
_NORTH_AMERICAN = 1
_NOWHERE = "001"  # the region of country codes that belong to no country: satellites, and services of the whole world


def is_forbidden(number: str) -> bool:
    """True unless it is a whole number in E.164 of an ordinary line.

    Emergency lines (15, 17, 18, 112, 114, 115, 119, 191, 196, 197, 116 000 and the like) and 3919 are short numbers in
    every country, so that length and the plus sign refuse them all, those of next year too. It is not asked that the
    number be known to exist: a new range that our tables lack must not keep a relative from being told.
    """
    if not number.startswith("+") or not number[1:].isascii() or not number[1:].isdigit():
        return True
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return True
    if phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) != number:
        return True
    return _is_short(parsed) or _is_service(parsed)


def _is_short(parsed: phonenumbers.PhoneNumber) -> bool:
    whole = phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.IS_POSSIBLE
    return not whole or len(str(parsed.national_number)) < _SHORTEST


def _is_service(parsed: phonenumbers.PhoneNumber) -> bool:
    code, national = parsed.country_code or 0, phonenumbers.national_significant_number(parsed)
    if phonenumbers.region_code_for_country_code(code) == _NOWHERE:
        return True
    kind = phonenumbers.number_type(parsed)
    if kind != PhoneNumberType.UNKNOWN:
        return kind in _COSTLY
    if code == _NORTH_AMERICAN:
        return national[1:3] == "11"  # 911 and the like, with any digits behind
    return code in _FRENCH and national.startswith("8")


def refuse_forbidden(channel: Channel, to: str) -> None:
    """Raises a permanent ProviderError for a text or a call to such a number."""
    if channel is not Channel.EMAIL and is_forbidden(to):
        raise ProviderError(FORBIDDEN, permanent=True)
