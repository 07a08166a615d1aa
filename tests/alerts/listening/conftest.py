"""Marie, a recording of hers, and the folder that belongs to this test alone."""

from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from alerts.models import Account, Advocate, Recording, Victim
from tests.alerts.accompanied.scenes import SECRET
from tests.desks import with_password
from tests.people import PASSWORD, make_karim
from tests.recorded import behind_her_code, make_recording


@pytest.fixture(autouse=True)
def _folder(recordings_folder: Path) -> None:
    """Recordings, their log and their keys."""


@pytest.fixture
def recording(marie: Victim) -> Recording:
    """Two days ago: two parts, of which seconds 4 to 6, 10 to 59 and 61 never came."""
    return make_recording(marie, [0, 1, 2, 3, 7, 8, 9, 60, 62])


@pytest.fixture
def desk(marie: Victim) -> Client:
    """Her browser, with her code."""
    return behind_her_code(marie)


@pytest.fixture
def karim(marie: Victim) -> Advocate:
    """Karim, whose association accompanies her."""
    advocate = make_karim()
    TOTP.activate(advocate.account, SECRET)
    Victim.objects.filter(pk=marie.pk).update(association=advocate.association)
    marie.refresh_from_db()
    return advocate


@pytest.fixture
def leila(karim: Advocate) -> Advocate:
    """His colleague."""
    account = Account.objects.create_user("leila", PASSWORD)
    TOTP.activate(account, SECRET)
    return Advocate.objects.create(account=account, association=karim.association)


@pytest.fixture
def his(karim: Advocate) -> Client:
    """Karim's browser."""
    return with_password(karim.account)


@pytest.fixture
def hers(leila: Advocate) -> Client:
    """Leila's."""
    return with_password(leila.account)
