"""Texts and calls through Twilio, by its own synchronous client. Nothing is sent twice by a retry of the client."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from django.utils import timezone
from requests.adapters import HTTPAdapter
from twilio.base import values
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from alerts.providers.base import Message, ProviderError, Receipt, Sought, Standing, UnknownOutcomeError
from alerts.providers.numbers import refuse_forbidden
from alerts.providers.twilio_voice import call_script
from alerts.providers.twilio_words import is_our_fault, is_permanent, status_of, wants_another_way
from alerts.states import Channel

TIMEOUT = 8.0  # seconds; the client's own default is to wait for ever
LONGEST_VALIDITY = 36_000  # seconds: Twilio takes 1 to this
_CONNECTIONS = 64  # one for each sending thread, and for those who ask
_CLOCKS = timedelta(seconds=5)  # how far Twilio's clock may stand behind ours
_LISTED = 50
_RING = 30  # seconds
_LONGEST_CALL = 300  # seconds: nothing that answers with tones of its own keeps a call open for hours
_SID = re.compile(r"(?:SM|MM|CA)[0-9A-Za-z]{1,62}")
_TOKEN = re.compile(r"/[rc]/([A-Za-z0-9_-]{16,64})")

Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """The account, who our messages come from, and where a stand-in listens instead of Twilio (empty: nowhere).

    `sms_senders` names another sender for some countries, by the beginning of the number: letters for France, a number
    of ours for the United States.
    """

    account_sid: str
    auth_token: str
    sms_sender: str
    voice_number: str
    url: str = ""
    sms_senders: Mapping[str, str] = field(default_factory=dict)

    def sender_to(self, number: str) -> str:
        """Who a text to this number (E.164) comes from: the longest beginning that fits, else the ordinary sender."""
        fitting = [prefix for prefix in self.sms_senders if number.startswith(prefix)]
        return self.sms_senders[max(fitting, key=len)] if fitting else self.sms_sender


class _BusyError(TwilioException):  # type: ignore[misc]  # published without types
    """Twilio asks us to come back after so many seconds, or says nothing of it."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        super().__init__(status)
        self.status = status
        self.retry_after = retry_after


class _HttpClient(TwilioHttpClient):  # type: ignore[misc]  # published without types
    """Twilio's client with a timeout, enough connections for every sending thread, and another host for trials."""

    def __init__(self, url: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._url = urlsplit(url) if url else None
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(pool_maxsize=_CONNECTIONS, max_retries=0))

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """Send to the configured host, path and query unchanged."""
        if self._url is not None:
            url = urlunsplit(urlsplit(url)._replace(scheme=self._url.scheme, netloc=self._url.netloc))
        response = super().request(method, url, *args, **kwargs)
        if response.status_code in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
            # The client's own exception forgets the headers.
            raise _BusyError(response.status_code, _seconds(response.headers.get("Retry-After", "")))
        return response


