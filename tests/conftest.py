"""What any test may ask for. Nothing here starts before a test asks."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser as Chromium
from pytest_django import Settings

from alerts import broadcast
from tests import browser as chromium_browser
from tests import firefox as firefox_browser
from tests import services

_ROWS = {"db", "transactional_db", "django_db_setup"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--rows`: a second database is asked only what a database answers."""
    parser.addoption("--rows", action="store_true", help="only tests that read or write rows in this process")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what would do the same again: no row in it, or a service with a database of its own."""
    if not config.getoption("--rows"):
        return
    kept = [
        item for item in items if item.get_closest_marker("django_db") or _ROWS & set(getattr(item, "fixturenames", ()))
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


@pytest.fixture(scope="session", autouse=True)
def _one_bus() -> None:
    """The bus of this process is that of its settings, also if the first to speak is a test that changed them."""
    broadcast.bus()


@pytest.fixture(autouse=True)
def _nobody_tried_before() -> None:
    """Tries of passwords and codes are counted by minute and address in this process: each test counts its own."""
    cache.clear()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[services.Server]:
    """A PostgreSQL server of the test run's own, which loses nothing it confirmed."""
    with services.postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[services.Server]:
    """A Redis server of the test run's own."""
    with services.redis() as server:
        yield server


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """A running Chromium, for one module: while it lives, no asynchronous test runs in this process."""
    with chromium_browser.chromium() as running:
        yield running


@pytest.fixture
def browser(chromium: Chromium) -> Iterator[chromium_browser.Browser]:
    """Windows for the cast; the test fails if one of them asked a foreign host or complained unforgiven."""
    opened = chromium_browser.Browser(chromium)
    try:
        yield opened
        for window in opened.windows:
            window.assert_clean()
    finally:
        opened.close()


@pytest.fixture
def firefox() -> Iterator[firefox_browser.Firefox]:
    """A running Firefox ESR; the test fails if one of its tabs asked a foreign host or complained unforgiven."""
    with firefox_browser.firefox() as running:
        yield running
        running.assert_clean()


@pytest.fixture
def recordings_folder(tmp_path: Path, settings: Settings) -> Path:
    """Recordings, their log and their keys in a folder of this test alone."""
    chosen = settings.SHERIF
    evidence = replace(
        chosen.evidence,
        folder=tmp_path / "recordings",
        keys=tmp_path / "keys",
        kept=tmp_path / "keys",
        held=False,
        draws=True,
    )
    settings.SHERIF = replace(chosen, evidence=evidence)
    return tmp_path
