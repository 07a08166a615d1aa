"""Which network carries what, as the environment says."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from pytest_django import Settings

from alerts.domain import ways
from alerts.domain.ways import Ways
from alerts.providers.console import ConsoleProvider
from alerts.providers.mailbox import MailboxProvider, NoMailbox
from alerts.providers.pair import Pair
from alerts.providers.twilio import TwilioProvider
from alerts.states import Channel

Built = Callable[..., Ways]


@pytest.fixture
def built(settings: Settings) -> Iterator[Built]:
    def build(*telephony: str, email_url: str = "") -> Ways:
        settings.SHERIF = replace(
            settings.SHERIF,
            telephony=telephony,
            email_url=email_url,
            twilio_account_sid="AC" + "0" * 32,
            twilio_auth_token="token",
            ovh_application_key="key",
            ovh_application_secret="secret",
            ovh_consumer_key="consumer",
            ovh_sms_service="sms-xx00000-1",
        )
        ways.of_installation.cache_clear()
        return ways.of_installation()

    yield build
    ways.of_installation.cache_clear()


def test_without_a_network_everything_lands_in_the_outbox(built: Built) -> None:
    assert all(isinstance(way, ConsoleProvider) for way in built("console").values())


def test_one_network_carries_texts_and_calls_alone(built: Built) -> None:
    found = built("twilio")
    assert isinstance(found[Channel.SMS], TwilioProvider)
    assert found[Channel.SMS] is found[Channel.VOICE]
    assert isinstance(found[Channel.EMAIL], NoMailbox)


@pytest.mark.parametrize("order", [("twilio", "ovh"), ("ovh", "twilio")])
def test_two_networks_share_texts_in_the_order_of_the_environment(order: tuple[str, str], built: Built) -> None:
    found = built(*order, email_url="smtp+tls://mail.exmpl.fr")
    texts = found[Channel.SMS]
    assert isinstance(texts, Pair)
    assert texts.health.names == order
    assert isinstance(found[Channel.VOICE], TwilioProvider)
    assert isinstance(found[Channel.EMAIL], MailboxProvider)
