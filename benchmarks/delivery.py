"""From a click to the first request that reaches a telephone network, and to the last one of its alert.

Each click is another victim's, sent over HTTP to `manage.py run` on this machine (SQLite, one worker), on a connection
of its own, position included. The clock starts before the phone connects and stops when the request stands in the log
of the stand-in for Twilio, or of the mail server; both are processes of their own and answer after 200 ms. The load
comes from the same two cores. Beside it, at the same rate: a Django view that does one INSERT and nothing else.

Nobody posts receipts, but for one line: there the stand-in posts "sent" and "delivered" of each text, signed, each on
a connection of its own. The highest rate is sought before the flood, which leaves thousands of messages behind, and a
rate is given up only when it failed twice: one cough of the machine is not the service's.
"""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from alerts.links import fingerprint
from alerts.models import Account, Contact, Delivery, Phone, Victim
from alerts.models.fields import digest
from alerts.states import ContactState, DeliveryState, Gesture
from benchmarks import Row
from benchmarks._networks import Surroundings, bare_insert, surroundings
from tests.phones import Companion, OverHttp, position

SECONDS = int(os.environ.get("BENCH_SECONDS", "60"))
CLIMB_SECONDS = min(10, SECONDS)
CLIMB = (5, 10, 15, 20, 25, 30, 35, 40, 60, 80)
_WITH_RECEIPTS = 5
_MEASURED = 20  # clicks a second for a whole minute, before the climb
_CALM_WITHIN = 120  # seconds
FIRST_TO_REACH, LAST_TO_REACH, OTHERS_TO_REACH = 0.100, 0.500, 5.0  # seconds
_CONTACTS = 5
_PHONES_AT_ONCE = 32
_PIN = "4711"
_FLOODING, _FLOOD_SECONDS = 16, min(15, SECONDS)