class TwilioProvider:
    """Texts and calls. Safe to call from many threads."""

    name = "twilio"
    id_prefixes = ("SM", "MM", "CA")

    def __init__(self, credentials: Credentials, *, timeout: float = TIMEOUT) -> None:
        self._from = credentials
        self._client = Client(
            credentials.account_sid, credentials.auth_token, http_client=_HttpClient(credentials.url, timeout)
        )

    def send(self, message: Message) -> Receipt:
        """One request, never repeated here."""
        refuse_forbidden(message.channel, message.to)
        try:
            sid = self._text(message) if message.channel is Channel.SMS else self._call(message)
        except (TwilioException, requests.RequestException, ValueError) as error:
            raise _judged(error) from error
        return Receipt(provider=self.name, provider_id=sid)

    def find(self, sought: Sought) -> Receipt | None:
        """What Twilio lists for this number since the attempt: there is no key of our own to ask by."""
        refuse_forbidden(sought.channel, sought.to)
        sid = _asked(lambda: self._found_text(sought) if sought.channel is Channel.SMS else self._found_call(sought))
        return None if sid is None else Receipt(provider=self.name, provider_id=sid)

    def ask(self, channel: Channel, provider_id: str) -> Standing | None:
        """The status of one text or call, by its SID; None for what is none of Twilio's."""
        if not _SID.fullmatch(provider_id):
            return None
        shown = _asked(lambda: self._shown(channel, provider_id))
        return Standing(
            state=status_of(channel, str(shown.status)),
            code=str(getattr(shown, "error_code", None) or ""),
            provider=self.name,
            provider_id=provider_id,
            seconds=whole(getattr(shown, "duration", None)),
            parts=whole(getattr(shown, "num_segments", None)),
        )

    def _shown(self, channel: Channel, sid: str) -> Any:
        resource = self._client.messages if channel is Channel.SMS else self._client.calls
        return resource(sid).fetch()

    def _text(self, message: Message) -> str:
        # RiskCheck off: these are known relatives, and the pumping protection would hold an alert back.
        return str(
            self._client.messages.create(
                to=message.to,
                from_=self._from.sender_to(message.to),
                body=message.text,
                status_callback=message.receipts or values.unset,  # operators' messages ask for none
                validity_period=min(max(message.valid_for, 1), LONGEST_VALIDITY),
                risk_check="disable",
            ).sid
        )

    def _call(self, message: Message) -> str:
        # The script travels with the call: it speaks also while our own web server restarts. No detection of answering
        # machines: it listens for seconds before the first word, takes a hesitant human for a machine, and nothing is
        # gained, for only a key counts. What a voicemail records is the whole message, twice.
        return str(
            self._client.calls.create(
                to=message.to,
                from_=self._from.voice_number,
                twiml=call_script(message),
                timeout=_RING,
                time_limit=_LONGEST_CALL,
                status_callback=message.receipts,
                status_callback_event=["initiated", "ringing", "answered", "completed"],
                status_callback_method="POST",
            ).sid
        )

    def _found_text(self, sought: Sought) -> str | None:
        for listed in self._client.messages.list(to=sought.to, limit=_LISTED):
            if _is_ours(listed.sid, listed.date_created, sought) and _is_body(listed.body or "", sought):
                return str(listed.sid)
        return None

    def _found_call(self, sought: Sought) -> str | None:
        """A call of ours to this number since the attempt that belongs to nothing else: Twilio lists no more of it."""
        for listed in self._client.calls.list(to=sought.to, limit=_LISTED):
            created = listed.date_created or listed.start_time
            if listed.direction in {None, "outbound-api"} and _is_ours(listed.sid, created, sought):
                return str(listed.sid)
        return None


def whole(text: object) -> int | None:
    """A whole number as Twilio writes it in text, or None."""
    word = str(text)
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 6 else None  # noqa: PLR2004 - 11 days


def is_sid(word: str) -> bool:
    """Whether this is the shape of Twilio's name for a text or a call."""
    return _SID.fullmatch(word) is not None


def _is_ours(sid: str, created: datetime | None, sought: Sought) -> bool:
    return sid not in sought.taken_ids and (created is None or created >= sought.since - _CLOCKS)


def _is_body(body: str, sought: Sought) -> bool:
    if not sought.token_hashes:
        return body == sought.text
    return any(hashlib.sha256(token.encode()).hexdigest() in sought.token_hashes for token in _TOKEN.findall(body))


def _asked(question: Callable[[], Answer]) -> Answer:
    """The answer of a look-up. Raises ProviderError where there is none: look again later."""
    try:
        return question()
    except (TwilioException, requests.RequestException, ValueError) as error:
        raise ProviderError("cannot_ask", permanent=False) from error


def _judged(error: Exception) -> ProviderError | UnknownOutcomeError:
    """What a failure of the client means for the message."""
    if isinstance(error, _BusyError):
        code = "20429" if error.status == HTTPStatus.TOO_MANY_REQUESTS else str(error.status)
        return ProviderError(code, permanent=False, retry_after=error.retry_after)
    if isinstance(error, TwilioException):
        return _judged_answer(getattr(error, "status", None), getattr(error, "code", None))
    if isinstance(error, requests.ConnectTimeout):
        return ProviderError("unreachable", permanent=False)
    if isinstance(error, requests.ConnectionError) and "NewConnectionError" in repr(error):
        return ProviderError("unreachable", permanent=False)
    return UnknownOutcomeError()


def _judged_answer(status: object, code: object) -> ProviderError | UnknownOutcomeError:
    if status in {None, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}:  # a gateway for one that may have taken it
        return UnknownOutcomeError()
    why = str(code or status)
    return ProviderError(why, permanent=is_permanent(why), ours=is_our_fault(why), elsewhere=wants_another_way(why))


def _seconds(retry_after: str) -> float | None:
    """Seconds of a Retry-After header (RFC 9110 10.2.3), which is a number or a date."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:6])
    try:
        return max((parsedate_to_datetime(retry_after) - timezone.now()).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None
