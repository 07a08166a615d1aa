"""Our number, and an alert to answer."""

from dataclasses import replace

import pytest
from pytest_django import Settings

from alerts.models import Alert, Phone
from tests import hooks, twilio
from tests.texting import OUR_NUMBER, called_for_help


@pytest.fixture(autouse=True)
def _number(settings: Settings) -> None:
    settings.SHERIF = replace(
        settings.SHERIF,
        public_url=hooks.PUBLIC_URL,
        inbound_number=OUR_NUMBER,
        twilio_auth_token=twilio.TOKEN,
        twilio_auth_token_secondary=twilio.SECOND_TOKEN,
    )


@pytest.fixture
def rescue(phone: Phone) -> Alert:
    return called_for_help(phone)
