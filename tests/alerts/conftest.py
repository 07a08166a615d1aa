"""Marie, her telephone and her night, for whoever asks for no others."""

import pytest

from alerts.models import Phone, Victim
from tests.night import Night
from tests.people import make_marie, make_phone


@pytest.fixture
def marie() -> Victim:
    """Marie with her five relatives."""
    return make_marie()


@pytest.fixture
def phone(marie: Victim) -> Phone:
    """Her paired telephone."""
    return make_phone(marie)


@pytest.fixture
def night() -> Night:
    """A night on a clock that the test moves; nothing has happened yet."""
    return Night.falls()