@dataclass(frozen=True, kw_only=True)
class Clicked:
    """One click: its alert, when it began and when it was answered (seconds since 1970)."""

    alert: str
    began: float
    answered: float


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Seconds from a click, sorted; `behind` is what had not left when the last click was a second old."""

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
    pin = make_password(_PIN)
    victims = Victim.objects.bulk_create([Victim(account=account, name="Marie", pin_hash=pin) for account in accounts])
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


def click(url: str, token: str, gesture: Gesture) -> Clicked:
    """One click of one phone over HTTP."""
    began = time.time()
    reply = Companion(wire=OverHttp(url), token=token).click(gesture, where=position(at=timezone.now()))
    if reply.status != HTTPStatus.CREATED:
        raise RuntimeError(f"a click was answered {reply.status}")
    return Clicked(alert=str(reply.json["alert"]["id"]), began=began, answered=time.time())


def click_all(url: str, tokens: Sequence[str], *, rate: float, gesture: Gesture) -> list[Clicked]:
    """Each of these phones once, so many a second, evenly."""
    with ThreadPoolExecutor(_PHONES_AT_ONCE) as door:
        start = time.perf_counter()
        asked = []
        for number, token in enumerate(tokens):
            time.sleep(max(0.0, start + number / rate - time.perf_counter()))
            asked.append(door.submit(click, url, token, gesture))
        return [one.result() for one in asked]


def measure(around: Surroundings, *, rate: float, seconds: float, gesture: Gesture) -> Figures:
    """Click at this rate; then see when each message reached a network."""
    began = timezone.now()
    clicked = click_all(around.server.url, phones(int(rate * seconds)), rate=rate, gesture=gesture)
    time.sleep(1)
    waiting = Delivery.objects.filter(
        state__in=[DeliveryState.DUE, DeliveryState.SENDING], created_at__gte=began, attempts__lte=1
    )
    behind = waiting.count()
    while waiting.exists():
        time.sleep(0.2)
    return _figures(clicked, _reached(around), behind)


def _reached(around: Surroundings) -> Mapping[str, Sequence[float]]:
    """When the messages of each alert reached a network, in order."""
    alert_of: Mapping[UUID, object] = dict(Delivery.objects.values_list("pk", "alert_id"))
    times: dict[str, list[float]] = {}
    for delivery, at in around.arrivals().items():
        times.setdefault(str(alert_of.get(delivery)), []).append(at)
    return {alert: sorted(came) for alert, came in times.items()}


def _figures(clicked: Sequence[Clicked], reached: Mapping[str, Sequence[float]], behind: int) -> Figures:
    return Figures(
        firsts=sorted(reached[one.alert][0] - one.began for one in clicked),
        lasts=sorted(reached[one.alert][-1] - one.began for one in clicked),
        doors=sorted(one.answered - one.began for one in clicked),
        behind=behind,
    )


def insert(*, rate: float, seconds: float) -> float:
    """The floor: the 99th percentile of the answer of a bare INSERT at this rate, in seconds."""
    with bare_insert(settings.SHERIF.data_dir) as url:
        click_all(url, [""] * 10, rate=5, gesture=Gesture.SINGLE)  # warm
        clicked = click_all(url, [""] * int(rate * seconds), rate=rate, gesture=Gesture.SINGLE)
    return percentile(sorted(one.answered - one.began for one in clicked), 99)


def row(claim: str, figures: Figures, floor: float) -> Row:
    """One line of the table."""
    first, last = percentile(figures.firsts, 99), percentile(figures.lasts, 99)
    return Row(
        claim=claim,
        measured=(
            f"first {1000 * percentile(figures.firsts, 50):.0f} ms p50, {1000 * first:.0f} ms p99; "
            f"last {1000 * percentile(figures.lasts, 50):.0f} ms p50, {1000 * last:.0f} ms p99; "
            f"answer {1000 * percentile(figures.doors, 99):.0f} ms p99"
        ),
        against=f"one bare INSERT: {1000 * floor:.0f} ms p99",
        ratio=first / floor,
        to_reach="first 100 ms, last 500 ms p99, nothing behind",
        reached=first <= FIRST_TO_REACH and last <= LAST_TO_REACH and figures.behind == 0,
    )


@dataclass(frozen=True, kw_only=True)
class Climb:
    """The highest rate at which nothing grew (single clicks a second), and what went wrong at the next one."""

    highest: int
    then: str

    def row(self) -> Row:
        """The line of the table."""
        return Row(
            claim="highest sustained rate of single clicks",
            measured=f"{self.highest} clicks/s, {self.highest * _CONTACTS} messages/s; {self.then}",
            against=f"{_MEASURED} clicks/s",
            ratio=self.highest / _MEASURED,
            to_reach="reported",
            reached=True,
        )


def climb(around: Surroundings, *, known: int) -> Climb:
    """Faster and faster from the rate that is known to be sustained, until one fails twice."""
    highest = known
    for rate in CLIMB:
        if rate <= known:
            continue
        tries = [measure(around, rate=rate, seconds=CLIMB_SECONDS, gesture=Gesture.SINGLE)]
        if not tries[0].sustained():
            calm()
            tries.append(measure(around, rate=rate, seconds=CLIMB_SECONDS, gesture=Gesture.SINGLE))
        if not tries[-1].sustained():
            best = min(tries, key=lambda one: percentile(one.firsts, 99))
            return Climb(
                highest=highest,
                then=f"at {rate} first {1000 * percentile(best.firsts, 99):.0f} ms p99, {best.behind} messages behind",
            )
        highest = rate
    return Climb(highest=highest, then="more was not tried")


def calm() -> None:
    """Return once nothing of the phase before waits to leave. Raises RuntimeError if that takes two minutes."""
    ends = time.monotonic() + _CALM_WITHIN
    waiting = Delivery.objects.filter(
        state__in=[DeliveryState.DUE, DeliveryState.SENDING], not_before__lte=timezone.now()
    )
    while waiting.exists():
        if time.monotonic() > ends:
            raise RuntimeError("messages of the phase before do not leave")
        time.sleep(0.2)
    time.sleep(1)


def flooded(around: Surroundings) -> Figures:
    """Two double clicks a second of other women while one button opens and ends alerts on sixteen connections."""
    stop = threading.Event()
    flooding = Companion(wire=OverHttp(around.server.url), token=phones(1)[0])

    def flood() -> None:
        while not stop.is_set():
            reply = flooding.click(Gesture.DOUBLE)
            if reply.status in {HTTPStatus.OK, HTTPStatus.CREATED}:
                flooding.close(reply.json["alert"]["id"], _PIN, "false_alarm")

    with ThreadPoolExecutor(_FLOODING) as pool:
        for _ in range(_FLOODING):
            pool.submit(flood)
        try:
            time.sleep(1)
            return measure(around, rate=2, seconds=_FLOOD_SECONDS, gesture=Gesture.DOUBLE)
        finally:
            stop.set()


def flood_row(figures: Figures) -> Row:
    """What the others meet."""
    longest = figures.firsts[-1]
    return Row(
        claim="one button floods, two others a second click twice",
        measured=f"their first message {1000 * percentile(figures.firsts, 50):.0f} ms p50, {longest:.2f} s at most; "
        f"their last {figures.lasts[-1]:.2f} s at most",
        against="5 s",
        ratio=longest / OTHERS_TO_REACH,
        to_reach="first 5 s at most",
        reached=longest <= OTHERS_TO_REACH,
    )


def main() -> list[Row]:
    """Twenty single clicks a second for a minute, five double ones, as many as go, a flood; then with receipts."""
    folder = settings.SHERIF.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    floor = insert(rate=_MEASURED, seconds=SECONDS / 2)
    with surroundings(folder) as around:
        measure(around, rate=5, seconds=2, gesture=Gesture.DOUBLE)  # warm
        single = measure(around, rate=_MEASURED, seconds=SECONDS, gesture=Gesture.SINGLE)
        double = measure(around, rate=5, seconds=SECONDS / 2, gesture=Gesture.DOUBLE)
        calm()
        climbed = climb(around, known=_MEASURED if single.sustained() else 0)
        calm()
        others = flooded(around)
        calm()
    with surroundings(folder, receipts=True) as around:
        measure(around, rate=5, seconds=2, gesture=Gesture.SINGLE)  # warm
        receipted = measure(around, rate=_WITH_RECEIPTS, seconds=SECONDS / 2, gesture=Gesture.SINGLE)
    return [
        row(f"{_MEASURED} single clicks a second for {SECONDS} s", single, floor),
        row(f"5 double clicks a second for {SECONDS // 2} s, mail included", double, floor),
        row(f"{_WITH_RECEIPTS} single clicks a second for {SECONDS // 2} s, receipts posted", receipted, floor),
        flood_row(others),
        climbed.row(),
    ]
