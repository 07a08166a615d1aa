"""Texts and calls through Twilio, by its own synchronous client. Nothing is sent twice by a retry of the client."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from twilio.twiml.voice_response import Gather, VoiceResponse

from alerts.providers.base import Message, ProviderError, Receipt, Sought, Standing, UnknownOutcomeError
from alerts.providers.numbers import refuse_forbidden
from alerts.states import Channel, DeliveryState

TIMEOUT = 8.0  # seconds; the client's own default is to wait for ever
_CONNECTIONS = 32
_CLOCKS = timedelta(seconds=5)  # how far Twilio's clock may stand behind ours
_LISTED = 50
_RING = 30  # seconds
_TOKEN = re.compile(r"/r/([A-Za-z0-9_-]{16,64})")
_VOICES = {"fr": ("fr-FR", "Polly.Lea"), "en": ("en-GB", "Polly.Amy")}

# Twilio's error codes: True where trying again by the same way is of no use. What is not listed is tried again.
PERMANENT: Mapping[int, bool] = {
    20003: False,  # our key is wrong: every message waits, and the log says so
    20404: False,
    20429: False,  # too many requests
    21210: False,  # our own caller number is not verified
    21211: True,  # not a telephone number
    21212: False,  # our own sender is wrong
    21214: True,  # cannot be called
    21215: True,  # this country may not be called from our account
    21216: True,  # on the account's block list
    21217: True,  # not a telephone number
    21219: True,  # not verified (trial account)
    21408: True,  # this country may not be texted from our account
    21610: True,  # answered STOP
    21611: False,  # our sender's queue is full
    21612: True,  # this sender cannot reach this number
    21614: True,  # not a mobile: the call reaches it
    21617: True,  # text too long
    30001: False,  # queue overflow
    30003: False,  # switched off or out of reach
    30005: True,  # unknown destination
    30006: True,  # landline: the call reaches it
    30007: False,  # filtered
    30008: False,
    30450: False,  # taken for pumping
    30453: False,
}
_OUR_KEY_IS_WRONG = 20003

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
    """Twilio used a word that this table does not know: the delivery stays as it is and the table must grow."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """The account, who our messages come from, and where a stand-in listens instead of Twilio (empty: nowhere)."""

    account_sid: str
    auth_token: str
    sms_sender: str
    voice_number: str
    url: str = ""


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
        return super().request(method, url, *args, **kwargs)


class TwilioProvider:
    """Texts and calls. Safe to call from many threads."""

    name = "twilio"

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
        except (TwilioException, requests.RequestException) as error:
            raise _judged(error) from error
        return Receipt(provider=self.name, provider_id=sid)

    def find(self, sought: Sought) -> Receipt | None:
        """What Twilio lists for this number since the attempt: there is no key of our own to ask by."""
        refuse_forbidden(sought.channel, sought.to)
        try:
            sid = self._found_text(sought) if sought.channel is Channel.SMS else self._found_call(sought)
        except (TwilioException, requests.RequestException) as error:
            raise ProviderError("cannot_ask", permanent=False) from error
        return None if sid is None else Receipt(provider=self.name, provider_id=sid)

    def ask(self, channel: Channel, provider_id: str) -> Standing | None:
        """The status of one text or call, by its SID."""
        try:
            shown = self._shown(channel, provider_id)
        except (TwilioException, requests.RequestException) as error:
            raise ProviderError("cannot_ask", permanent=False) from error
        return Standing(
            state=status_of(channel, str(shown.status)),
            code=str(getattr(shown, "error_code", None) or ""),
            provider=self.name,
            provider_id=provider_id,
        )

    def _shown(self, channel: Channel, sid: str) -> Any:
        resource = self._client.messages if channel is Channel.SMS else self._client.calls
        return resource(sid).fetch()

    def _text(self, message: Message) -> str:
        # RiskCheck off: these are known relatives, and the pumping protection would hold an alert back.
        return str(
            self._client.messages.create(
                to=message.to,
                from_=self._from.sms_sender,
                body=message.text,
                status_callback=message.receipts,
                validity_period=message.valid_for,
                risk_check="disable",
            ).sid
        )

    def _call(self, message: Message) -> str:
        return str(
            self._client.calls.create(
                to=message.to,
                from_=self._from.voice_number,
                twiml=call_script(message),
                timeout=_RING,
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
        for listed in self._client.calls.list(to=sought.to, limit=_LISTED):
            if _is_ours(listed.sid, listed.date_created, sought):
                return str(listed.sid)
        return None


def _is_ours(sid: str, created: datetime | None, sought: Sought) -> bool:
    return sid not in sought.taken_ids and (created is None or created >= sought.since - _CLOCKS)


def _is_body(body: str, sought: Sought) -> bool:
    if not sought.token_hashes:
        return body == sought.text
    return any(hashlib.sha256(token.encode()).hexdigest() in sought.token_hashes for token in _TOKEN.findall(body))


def _judged(error: Exception) -> ProviderError | UnknownOutcomeError:
    """What a failure of the client means for the message."""
    if isinstance(error, TwilioRestException):
        return _judged_answer(error)
    if isinstance(error, requests.ConnectTimeout):
        return ProviderError("unreachable", permanent=False)
    if isinstance(error, requests.ConnectionError) and "NewConnectionError" in repr(error):
        return ProviderError("unreachable", permanent=False)
    return UnknownOutcomeError()


def _judged_answer(error: TwilioRestException) -> ProviderError | UnknownOutcomeError:
    if error.status in {502, 504}:  # a gateway answered for a server that may have taken it
        return UnknownOutcomeError()
    code = int(error.code or 0)
    return ProviderError(str(code or error.status), permanent=PERMANENT.get(code, False))


def is_our_fault(code: str) -> bool:
    """Whether an error says that our key is wrong: then nobody at all is told, and somebody must be woken."""
    return code == str(_OUR_KEY_IS_WRONG)


def call_script(message: Message) -> str:
    """TwiML that says the text and waits for a key, twice. Names inside are text, never markup."""
    language, voice = _VOICES.get(message.language, _VOICES["fr"])
    response = VoiceResponse()
    for _ in range(2):
        gather = Gather(num_digits=1, action=message.pressed, method="POST", timeout=6)
        gather.pause(length=1)
        gather.say(message.text, language=language, voice=voice)
        gather.pause(length=1)
        gather.say(message.prompt, language=language, voice=voice)
        response.append(gather)
    response.hangup()
    return str(response)


def last_words(text: str, language: str) -> str:
    """TwiML that says one sentence and hangs up."""
    spoken, voice = _VOICES.get(language, _VOICES["fr"])
    response = VoiceResponse()
    response.say(text, language=spoken, voice=voice)
    response.hangup()
    return str(response)


def status_of(channel: Channel, word: str) -> DeliveryState:
    """Where the delivery stands. Raises UnknownWordError, without the word: it comes from outside."""
    words = CALL_STATUS if channel is Channel.VOICE else MESSAGE_STATUS
    try:
        return words[word]
    except KeyError:
        raise UnknownWordError(channel) from None
