"""Texts through OVHcloud, by its own client. No calls. Nothing is sent twice by a retry of the client.

Sources: https://eu.api.ovh.com/console/#/sms for requests and answers; OVHcloud's guide "Everything you need to know
about SMS users" for what a delivery receipt says. There is no key of ours against doubling, but a `tag`: it bears a
short form of our delivery's id, so that what was taken can be found exactly.
"""

import base64
import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import ovh
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError

from alerts.providers.base import Message, ProviderError, Receipt, Sought, Standing, UnknownOutcomeError
from alerts.providers.numbers import refuse_forbidden
from alerts.states import Channel, DeliveryState

TIMEOUT = (1.5, 4.5)  # seconds to connect and to answer; the client's own default is three minutes
_CLOCK_TIMEOUT = (1.5, 1.5)
_CONNECTIONS = 48
_LISTED = 20  # pending jobs looked at, newest first
_TAG = 20  # characters at most
_PREFIX = "ovh-"
_TOKEN = re.compile(r"/[rc]/([A-Za-z0-9_-]{16,64})")
_MAY_HAVE_TAKEN = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})

# `errorCode` and statuses that say: it is our key, our account or our sender. True where our clock may be the reason.
OURS: Mapping[str, bool] = {
    "INVALID_CREDENTIAL": False,
    "INVALID_KEY": False,
    "INVALID_SIGNATURE": True,
    "NOT_CREDENTIAL": False,
    "NOT_GRANTED_CALL": False,
    "QUERY_TIME_OUT": True,
    "401": False,
    "402": False,  # no credit left
    "403": False,
    "404": False,  # no such SMS service
    "460": False,  # the service has expired
}

# `deliveryReceipt` of a sent text. An unknown one raises.
RECEIPTS: Mapping[int, DeliveryState] = {
    0: DeliveryState.ACCEPTED,  # being created, or on its way
    1: DeliveryState.DELIVERED,
    2: DeliveryState.FAILED,
    4: DeliveryState.ACCEPTED,  # waiting
    8: DeliveryState.ACCEPTED,  # kept by the operator until the telephone is there
    16: DeliveryState.FAILED,  # error, not billed
}


class UnknownWordError(Exception):
    """OVHcloud used a word that this table does not know: the delivery stays as it is and the table must grow."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """The application, the SMS service, our sender, and where a stand-in listens instead of OVHcloud (empty: nowhere).

    A sender that is a number of another network is not OVHcloud's: then its own short number writes.
    """

    application_key: str
    application_secret: str
    consumer_key: str
    service: str
    sender: str
    endpoint: str = "ovh-eu"
    url: str = ""


class _Client(ovh.Client):  # type: ignore[misc]  # published without types
    """OVHcloud's client with time-outs, enough connections for every sending thread, and another host for trials."""

    _time_delta: int | None

    def __init__(self, given: Credentials, timeout: tuple[float, float]) -> None:
        super().__init__(
            endpoint=given.endpoint,
            application_key=given.application_key,
            application_secret=given.application_secret,
            consumer_key=given.consumer_key,
            timeout=timeout,
        )
        self._clock_is_wrong = False
        if given.url:
            self._endpoint = f"{given.url.rstrip('/')}/1.0"
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=_CONNECTIONS, max_retries=0))

    def set_clock(self) -> None:
        """Learn how far OVHcloud's clock is from ours, once: it signs the hour too. Raises RequestException."""
        if self._time_delta is None or self._clock_is_wrong:
            answer = self._session.get(f"{self._endpoint}/auth/time", timeout=_CLOCK_TIMEOUT)
            answer.raise_for_status()
            heard = answer.json()
            if not isinstance(heard, int):
                raise requests.RequestException("no hour")
            self._time_delta = heard - int(time.time())
            self._clock_is_wrong = False

    def doubt_clock(self) -> None:
        """Ask for the hour again before the next request; until then the old one serves other threads."""
        self._clock_is_wrong = True


