"""Marie, her telephone and her night, for whoever asks for no others."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django import Settings

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


@pytest.fixture
def recordings_folder(tmp_path: Path, settings: Settings) -> Path:
    """Recordings, their log and their keys in a folder of this test alone."""
    chosen = settings.SHERIF
    evidence = replace(chosen.evidence, folder=tmp_path / "recordings", keys=tmp_path / "keys", held=False, draws=True)
    settings.SHERIF = replace(chosen, evidence=evidence)
    return tmp_path
