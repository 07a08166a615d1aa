"""kill -9 of anything at any moment: everybody is told of every click that was answered, once or at most twice.

The long one is `make campaign`.
"""

import random
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests import services
from tests.campaign.running import Campaign, play
from tests.phones import Companion
from tests.server import Server
from tests.wires import OverHttp

ROUNDS = 3
MESSAGES = 15  # five contacts, three channels
TOLD_WITHIN_SECONDS = 10
SHORT = Campaign(clicks=36, seconds=6, every=0.7, bad=0.05, seed=20260601, most_deaths=8)

pytestmark = [pytest.mark.journey, pytest.mark.slow]


def handed_over(data_dir: Path, alert: str) -> Counter[str]:
    """How often each delivery of the click reached the network, by delivery."""
    with closing(sqlite3.connect(data_dir / "sherif.sqlite3")) as record:
        query = "SELECT id FROM alerts_delivery WHERE alert_id = ? AND occasion = 'click'"
        due = [row[0] for row in record.execute(query, [alert.replace("-", "")])]
    with closing(sqlite3.connect(data_dir / "outbox.sqlite3")) as outbox:
        sent = Counter(row[0].replace("-", "") for row in outbox.execute("SELECT delivery FROM outbox"))
    return Counter({delivery: sent[delivery] for delivery in due})


def wait_until_told(data_dir: Path, alert: str) -> Counter[str]:
    """What the network took, as soon as it has everything or time is up."""
    deadline = time.monotonic() + TOLD_WITHIN_SECONDS
    while time.monotonic() < deadline:
        told = handed_over(data_dir, alert)
        if len(told) == MESSAGES and min(told.values()) >= 1:
            return told
        time.sleep(0.1)
    return handed_over(data_dir, alert)


def test_everybody_is_told_though_everything_is_killed_after_each_click(tmp_path: Path) -> None:
    dice = random.Random(20260601)
    server = Server(tmp_path / "data").start()
    people = server.demo()
    marie = Companion(wire=OverHttp(server.url), token=people["phone"]["token"])
    try:
        for _ in range(ROUNDS):
            answer = marie.click()
            time.sleep(dice.uniform(0, 0.3))
            server.kill()
            server.start()
            assert answer.status == 201
            alert = answer.json["alert"]["id"]

            told = wait_until_told(server.data_dir, alert)

            assert len(told) == MESSAGES
            assert min(told.values()) >= 1, "somebody was not told"
            assert max(told.values()) <= 2, "somebody was told more than twice"
            assert marie.close(alert, people["victim"]["pin"]).status == 200
    finally:
        server.stop()
    assert people["phone"]["token"] not in server.said()


def test_nothing_is_lost_while_processes_die_about_every_second(tmp_path: Path) -> None:
    verdict = play(SHORT, tmp_path).verdict
    assert verdict.held, "\n".join(verdict.lines())


def test_nothing_is_lost_while_processes_and_their_postgresql_die(tmp_path: Path) -> None:
    with services.postgresql() as server:
        verdict = play(SHORT, tmp_path, database=server).verdict
    assert verdict.held, "\n".join(verdict.lines())
