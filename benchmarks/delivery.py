"""From a click to the first message handed to the provider, and to the last one: SQLite, one worker, console.

Each click is another victim's, sent over HTTP to `manage.py run` on this machine, on a connection of its own, position
included. The clock starts before the phone connects and stops when the outbox has the message on its disk. The worker's
sending threads do not wait here: a real network answers in 200 ms or so. The load comes from the same two cores.
"""

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from alerts.domain import ways
from alerts.links import fingerprint
from alerts.models import Account, Contact, Delivery, Phone, Victim
from alerts.models.fields import digest
from alerts.states import ContactState, DeliveryState, Gesture
from benchmarks import Row
from tests.phones import Companion, OverHttp, position
from tests.server import Server

SECONDS = int(os.environ.get("BENCH_SECONDS", "60"))
CLIMB_SECONDS = 10
CLIMB = (25, 30, 35, 40, 60, 80)
FIRST_TO_REACH, LAST_TO_REACH = 0.100, 0.500  # seconds
_CONTACTS = 5
_PHONES_AT_ONCE = 32


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Seconds from a click, sorted; `behind` is what was not with the provider when the last click was a second old."""

    firsts: Sequence[float]
    lasts: Sequence[float]
    doors: Sequence[float]
    behind: int

    def sustained(self) -> bool:
        """Whether nothing grew."""
        return self.behind == 0 and percentile(self.firsts, 99) <= FIRST_TO_REACH


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Of sorted figures; infinite when there are none."""
    if not ordered:
        return float("inf")
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def phones(count: int) -> list[str]:
    """The tokens of the phones of so many victims with five relatives each."""
    accounts = Account.objects.bulk_create([Account(username=f"bench-{uuid4().hex}") for _ in range(count)])
    victims = Victim.objects.bulk_create([Victim(account=account, name="Marie") for account in accounts])
    Contact.objects.bulk_create(
        [
            Contact(
                victim=victim,
                rank=rank,
                name=f"Nadia {rank}",
                phone_number=f"+3363998000{rank}",
                phone_digest=digest("number", f"+3363998000{rank}"),
                email=f"nadia{rank}@example.org",
                state=ContactState.ACCEPTED,
            )
            for victim in victims
            for rank in range(1, _CONTACTS + 1)
        ],
        batch_size=500,
    )
    secrets = [uuid4().hex for _ in victims]
    Phone.objects.bulk_create(
        [
            Phone(victim=victim, token_hash=fingerprint(secret), osmand_id=secret, osmand_digest=fingerprint(secret))
            for victim, secret in zip(victims, secrets, strict=True)
        ]
    )
    return secrets


def click(server: Server, token: str, gesture: Gesture) -> tuple[str, float, float]:
    """One click of one phone over HTTP; its alert, when it began and when it was answered."""
    began = time.time()
    reply = Companion(wire=OverHttp(server.url), token=token).click(gesture, where=position(at=timezone.now()))
    if reply.status != HTTPStatus.CREATED:
        raise RuntimeError(f"a click was answered {reply.status}")
    return str(reply.json["alert"]["id"]), began, time.time()


def measure(server: Server, *, rate: float, seconds: float, gesture: Gesture) -> Figures:
    """Click at this rate, evenly; then see when each message was with the provider."""
    hers = phones(int(rate * seconds))
    before = max((entry.number for entry in ways.outbox().entries(most=1)), default=0)
    with ThreadPoolExecutor(_PHONES_AT_ONCE) as door:
        start = time.perf_counter()
        asked = []
        for number, token in enumerate(hers):
            time.sleep(max(0.0, start + number / rate - time.perf_counter()))
            asked.append(door.submit(click, server, token, gesture))
        clicked = [one.result() for one in asked]
        time.sleep(1)
        alerts = [alert for alert, _, _ in clicked]
        behind = _unsent(alerts)
        while _unsent(alerts):
            time.sleep(0.2)
    return _figures(clicked, before, behind)


def _unsent(alerts: Sequence[str]) -> int:
    waiting = Delivery.objects.filter(state__in=[DeliveryState.DUE, DeliveryState.SENDING])
    return sum(alert in set(alerts) for alert in map(str, waiting.values_list("alert_id", flat=True)))


def _figures(clicked: Sequence[tuple[str, float, float]], before: int, behind: int) -> Figures:
    alert_of = dict(Delivery.objects.values_list("pk", "alert_id"))
    times: dict[str, list[float]] = {}
    for entry in ways.outbox().entries(after=before, most=10**9) if before else ways.outbox().entries(most=10**9):
        times.setdefault(str(alert_of.get(entry.delivery)), []).append(entry.at)
    return Figures(
        firsts=sorted(min(times[alert]) - began for alert, began, _ in clicked),
        lasts=sorted(max(times[alert]) - began for alert, began, _ in clicked),
        doors=sorted(stored - began for _, began, stored in clicked),
        behind=behind,
    )


def row(claim: str, figures: Figures) -> Row:
    """One line of the table."""
    first, last = percentile(figures.firsts, 99), percentile(figures.lasts, 99)
    return Row(
        claim=claim,
        measured=(
            f"first {1000 * percentile(figures.firsts, 50):.0f} ms p50, {1000 * first:.0f} ms p99; "
            f"last {1000 * percentile(figures.lasts, 50):.0f} ms p50, {1000 * last:.0f} ms p99"
        ),
        against=f"the answer to the click: {1000 * percentile(figures.doors, 99):.0f} ms p99",
        ratio=first / percentile(figures.doors, 99),
        to_reach="first 100 ms, last 500 ms p99, nothing behind",
        reached=first <= FIRST_TO_REACH and last <= LAST_TO_REACH and figures.behind == 0,
    )


def climb(server: Server) -> int:
    """The highest of the rates at which nothing grew, in single clicks per second."""
    highest = 0
    for rate in CLIMB:
        if not measure(server, rate=rate, seconds=CLIMB_SECONDS, gesture=Gesture.SINGLE).sustained():
            break
        highest = rate
    return highest


def main() -> list[Row]:
    """Twenty single clicks a second for a minute, five double ones, then as many as go."""
    with Server(settings.SHERIF.data_dir) as server:
        measure(server, rate=5, seconds=2, gesture=Gesture.SINGLE)  # warm
        single = measure(server, rate=20, seconds=SECONDS, gesture=Gesture.SINGLE)
        double = measure(server, rate=5, seconds=SECONDS / 2, gesture=Gesture.DOUBLE)
        rows = [
            row(f"20 single clicks a second for {SECONDS} s", single),
            row(f"5 double clicks a second for {SECONDS // 2} s", double),
        ]
        highest = climb(server)
    rows.append(
        Row(
            claim="highest sustained rate of single clicks",
            measured=f"{highest} clicks/s, {highest * _CONTACTS} messages/s",
            against="20 clicks/s",
            ratio=highest / 20,
            to_reach="reported",
            reached=True,
        )
    )
    return rows
