"""Texts and calls as Twilio's API shows them; a request that Twilio would refuse is refused here with its code.

Source: twilio.com/docs/messaging/api/message-resource and twilio.com/docs/voice/api/call-resource.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from tests.telephony.ledger import Taken

ACCOUNT = "AC" + "0" * 32
_BASE = f"/2010-04-01/Accounts/{ACCOUNT}"
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_LONGEST_BODY = 1600
_LONGEST_SCRIPT = 4000
_VALIDITY = range(1, 36_001)  # seconds
_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_TWICE = frozenset("^{}\\[~]|€")


@dataclass(kw_only=True)
class Progress:
    """Where the network itself knows a text or a call to stand, whether or not it told anybody."""

    status: str = "queued"
    error_code: int | None = None
    seconds: int | None = None  # of a call, from the moment it was picked up


def segments(text: str) -> int:
    """How many SMS this text is paid for."""
    if all(letter in _GSM7 or letter in _GSM7_TWICE for letter in text):
        length, alone, joined = len(text) + sum(letter in _GSM7_TWICE for letter in text), 160, 153
    else:
        length, alone, joined = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= alone else -(-length // joined)


def refusal(kind: str, form: Mapping[str, str]) -> int:
    """Twilio's code for a request that it would not take; 0 for one that it takes."""
    to = form.get("To", "")
    if not _E164.fullmatch(to):
        return 21211 if to else (21604 if kind == "Messages" else 21201)
    if not form.get("From"):
        return 21603 if kind == "Messages" else 21213
    return _refused_text(form) if kind == "Messages" else _refused_call(form)


def _refused_text(form: Mapping[str, str]) -> int:
    if not form.get("Body"):
        return 21602
    if len(form["Body"]) > _LONGEST_BODY:
        return 21617
    validity = form.get("ValidityPeriod", "1")
    return 0 if validity.isdigit() and int(validity) in _VALIDITY else 21623


def _refused_call(form: Mapping[str, str]) -> int:
    if not (form.get("Twiml") or form.get("Url")):
        return 21205
    if not _E164.fullmatch(form["From"]):
        return 21212
    return 0 if len(form.get("Twiml", "")) <= _LONGEST_SCRIPT else 21218


def described(taken: Taken, progress: Progress) -> dict[str, Any]:
    """One text or call in full; a price comes much later, if ever."""
    begun = progress.status not in {"queued", "accepted", "initiated"}
    at = format_datetime(taken.at)
    shown: dict[str, Any] = {
        "sid": taken.sid,
        "account_sid": ACCOUNT,
        "api_version": "2010-04-01",
        "to": taken.to,
        "from": taken.form["From"],
        "direction": "outbound-api",
        "status": progress.status,
        "date_created": at,
        "date_updated": at,
        "price": None,
        "price_unit": "USD",
        "uri": f"{_BASE}/{taken.kind}/{taken.sid}.json",
        "subresource_uris": {},
    }
    if taken.kind == "Messages":
        return shown | _of_text(taken, progress, sent=at if begun else None)
    return shown | _of_call(progress, begun=at if begun else None)


def _of_text(taken: Taken, progress: Progress, *, sent: str | None) -> dict[str, Any]:
    return {
        "body": taken.form.get("Body", ""),
        "num_segments": str(segments(taken.form.get("Body", ""))),
        "num_media": "0",
        "messaging_service_sid": None,
        "error_code": progress.error_code,
        "error_message": None,
        "date_sent": sent,
    }


def _of_call(progress: Progress, *, begun: str | None) -> dict[str, Any]:
    return {
        "start_time": begun,
        "end_time": begun if progress.seconds is not None else None,
        "duration": None if progress.seconds is None else str(progress.seconds),
        "answered_by": None,
        "caller_name": None,
        "forwarded_from": None,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": "",
        "queue_time": "0",
        "trunk_sid": None,
    }


def page(kind: str, found: Sequence[dict[str, Any]], asked: Mapping[str, str]) -> dict[str, Any]:
    """One page of a list, newest first, and where the next one is."""
    size = max(1, min(int(asked.get("PageSize", "50")), 1000))
    number = int(asked.get("Page", "0"))
    more = len(found) > (number + 1) * size
    following = urlencode({**asked, "PageSize": size, "Page": number + 1, "PageToken": f"PA{number + 1}"})
    return {
        kind.lower(): list(found[number * size : (number + 1) * size]),
        "page": number,
        "page_size": size,
        "uri": f"{_BASE}/{kind}.json?{urlencode(asked)}",
        "first_page_uri": f"{_BASE}/{kind}.json?PageSize={size}&Page=0",
        "next_page_uri": f"{_BASE}/{kind}.json?{following}" if more else None,
        "previous_page_uri": None,
        "start": number * size,
        "end": min(len(found), (number + 1) * size) - 1,
    }


def is_asked_for(taken: Taken, progress: Progress, asked: Mapping[str, str]) -> bool:
    """Whether a list with these filters holds this one: To, From, Status, and DateSent or StartTime with < or >.

    What was not sent yet has no such date, and a list filtered by date leaves it out.
    """
    field = "DateSent" if taken.kind == "Messages" else "StartTime"
    dates = {name.removeprefix(field): value for name, value in asked.items() if name.startswith(field)}
    if dates and progress.status in {"queued", "accepted", "initiated"}:
        return False
    return (
        asked.get("To", taken.to) == taken.to
        and asked.get("From", taken.form["From"]) == taken.form["From"]
        and asked.get("Status", progress.status) == progress.status
        and all(_within(taken.at, sign, value) for sign, value in dates.items())
    )


def _within(at: datetime, sign: str, value: str) -> bool:
    day_only = len(value) == len("2026-06-01")
    told = datetime.fromisoformat(value).replace(tzinfo=UTC) if day_only else datetime.fromisoformat(value)
    at = at.replace(hour=0, minute=0, second=0, microsecond=0) if day_only else at.replace(microsecond=0)
    return at >= told if sign == ">" else at <= told if sign == "<" else at == told
