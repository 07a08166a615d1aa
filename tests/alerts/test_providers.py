"""The outbox of the demonstration: it takes what a network would, and remembers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.providers.console import ConsoleProvider
from alerts.states import Channel
from tests.outgoing import message, sought


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[ConsoleProvider]:
    provider = ConsoleProvider(tmp_path)
    yield provider
    provider.close()


def test_the_outbox_remembers_after_a_kill_what_it_took(outbox: ConsoleProvider, tmp_path: Path) -> None:
    sent = message()
    receipt = outbox.send(sent)

    after_the_kill = ConsoleProvider(tmp_path)
    assert after_the_kill.find(sought(sent)) == receipt
    assert after_the_kill.find(sought(message())) is None
    assert [entry.text for entry in after_the_kill.entries()] == [sent.text]
    after_the_kill.close()


def test_the_outbox_shows_what_is_new(outbox: ConsoleProvider) -> None:
    outbox.send(message())
    outbox.send(message(Channel.VOICE))
    outbox.send(message(Channel.EMAIL))

    assert [entry.channel for entry in outbox.entries()] == ["sms", "voice", "email"]
    assert [entry.channel for entry in outbox.entries(after=2)] == ["email"]
    assert [entry.number for entry in outbox.entries(most=2)] == [2, 3]


def test_the_outbox_is_nobody_elses_to_read(outbox: ConsoleProvider, tmp_path: Path) -> None:
    outbox.send(message())
    assert (tmp_path / "outbox.sqlite3").stat().st_mode & 0o077 == 0
