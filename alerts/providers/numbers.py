"""The last gate before the wire: an alert system never dials an emergency line, a short number or a costly one."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from alerts.providers.base import ProviderError
from alerts.states import Channel

FORBIDDEN = "forbidden_number"
_SHORTEST = 7  # national digits: emergency lines and listening lines (3919, 116 006, 118 218) are shorter
_COSTLY = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN})


def is_forbidden(number: str) -> bool:
    """True unless it is a whole number in E.164 of an ordinary line.

    Emergency lines (15, 17, 18, 112, 114, 115, 119, 191, 196, 197, 116 000 and the like) and 3919 are short numbers in
    every country, so that length and the plus sign refuse them all, those of next year too.
    """
    if not number.startswith("+") or not number[1:].isascii() or not number[1:].isdigit():
        return True
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return True
    if phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) != number:
        return True
    if len(str(parsed.national_number)) < _SHORTEST or not phonenumbers.is_possible_number(parsed):
        return True
    return phonenumbers.number_type(parsed) in _COSTLY


def refuse_forbidden(channel: Channel, to: str) -> None:
    """Raises a permanent ProviderError for a text or a call to such a number."""
    if channel is not Channel.EMAIL and is_forbidden(to):
        raise ProviderError(FORBIDDEN, permanent=True)
