"""Every request that our provider can make is one that Twilio's published contract accepts."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import requests
from twilio.base.exceptions import TwilioException

from alerts.providers.base import Message, Provider, ProviderError, Sought
from alerts.providers.twilio import Credentials, TwilioProvider
from alerts.states import Channel
from tests import prism
from tests.people import NADIA
from tests.twilio import ACCOUNT, TOKEN

TEXT = Message(
    id=uuid4(),
    channel=Channel.SMS,
    to=NADIA.phone_number,
    name="Nadia",
    text="SECOURS Marie 21:04 https://sos.exmpl.fr/r/3fK9aZ3fK9aZ3fK9aZ3fK9 Ouvrez.",
    prompt="Pour prendre en charge, tapez 1.",
    pressed="https://sos.exmpl.fr/hooks/twilio/voice/1/keys/",
    receipts="https://sos.exmpl.fr/hooks/twilio/status/1/",
)
CALL = replace(TEXT, channel=Channel.VOICE)
LOST = Sought(id=TEXT.id, channel=Channel.SMS, to=TEXT.to, since=datetime.now(UTC) - timedelta(seconds=2))

Act = Callable[[Provider], object]
REQUESTS: dict[str, Act] = {
    "a text": lambda provider: provider.send(TEXT),
    **{
        f"a text that is given up after {seconds} s": lambda provider, seconds=seconds: provider.send(  # type: ignore[misc]
            replace(TEXT, valid_for=seconds)
        )
        for seconds in (1, 30, 14_400, 36_000)
    },
    "a text in another alphabet": lambda provider: provider.send(replace(TEXT, text="Où ? … « ici » 🆘")),
    "a text to another country": lambda provider: provider.send(replace(TEXT, to="+14155552671")),
    **{
        f"a call in {language}": lambda provider, language=language: provider.send(  # type: ignore[misc]
            replace(CALL, language=language)
        )
        for language in ("fr", "en", "xx")
    },
    "a call whose names are markup": lambda provider: provider.send(replace(CALL, text="<Dial>17</Dial> & é")),
    "was this text taken?": lambda provider: provider.find(LOST),
    "was this call taken?": lambda provider: provider.find(replace(LOST, channel=Channel.VOICE)),
    "where does this text stand?": lambda provider: provider.ask(Channel.SMS, "SM" + "0a" * 16),
    "where does this call stand?": lambda provider: provider.ask(Channel.VOICE, "CA" + "0a" * 16),
}


class Witness:
    """Hears every answer that the provider gets."""

    def __init__(self, url: str) -> None:
        self.answers: list[requests.Response] = []
        credentials = Credentials(
            account_sid=ACCOUNT, auth_token=TOKEN, sms_sender="MonSherif", voice_number="+33199001234", url=url
        )
        self.provider = TwilioProvider(credentials)
        self.client.http_client.session.hooks["response"].append(self._hear)

    @property
    def client(self) -> Any:
        """Twilio's own client, as the provider made it."""
        return self.provider._client

    def _hear(self, answer: requests.Response, **_: object) -> None:
        self.answers.append(answer)


def unknown_names(request: requests.PreparedRequest) -> set[str]:
    """Names in the query or the form that Twilio's document does not know."""
    parts = urlsplit(str(request.url))
    sent = parts.query if request.method == "GET" else str(request.body or "")
    return set(parse_qs(sent, keep_blank_values=True)) - prism.names(parts.path, str(request.method))


@pytest.fixture(scope="module")
def contract() -> Iterator[str]:
    """The URL of Prism with Twilio's document."""
    with prism.prism() as url:
        yield url


@pytest.fixture
def witness(contract: str) -> Witness:
    return Witness(contract)


@pytest.mark.parametrize("words", REQUESTS)
def test_twilios_contract_accepts(words: str, witness: Witness) -> None:
    with suppress(ProviderError):  # what Twilio said against it is told below, in its own words
        REQUESTS[words](witness.provider)

    assert witness.answers
    for answer in witness.answers:
        assert answer.ok, answer.text
        assert unknown_names(answer.request) == set()


def test_our_provider_reads_what_twilio_shows_of_a_message(witness: Witness) -> None:
    standing = witness.provider.ask(Channel.SMS, "SM" + "0a" * 16)
    assert standing is not None
    assert standing.provider == "twilio"


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "nobody": ({"to": None}, "To"),
    "a validity in words": ({"validity_period": "long"}, "ValidityPeriod must be integer"),
    "a risk check that is none": ({"risk_check": "never"}, "RiskCheck must be equal to one of"),
}


@pytest.mark.parametrize("words", WRONG)
def test_twilios_contract_refuses_a_text_with(words: str, witness: Witness) -> None:
    wrong, complaint = WRONG[words]
    text: dict[str, object] = {"to": TEXT.to, "from_": "MonSherif", "body": TEXT.text}
    with pytest.raises(TwilioException):
        witness.client.messages.create(**{**text, **wrong})

    assert witness.answers[-1].status_code == 422
    assert complaint in witness.answers[-1].text


def test_twilios_contract_refuses_a_call_reported_by_another_method(witness: Witness) -> None:
    with pytest.raises(TwilioException):
        witness.client.calls.create(to=CALL.to, from_="+33199001234", twiml="<Response/>", status_callback_method="PUT")
    assert "StatusCallbackMethod" in witness.answers[-1].text


def test_a_key_is_asked_for(contract: str) -> None:
    answer = requests.get(f"{contract}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", timeout=10)
    assert answer.status_code == 401


def test_a_misspelt_name_is_seen() -> None:
    url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    wrong = requests.Request("POST", url, data={"To": TEXT.to, "Bdy": "x"}).prepare()
    assert unknown_names(wrong) == {"Bdy"}
    assert unknown_names(requests.Request("GET", url, params={"SentDate>": "2026-06-01"}).prepare()) == {"SentDate>"}
