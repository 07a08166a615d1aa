"""What a call says, read as a machine reads it."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.providers import twilio_voice
from alerts.states import Channel
from tests.outgoing import message

SPOKEN = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), max_size=900)
XML_ITSELF = "<Dial>17</Dial> & Marie </Say><Redirect>https://paul.example/</Redirect> ]]> <!-- \"'"


def script(text: str, *, prompt: str = "Tapez 1.", language: str = "fr") -> ET.Element:
    """The parsed script."""
    call = replace(message(Channel.VOICE), text=text, prompt=prompt, language=language)
    return ET.fromstring(twilio_voice.call_script(call))  # noqa: S314 - our own


def said(parsed: ET.Element) -> list[str]:
    return ["".join(say.itertext()) for say in parsed.iter("Say")]


def test_a_call_says_everything_twice_and_takes_one_key_at_any_moment() -> None:
    parsed = script("Marie appelle au secours.")
    assert [child.tag for child in parsed] == ["Gather", "Redirect"]

    gather = parsed[0]
    assert said(gather) == ["Marie appelle au secours.", "Tapez 1."] * 2
    assert gather.attrib | {"timeout": ""} == {
        "input": "dtmf",
        "numDigits": "1",
        "finishOnKey": "",
        "timeout": "",
        "action": "https://sos.exmpl.fr/hooks/twilio/voice/1/keys/",
        "method": "POST",
        "actionOnEmptyResult": "true",
    }
    assert parsed[1].text == gather.get("action")
    assert parsed[1].get("method") == "POST"


@pytest.mark.parametrize(
    ("language", "spoken", "voice"),
    [
        ("fr", "fr-FR", "Polly.Lea"),
        ("en", "en-GB", "Polly.Amy"),
        ("en-gb", "en-GB", "Polly.Amy"),
        ("de", "fr-FR", "Polly.Lea"),
        ("", "fr-FR", "Polly.Lea"),
    ],
)
def test_the_voice_is_of_the_contacts_language(language: str, spoken: str, voice: str) -> None:
    says = list(script("Marie", language=language).iter("Say"))
    assert {(say.get("language"), say.get("voice")) for say in says} == {(spoken, voice)}
    [last] = ET.fromstring(twilio_voice.last_words("Merci", language)).iter("Say")  # noqa: S314 - our own
    assert (last.get("language"), last.get("voice")) == (spoken, voice)


@given(SPOKEN)
@example(XML_ITSELF)
@example("&" * 900)
@example("\U0001f600" * 900)
def test_a_name_is_text_and_never_markup_and_the_script_is_never_too_long(text: str) -> None:
    written = twilio_voice.call_script(replace(message(Channel.VOICE), text=text))
    assert len(written.encode()) <= 4000

    parsed = ET.fromstring(written)  # noqa: S314 - our own
    assert {element.tag for element in parsed.iter()} == {"Response", "Gather", "Pause", "Say", "Redirect"}
    assert [child.tag for child in parsed] == ["Gather", "Redirect"]
    says = said(parsed)
    assert len(says) in {2, 4}
    assert all(text.startswith(heard) and len(heard) >= min(len(text), 300) for heard in says[::2])
    assert set(says[1::2]) == {"Tapez 1."}


def test_the_last_words_hang_up() -> None:
    assert [child.tag for child in ET.fromstring(twilio_voice.last_words("Merci", "fr"))] == ["Say", "Hangup"]  # noqa: S314
    assert [child.tag for child in ET.fromstring(twilio_voice.last_words("", "fr"))] == ["Hangup"]  # noqa: S314
    assert XML_ITSELF in said(ET.fromstring(twilio_voice.last_words(XML_ITSELF, "fr")))  # noqa: S314
