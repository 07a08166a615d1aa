"""Karim of the association, and Marie whom it accompanies."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from alerts.models import Advocate, Victim
from tests.alerts.accompanied.scenes import SECRET
from tests.desks import with_password
from tests.people import make_karim


@pytest.fixture
def karim() -> Advocate:
    """Karim with an application of codes."""
    advocate = make_karim()
    TOTP.activate(advocate.account, SECRET)
    return advocate


@pytest.fixture
def marie(marie: Victim, karim: Advocate) -> Victim:
    """Marie, accompanied by Karim's association; she ticked nothing."""
    Victim.objects.filter(pk=marie.pk).update(association=karim.association)
    marie.refresh_from_db()
    return marie


@pytest.fixture
def desk(karim: Advocate) -> Client:
    """Karim's browser, the password just given."""
    return with_password(karim.account)
