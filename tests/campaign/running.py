"""One campaign from its first click to its verdict."""

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller

from tests import services, twilio
from tests.campaign import hands, verdict
from tests.campaign.deaths import Killer, Service
from tests.campaign.hands import Hands, Plan
from tests.campaign.verdict import Arrived, Verdict
from tests.mailserver import Mailserver
from tests.server import ROOT, Server, free_port

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope

_BAD = (500, 503, 429, "drop", "reset", "hang")
_HANG_SECONDS = 9.0  # longer than the service waits
_PATIENCE = 300.0  # seconds for a click to be answered at last: a telephone gives up never
_LAST_WAIT = 60.0  # seconds for the last message


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """What is played. `seconds` is how long clicks come, `every` the mean time between two deaths, in seconds.

    `bad` is the share of sends that meet a bad mood of a network. `outage` is for so many seconds every network dead,
    while `clicks` come; nobody is killed then. After `most_deaths` nobody dies any more.
    """

    clicks: int = 1000
    seconds: float = 300.0
    every: float = 1.0
    bad: float = 0.08
    seed: int = 1
    most_deaths: int = 1_000_000
    outage: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of it."""

    verdict: Verdict
    deaths: Mapping[str, int]
    states: Mapping[str, int]
    tries: int


class CarelessMailserver(Mailserver):
    """Notes when each mail came; of some it breaks the line after taking them, some it puts off."""

    def __init__(self, port: int, *, bad: float, dice: random.Random) -> None:
        super().__init__(port)
        self.bad = bad
        self.dead = False
        self.came: list[tuple[EmailMessage, datetime]] = []
        self._dice = dice

    async def handle_MAIL(self, *given: Any) -> str:  # noqa: N802 - the library names it
        """Sometimes it is busy."""
        if self.dead or self._dice.random() < self.bad / 2:
            return "421 4.3.2 not now"
        return await super().handle_MAIL(*given)

    async def handle_DATA(self, server: "SMTP", session: object, envelope: "Envelope") -> str:  # noqa: N802
        """Sometimes the answer is lost."""
        answer = await super().handle_DATA(server, session, envelope)
        if answer.startswith("250"):
            mail = BytesParser(EmailMessage, policy=default).parsebytes(envelope.original_content or b"")
            self.came.append((mail, datetime.now(UTC)))
        if self._dice.random() < self.bad / 2 and server.transport is not None:
            server.transport.close()
        return answer


@contextmanager
def careless_mailserver(*, bad: float, seed: int) -> Iterator[CarelessMailserver]:
    """A running one."""
    running = CarelessMailserver(free_port(), bad=bad, dice=random.Random(seed))
    controller = Controller(running, hostname="127.0.0.1", port=running.port, server_hostname="localhost")
    controller.start()
    try:
        yield running
    finally:
        controller.stop()


def play(campaign: Campaign, folder: Path, *, database: services.Server | None = None) -> Played:
    """Play it in this folder, on SQLite unless a PostgreSQL server is given."""
    with (
        twilio.process(folder / "network.log") as network,
        careless_mailserver(bad=campaign.bad, seed=campaign.seed) as mails,
    ):
        server = Server(folder / "data", environ=_environment(network, mails, database))
        scene = _Scene(network=network, mails=mails, server=server, service=Service(server, database))
        scene.service.start()
        try:
            return _played(campaign, scene, folder / "hands.log")
        finally:
            scene.service.stop()


def _environment(network: twilio.Remote, mails: Mailserver, database: services.Server | None) -> dict[str, str]:
    return {
        "SHERIF_TELEPHONY": "twilio",
        "SHERIF_TWILIO_URL": network.url,
        "TWILIO_ACCOUNT_SID": twilio.ACCOUNT,
        "TWILIO_AUTH_TOKEN": twilio.TOKEN,
        "SHERIF_SMS_SENDER": "MonSherif",
        "SHERIF_VOICE_NUMBER": "+33199001234",
        "EMAIL_URL": mails.url,
        "SHERIF_LADDER_SECONDS": "3600",  # who is rung again is another story
        **({"DATABASE_URL": database.url} if database else {}),
    }


@dataclass(frozen=True, kw_only=True)
class _Scene:
    """What plays together."""

    network: twilio.Remote
    mails: CarelessMailserver
    server: Server
    service: Service

    def rows(self, *words: str) -> Any:
        """What `tests.campaign.cast` prints."""
        command = [sys.executable, "-m", "tests.campaign.cast", *words]
        asked = subprocess.run(command, cwd=ROOT, env=self.server.environment, check=True, capture_output=True)
        return json.loads(asked.stdout)

    def arrived(self) -> list[Arrived]:
        """What the networks took so far."""
        return verdict.arrived(self.network.taken, list(self.mails.came))

    def weight(self) -> tuple[int, int]:
        """What grows with each message that a network takes."""
        return self.network.log.stat().st_size, len(self.mails.came)

    def behave(self, share: float, seed: int) -> None:
        """From now on so many sends meet a bad mood."""
        self.network.behave(share=share, bad=_BAD, hang_seconds=_HANG_SECONDS, seed=seed)


def _played(campaign: Campaign, scene: _Scene, log: Path) -> Played:
    dice = random.Random(campaign.seed)
    tokens = scene.rows("write", str(campaign.clicks))
    planned = hands.plans(tokens, clicks=campaign.clicks, seconds=campaign.seconds, dice=dice)
    scene.behave(campaign.bad, campaign.seed)
    people = Hands(scene.server.url, log, dice=dice)
    try:
        if campaign.outage:
            deaths, back = Counter[str](), _through_an_outage(campaign, scene, people, planned)
        else:
            deaths, back = _through_deaths(campaign, scene, people, planned)
    finally:
        people.close()
    clicks = hands.acknowledged(log)
    _wait_for_the_last(clicks, scene)
    judged = verdict.judge(clicks, scene.arrived(), unanswered=campaign.clicks - len(clicks), restarted=back)
    return Played(verdict=judged, deaths=deaths, states=scene.rows("states"), tries=people.tries)


def _through_deaths(
    campaign: Campaign, scene: _Scene, people: Hands, planned: Sequence[Plan]
) -> tuple[Counter[str], datetime]:
    """Click while somebody kills; then one last death of everything. Who died, and when all lived again."""
    killer = Killer(scene.service, campaign.every, most=campaign.most_deaths, dice=random.Random(campaign.seed + 1))
    killer.start()
    try:
        people.click_all(planned, patience=_PATIENCE)
    finally:
        killer.stop()
    killer.deaths[scene.service.kill_everything()] += 1
    return killer.deaths, scene.service.wait_until_ready()


def _through_an_outage(campaign: Campaign, scene: _Scene, people: Hands, planned: Sequence[Plan]) -> datetime:
    """Click while every network is dead, each third of the time in another way. When they were back."""
    scene.mails.dead = True
    clicking = threading.Thread(target=people.click_all, args=(planned,), kwargs={"patience": _PATIENCE})
    clicking.start()
    for how in ("hangs", "refuses", "says 503"):
        scene.network.die(how)
        time.sleep(campaign.outage / 3)
        scene.network.revive()
    clicking.join()
    scene.mails.dead = False
    return datetime.now(UTC)


def _wait_for_the_last(clicks: Sequence[hands.Click], scene: _Scene) -> None:
    """Return when nothing is missing any more, or never will come, and two seconds later: for second copies.

    The logs are read while nothing comes: reading them costs what the service needs just then.
    """
    due, ends = verdict.owed(clicks), time.monotonic() + _LAST_WAIT
    while time.monotonic() < ends:
        before = scene.weight()
        time.sleep(2)
        if scene.weight() == before and not verdict.missing(due, scene.arrived()):
            return
