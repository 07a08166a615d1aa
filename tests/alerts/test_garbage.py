"""A collection of garbage stops nobody's click."""

import gc
import time
from collections.abc import Iterator

import pytest

from alerts import garbage


@pytest.fixture
def frozen() -> Iterator[None]:
    """As a worker or a web process after its start."""
    garbage.set_aside()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("frozen")
def test_what_was_loaded_at_the_start_is_not_looked_at_again() -> None:
    assert gc.get_freeze_count() > 50_000
    began = time.perf_counter()
    gc.collect()
    assert time.perf_counter() - began < 0.05