class OvhProvider:
    """Texts. Safe to call from many threads."""

    name = "ovh"
    id_prefixes = (_PREFIX,)

    def __init__(self, credentials: Credentials, *, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._from = credentials
        self._client = _Client(credentials, timeout)
        self._sms = f"/sms/{quote(credentials.service, safe='')}"

    def send(self, message: Message) -> Receipt:
        """One request, never repeated here."""
        if message.channel is not Channel.SMS:
            raise ProviderError("ovh_texts_only", permanent=True)
        refuse_forbidden(message.channel, message.to)
        try:
            self._client.set_clock()
        except requests.RequestException as error:
            raise ProviderError("ovh_unreachable", permanent=False) from error
        try:
            answer = self._client.raw_call("POST", f"{self._sms}/jobs", data=self._job(message))
        except requests.RequestException as error:
            raise _judged(error) from error
        self._refuse(answer)
        return Receipt(provider=self.name, provider_id=f"{_PREFIX}{_taken(answer)}")

    def find(self, sought: Sought) -> Receipt | None:
        """Exact among what was sent, by our tag; what still waits with OVHcloud bears no tag and is known by its text.

        Waiting is looked at first: a text moves from there to what was sent, and never back.
        """
        refuse_forbidden(sought.channel, sought.to)
        waiting = self._waiting(sought)
        sent = self._read(f"{self._sms}/outgoing?tag={tag_of(sought.id)}")
        if sent is None or not isinstance(sent, list):
            raise _cannot_ask()
        found = max(sent) if sent else waiting
        return None if found is None else Receipt(provider=self.name, provider_id=f"{_PREFIX}{found}")

    def ask(self, channel: Channel, provider_id: str) -> Standing | None:
        """The delivery receipt of one text; None once OVHcloud has forgotten it."""
        del channel
        number = provider_id.removeprefix(_PREFIX)
        if not number.isdigit():
            return None
        text = self._read(f"{self._sms}/outgoing/{number}") or self._read(f"{self._sms}/jobs/{number}")
        return None if text is None else _standing(text, provider_id)

    def _job(self, message: Message) -> dict[str, Any]:
        job = {
            "message": message.text,
            "receivers": [message.to],
            "charset": "UTF-8",
            "coding": "7bit",  # every text of ours is written in that alphabet
            "noStopClause": True,  # no advertisement: nothing is appended to an alert
            "priority": "high",
            "tag": tag_of(message.id),
            "validityPeriod": max(1, -(-message.valid_for // 60)),
        }
        own = {"senderForResponse": True} if self._from.sender.startswith("+") else {"sender": self._from.sender}
        return job | own

    def _waiting(self, sought: Sought) -> int | None:
        """A job that is not sent yet."""
        listed = self._read(f"{self._sms}/jobs")
        if not isinstance(listed, list):
            raise _cannot_ask()
        for number in sorted((one for one in listed if isinstance(one, int)), reverse=True)[:_LISTED]:
            job = self._read(f"{self._sms}/jobs/{number}")
            if isinstance(job, dict) and job.get("receiver") == sought.to and _is_text(job.get("message"), sought):
                return number
        return None

    def _read(self, path: str) -> Any:
        """What stands there, None for 404. Raises ProviderError to ask later."""
        try:
            self._client.set_clock()
            answer = self._client.raw_call("GET", path)
            if answer.status_code == HTTPStatus.NOT_FOUND:
                return None
            self._refuse(answer)
            return answer.json()
        except (requests.RequestException, UnknownOutcomeError) as error:  # unreadable JSON is a RequestException too
            raise _cannot_ask() from error

    def _refuse(self, answer: requests.Response) -> None:
        """Raises unless the answer is a yes."""
        if answer.ok:
            return
        if answer.status_code in _MAY_HAVE_TAKEN:  # a gateway answered for a server that may have taken it
            raise UnknownOutcomeError(self.name)
        word = _word(answer)
        if OURS.get(word):
            self._client.doubt_clock()
        raise ProviderError(f"ovh_{word}", permanent=False, ours=word in OURS)


def tag_of(delivery: UUID) -> str:
    """A short form of our id: 100 of its 128 bits, in the twenty characters that a tag may have."""
    return base64.b32encode(delivery.bytes).decode().lower()[:_TAG]


def _taken(answer: requests.Response) -> int:
    """The number of the only text. Raises where the answer names none."""
    try:
        report = answer.json()
        numbers, refused = report["ids"], report["invalidReceivers"]
    except (ValueError, LookupError, TypeError) as error:  # a yes that nobody can read
        raise UnknownOutcomeError("ovh") from error
    if numbers and isinstance(numbers[0], int):
        return int(numbers[0])
    if refused:
        raise ProviderError("ovh_invalid_receiver", permanent=True)
    raise UnknownOutcomeError("ovh")


def _standing(text: object, provider_id: str) -> Standing:
    if not isinstance(text, dict):
        raise _cannot_ask()
    try:
        state = RECEIPTS[text["deliveryReceipt"]]
    except (KeyError, TypeError):
        raise UnknownWordError from None
    code = f"ovh_{text.get('ptt')}" if state is DeliveryState.FAILED else ""
    parts = text.get("numberOfSms")
    return Standing(
        state=state,
        code=code[:40],
        provider="ovh",
        provider_id=provider_id,
        parts=parts if isinstance(parts, int) else None,
    )


def _is_text(text: object, sought: Sought) -> bool:
    if not isinstance(text, str):
        return False
    if not sought.token_hashes:
        return text == sought.text
    return any(hashlib.sha256(token.encode()).hexdigest() in sought.token_hashes for token in _TOKEN.findall(text))


def _word(answer: requests.Response) -> str:
    """`errorCode` where it is one of ours, the status otherwise: nothing else of the answer goes further."""
    try:
        said = answer.json()
    except ValueError:
        said = None
    word = said.get("errorCode") if isinstance(said, dict) else None
    return word if isinstance(word, str) and word in OURS else str(answer.status_code)


def _judged(error: requests.RequestException) -> ProviderError | UnknownOutcomeError:
    """What a failure of the line means for the message."""
    if isinstance(error, requests.ConnectTimeout):
        return ProviderError("ovh_unreachable", permanent=False)
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError):
        return ProviderError("ovh_unreachable", permanent=False)
    return UnknownOutcomeError("ovh")


def _cannot_ask() -> ProviderError:
    return ProviderError("cannot_ask", permanent=False)
