"""Marie and her telephone, for whoever asks for no others."""

import pytest

from alerts.models import Phone, Victim
from tests.people import make_marie, make_phone


@pytest.fixture
def marie() -> Victim:
    """Marie with her five relatives."""
    return make_marie()


@pytest.fixture
def phone(marie: Victim) -> Phone:
    """Her paired telephone."""
    return make_phone(marie)
