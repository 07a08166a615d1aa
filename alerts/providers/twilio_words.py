"""Twilio's words and error codes, and what each means for a message. A test stands behind every row.

Source of the codes: https://www.twilio.com/docs/api/errors. Twilio makes new ones now and then: a code that is not here
is tried again by the same way, and a status that is not here is refused aloud.
"""

from collections.abc import Mapping
from enum import StrEnum

from alerts.states import Channel, DeliveryState


class Verdict(StrEnum):
    """What an error says of the next step."""

    AGAIN = "again"  # the same way, later
    BOTH = "both"  # the same way later, and another way now
    ELSEWHERE = "elsewhere"  # never by this way again: another one
    OUR_FAULT = "our_fault"  # key, account or sender: no text or no call reaches anybody until an operator repairs it


VERDICTS: Mapping[int, Verdict] = {
    # Our key and our account
    401: Verdict.OUR_FAULT,  # our key is wrong (HTTP, without a code of Twilio's)
    403: Verdict.OUR_FAULT,  # our key may not do this (HTTP)
    10001: Verdict.OUR_FAULT,  # account not active
    10005: Verdict.OUR_FAULT,  # calls are switched off for our account
    20003: Verdict.OUR_FAULT,  # our key is wrong
    20005: Verdict.OUR_FAULT,  # account not active
    20404: Verdict.OUR_FAULT,  # no such account
    30002: Verdict.OUR_FAULT,  # account suspended
    63038: Verdict.OUR_FAULT,  # the account sent all that it may today
    # Our sender and our caller number
    21210: Verdict.OUR_FAULT,  # caller number not verified
    21212: Verdict.OUR_FAULT,  # sender or caller number wrong
    21213: Verdict.OUR_FAULT,  # no caller number
    21267: Verdict.OUR_FAULT,  # a trial account has no sender of letters
    21603: Verdict.OUR_FAULT,  # no sender
    21606: Verdict.OUR_FAULT,  # sender cannot send texts
    21659: Verdict.OUR_FAULT,  # sender is none of Twilio's numbers
    21660: Verdict.OUR_FAULT,  # sender belongs to another account
    21661: Verdict.OUR_FAULT,  # sender cannot send texts
    # Too much, too fast, or unwell
    10004: Verdict.AGAIN,  # too many calls at once
    20429: Verdict.AGAIN,  # too many requests
    20500: Verdict.AGAIN,
    20503: Verdict.AGAIN,
    21611: Verdict.BOTH,  # our sender's queue is full
    30001: Verdict.BOTH,  # queue overflow
    30017: Verdict.BOTH,  # the carrier is congested
    30022: Verdict.BOTH,  # our sender's rate
    30500: Verdict.AGAIN,
    # The number
    21211: Verdict.ELSEWHERE,  # not a telephone number
    21214: Verdict.ELSEWHERE,  # cannot be called
    21215: Verdict.ELSEWHERE,  # calls to this country are not allowed in our account
    21216: Verdict.ELSEWHERE,  # on the account's block list
    21217: Verdict.ELSEWHERE,  # not a telephone number
    21219: Verdict.ELSEWHERE,  # a trial account calls verified numbers only
    21265: Verdict.ELSEWHERE,  # a short number
    21266: Verdict.ELSEWHERE,  # our own sender
    21268: Verdict.ELSEWHERE,  # a costly number
    21401: Verdict.ELSEWHERE,  # not a telephone number
    21408: Verdict.ELSEWHERE,  # texts to this country are not allowed in our account
    21421: Verdict.ELSEWHERE,  # not a telephone number
    21604: Verdict.ELSEWHERE,  # no number
    21608: Verdict.ELSEWHERE,  # a trial account texts verified numbers only
    21610: Verdict.ELSEWHERE,  # answered STOP
    21612: Verdict.ELSEWHERE,  # this sender cannot reach this number
    21614: Verdict.ELSEWHERE,  # not a mobile: the call reaches it
    21635: Verdict.ELSEWHERE,  # landline: the call reaches it
    # The text
    21602: Verdict.ELSEWHERE,  # empty
    21605: Verdict.ELSEWHERE,  # too long
    21617: Verdict.ELSEWHERE,  # too long
    # What became of it on its way
    30003: Verdict.BOTH,  # switched off or out of reach
    30004: Verdict.ELSEWHERE,  # blocked by the carrier or by its owner
    30005: Verdict.ELSEWHERE,  # unknown destination
    30006: Verdict.ELSEWHERE,  # landline: the call reaches it
    30007: Verdict.ELSEWHERE,  # filtered: the same text would be again
    30008: Verdict.BOTH,  # nobody knows why
    30010: Verdict.ELSEWHERE,  # dearer than allowed
    30018: Verdict.ELSEWHERE,  # the carrier wants our sender registered
    30024: Verdict.ELSEWHERE,  # the carrier does not know our sender
    30036: Verdict.BOTH,  # its time ran out
    30410: Verdict.BOTH,  # the carrier did not answer
    30450: Verdict.ELSEWHERE,  # taken for pumping, although we ask for no such check
    30453: Verdict.BOTH,  # could not be delivered
}
_PERMANENT = frozenset({Verdict.ELSEWHERE})
_ELSEWHERE = frozenset({Verdict.ELSEWHERE, Verdict.BOTH, Verdict.OUR_FAULT})
_STOP = "21610"

# Twilio's words for where a message stands. An unknown word raises.
MESSAGE_STATUS: Mapping[str, DeliveryState] = {
    "accepted": DeliveryState.ACCEPTED,
    "scheduled": DeliveryState.ACCEPTED,
    "queued": DeliveryState.ACCEPTED,
    "sending": DeliveryState.ACCEPTED,
    "sent": DeliveryState.ACCEPTED,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.DELIVERED,
    "undelivered": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "canceled": DeliveryState.FAILED,
}
# A completed call may have met an answering machine: it rang, no more. Only a key says that a human heard.
CALL_STATUS: Mapping[str, DeliveryState] = {
    "queued": DeliveryState.ACCEPTED,
    "initiated": DeliveryState.ACCEPTED,
    "ringing": DeliveryState.ACCEPTED,
    "in-progress": DeliveryState.DELIVERED,
    "completed": DeliveryState.DELIVERED,
    "busy": DeliveryState.FAILED,
    "no-answer": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "canceled": DeliveryState.FAILED,
}


class UnknownWordError(Exception):
    """Twilio used a word that these tables do not know: the delivery stays as it is and the table must grow."""


def status_of(channel: Channel, word: str) -> DeliveryState:
    """Where the delivery stands. Raises UnknownWordError, without the word: it comes from outside."""
    words = CALL_STATUS if channel is Channel.VOICE else MESSAGE_STATUS
    try:
        return words[word]
    except KeyError:
        raise UnknownWordError(channel) from None


def is_permanent(code: str) -> bool:
    """Whether trying again by the same way is of no use."""
    return _verdict(code) in _PERMANENT


def wants_another_way(code: str) -> bool:
    """Whether another channel should take over now instead of waiting for this one."""
    return _verdict(code) in _ELSEWHERE


def is_our_fault(code: str) -> bool:
    """Whether an error says that our key, account or sender is wrong: then nobody at all is told by this way."""
    return _verdict(code) is Verdict.OUR_FAULT


def says_stop(code: str) -> bool:
    """Whether this number answered STOP: Twilio takes no more texts for it."""
    return code == _STOP


def _verdict(code: str) -> Verdict:
    known = code.isascii() and code.isdigit()
    return VERDICTS.get(int(code), Verdict.AGAIN) if known else Verdict.AGAIN
