"""What an invitation says: who asks and where to read the rest; nothing that frightens or tells a stranger."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain.messages import gsm, invitation
from alerts.states import Channel

LINK = "https://sos.exmpl.fr/c/" + "3fK9-_aZ" * 2 + "3fK9-_"
TELLING = ("danger", "violence", "alert", "secours", "police", "17", "monsh", "help", "rescue")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", ["Marie", "Maximilienne", "Marie-Antoinette-Joséphine"])
def test_an_invitation_is_one_segment_with_its_link_early(language: str, name: str) -> None:
    text = invitation.sms(name, language=language, link=LINK)

    assert gsm.is_gsm(text)
    assert gsm.segments(text) == 1
    assert text.index(LINK) < 100
    assert text.startswith(name[:12].replace("é", "é"))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_who_reads_it_over_a_shoulder_or_by_mistake_learns_nothing(language: str, channel: Channel) -> None:
    composed = invitation.compose("Marie", language=language, link=LINK, channel=channel)

    said = re.sub(
        r"https?://\S+|<style>.*?</style>", "", f"{composed.subject} {composed.text}", flags=re.DOTALL
    ).lower()
    assert not [word for word in TELLING if word in said]
    assert LINK in composed.text


def test_a_mail_says_the_same_as_text_and_as_page() -> None:
    letter = invitation.compose("Marie", language="fr", link=LINK, channel=Channel.EMAIL)

    assert letter.subject == "Marie vous demande d'être une de ses personnes de confiance"
    assert "Lire et répondre" in letter.html
    assert letter.html.count(LINK) >= 2
    assert "changer d'avis" in letter.text


@given(st.text(max_size=60))
def test_whatever_she_is_called_the_link_is_the_only_link(name: str) -> None:
    text = invitation.sms(name, language="fr", link=LINK)

    assert gsm.segments(text) == 1
    assert re.findall(r"https?:|www\.", text) == ["https:"]
    assert "\n" not in text
