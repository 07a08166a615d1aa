"""Who a webhook of Twilio comes from: signed by our account, and sent by nobody on the block list.

django-twilio's own decorator reads one token while it is imported, checks nothing under DEBUG, takes GET, builds the
address from what the request claims, and lets everybody pass when its block list fails. What is kept of the package is
its `Caller` and its page in the admin; the rest is here and in `alerts.views.hooked`.
"""

import re

from django_twilio.models import Caller
from twilio.request_validator import RequestValidator

_E164 = re.compile(r"\+[0-9]{1,15}")


def is_signed(url: str, form: object, *, signature: str, tokens: tuple[str, ...]) -> bool:
    """Whether Twilio signed this POST to this public URL, under the primary or the secondary token.

    Source: https://www.twilio.com/docs/usage/security#validating-requests. `form` is what Django parsed, never a
    string: the checksum of a body in the address (bodySHA256) belongs to JSON, which none of our doors takes.
    """
    return any(bool(RequestValidator(token).validate(url, form, signature)) for token in tokens if token)


def is_blocked(number: str) -> bool:
    """Whether operators block this number. Raises DatabaseError where nobody can tell.

    The list holds numbers in E.164 alone, as Twilio writes them: letters and short numbers are on no list.
    """
    return bool(_E164.fullmatch(number)) and Caller.objects.filter(phone_number=number, blacklisted=True).exists()
