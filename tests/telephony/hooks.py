"""Hooks as Twilio posts them: forms and signatures.

Source: twilio.com/docs/messaging/guides/track-outbound-message-status, twilio.com/docs/voice/api/call-resource
(status callbacks), twilio.com/docs/usage/security (signatures).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.client import HTTPException
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

from tests.telephony.ledger import Taken
from tests.telephony.resources import ACCOUNT, Progress
from tests.wires import Reply, Wire

TOKEN = "token-of-the-stand-in"
SECOND_TOKEN = "second-token-of-the-stand-in"
_FORM = "application/x-www-form-urlencoded"
_COUNTRY = {"Country": "FR", "State": "", "City": "", "Zip": ""}


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A hook that was posted: of which message, saying what, and what the service answered (0: it was not there)."""

    sid: str
    word: str
    status: int


@dataclass(kw_only=True)
class Service:
    """The service under test: `wire` leads to it whatever host its links name; links say `public_url`.

    With `by_hand` nothing is posted of itself: the test says `network.deliver_receipts()`. So it must be in process,
    where hooks use the test's own connection to the database.
    """

    wire: Wire
    public_url: str
    by_hand: bool = False
    token: str = TOKEN
    posted: list[Posted] = field(default_factory=list)

    def post(self, url: str, form: Mapping[str, str], *, forged: bool = False) -> Reply:
        """POST to this URL as Twilio does, signed over the very URL; raises OSError where nobody listens."""
        parts = urlsplit(url)
        token = "a token that Twilio does not know" if forged else self.token
        headers = {
            "Content-Type": f"{_FORM}; charset=UTF-8",
            "X-Twilio-Signature": str(RequestValidator(token).compute_signature(url, form)),
            "User-Agent": "TwilioProxy/1.1",
            "I-Twilio-Idempotency-Token": f"{abs(hash((url, tuple(sorted(form.items()))))):032x}",
        }
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return self.wire.send("POST", path, headers=headers, body=urlencode(form).encode())

    def report(self, url: str, form: Mapping[str, str], *, forged: bool = False) -> int:
        """Post a receipt and remember the answer; a service that is not there misses it, Twilio does not insist."""
        try:
            status = self.post(url, form, forged=forged).status
        except (OSError, HTTPException):
            status = 0
        word = form.get("MessageStatus") or form["CallStatus"]
        self.posted.append(Posted(sid=form.get("MessageSid") or form["CallSid"], word=word, status=status))
        return status


def of_text(taken: Taken, word: str, *, code: int | None) -> dict[str, str]:
    """The receipt of a text."""
    form = {
        "SmsSid": taken.sid,
        "SmsStatus": word,
        "MessageSid": taken.sid,
        "MessageStatus": word,
        "To": taken.to,
        "From": taken.form["From"],
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
    }
    if word in {"delivered", "undelivered"}:
        form["RawDlrDoneDate"] = datetime.now(UTC).strftime("%y%m%d%H%M")
    return form | ({"ErrorCode": str(code)} if code else {})


def in_call(taken: Taken, word: str) -> dict[str, str]:
    """What every hook of a call holds."""
    caller = {f"Caller{name}": value for name, value in _COUNTRY.items()}
    called = {f"Called{name}": value for name, value in _COUNTRY.items()}
    return (
        caller
        | called
        | {
            "CallSid": taken.sid,
            "AccountSid": ACCOUNT,
            "From": taken.form["From"],
            "To": taken.to,
            "Caller": taken.form["From"],
            "Called": taken.to,
            "CallStatus": word,
            "Direction": "outbound-api",
            "ApiVersion": "2010-04-01",
        }
    )


def of_call(taken: Taken, word: str, *, sequence: int, progress: Progress) -> dict[str, str]:
    """The receipt of a call."""
    form = in_call(taken, word) | {
        "Timestamp": format_datetime(datetime.now(UTC)),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
    }
    if word in {"completed", "no-answer", "busy", "failed"}:
        seconds = progress.seconds or 0
        form |= {"CallDuration": str(seconds), "Duration": str(-(-seconds // 60))}
        form["SipResponseCode"] = {"completed": "200", "busy": "486", "failed": "404"}.get(word, "487")
    return form


def of_inbound(*, sid: str, sender: str, to: str, body: str) -> dict[str, str]:
    """A text that somebody sent to our number."""
    places = {f"{side}{name}": value for side in ("To", "From") for name, value in _COUNTRY.items()}
    return places | {
        "MessageSid": sid,
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "From": sender,
        "To": to,
        "Body": body,
        "NumMedia": "0",
        "NumSegments": "1",
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
    }
