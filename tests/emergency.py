"""An emergency from the click to the telephones, in this process: the real sender, Twilio's own client, the stand-in
for its network, signed hooks, the contacts' pages. Only time is not real: what waits is made older.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.db.models import DateTimeField, ExpressionWrapper, F, Model
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import alerting, attempting, claiming, deliveries, ladder, sweeping, timeline
from alerts.domain.claiming import Claimed
from alerts.domain.sending import Sender
from alerts.domain.tracking import Fix
from alerts.models import Alert, Association, Click, Delivery, Event, Ladder, Link, Look, Phone, Position, Victim
from alerts.states import AlertState, Channel, DeliveryState, Gesture
from tests import twilio
from tests.hooks import PUBLIC_URL
from tests.outgoing import telephone_of
from tests.people import LINE, RELATIVES, Person, make_contact, make_marie, make_phone
from tests.phones import InProcess
from tests.telephones import Telephones
from tests.twilio import Device, Network, Service

if TYPE_CHECKING:
    from alerts.domain.ways import Ways

STEP = 60  # seconds, the default of SHERIF_LADDER_SECONDS
_WITHIN = 20.0  # seconds in which a quiet machine sends everything
_MOMENTS: Mapping[type[Model], tuple[str, ...]] = {
    Alert: ("opened_at", "expires_at", "ended_at"),
    Ladder: ("since", "due_at"),
    Delivery: ("created_at", "not_before", "leased_until", "moved_at"),
    Event: ("at",),
    Look: ("at",),
    Link: ("opened_at", "cut_off_at"),
    Click: ("clicked_at", "received_at"),
    Position: ("recorded_at", "fixed_at", "received_at"),
}


@dataclass(kw_only=True)
class Page:
    """The live page of one contact, opened from the link in a text."""

    browser: Client
    address: str

    def act(self, action: str, **more: Any) -> int:
        """A button of the page. Returns the status."""
        body = json.dumps({"id": str(uuid4()), "action": action, **more})
        return self.browser.post(f"{self.address}act", body, content_type="application/json").status_code

    def snapshot(self) -> Any:
        """What the page shows."""
        return self.browser.get(f"{self.address}snapshot").json()


@dataclass(kw_only=True)
class Emergency:
    """Marie, her relatives' telephones, and a worker."""

    marie: Victim
    phone: Phone
    network: Network
    mail: Telephones
    sender: Sender
    data_dir: Path
    _pages: dict[str, Page] = field(default_factory=dict)

    # ---- Marie ----

    def click(self, gesture: Gesture = Gesture.DOUBLE, *, fix: Fix | None = None) -> None:
        """Her hand, and where she is if her phone knows it."""
        now = timezone.now()
        report = alerting.ClickReport(uid=uuid4(), gesture=gesture, clicked_at=now, sent_at=now, fix=fix)
        alerting.receive_click(self.phone, report, now=now)
        self.passes(0)

    def close(self, to: AlertState = AlertState.CLOSED) -> None:
        """Her PIN, or the other one."""
        alerting.close(self.alert, to, reason="safe", now=timezone.now())
        self.passes(0)

    @property
    def alert(self) -> Alert:
        """Her newest, read anew."""
        return Alert.objects.select_related("victim", "in_charge").filter(victim=self.marie).latest("opened_at")

    # ---- Her people ----

    def device(self, person: Person) -> Device:
        """This person's telephone."""
        return self.network.device(person)

    def page(self, person: Person) -> Page:
        """Opens the newest link on this telephone the first time, then the same page again."""
        if person.name not in self._pages:
            browser = Client()
            opened = browser.post(urlsplit(self.device(person).expect_text().link).path)
            self._pages[person.name] = Page(browser=browser, address=opened.headers["Location"])
        return self._pages[person.name]

    # ---- Time and machines ----

    def passes(self, seconds: float) -> None:
        """Time passes for everybody, then the worker sweeps, and what was planned on the network happens."""
        self.network.deliver_receipts(within=seconds)
        self.age(seconds)
        self.sweep()

    def sweep(self) -> None:
        """One sweep, and everything that follows from it at once."""
        now = timezone.now()
        sweeping.sweep(self.sender, self.data_dir, now=now)
        self._wait_until_sent(now)
        self.network.deliver_receipts(within=1)

    def timeline(self) -> list[str]:
        """The whole timeline in French."""
        return [timeline.words(event) for event in self.alert.events.select_related("contact", "delivery__contact")]

    def ladder_lines(self) -> list[str]:
        """Those lines that the ladder wrote."""
        return [line for line in self.timeline() if line.startswith("Personne n'a pris en charge")]

    def claim_and_freeze(self) -> list[Claimed]:
        """A worker climbs, claims, and stands still with the messages in its hands."""
        ladder.climb_due(now=timezone.now())
        return claiming.claim(self.alert.pk, worker="frozen", now=timezone.now())

    def thaw(self, held: list[Claimed]) -> None:
        """It goes on, long after its leases, as if nothing had been."""
        late = [replace(one, leased_until=timezone.now() - timedelta(seconds=1)) for one in held]
        outcomes = [attempting.attempt(one, None, ways=self.sender.ways, worker="frozen") for one in late]
        deliveries.record(outcomes, now=timezone.now())

    def age(self, seconds: float) -> None:
        """Everything that waits is so much older; nothing else happens."""
        by = timedelta(seconds=seconds)
        self.network.age(by)
        for model, moments in _MOMENTS.items():
            older = {name: ExpressionWrapper(F(name) - by, output_field=DateTimeField()) for name in moments}
            model._base_manager.update(**older)

    def _wait_until_sent(self, now: datetime) -> None:
        """What was due at the sweep; what became due while it swept is for the next one."""
        ends = time.monotonic() + _WITHIN
        under_way = Delivery.objects.filter(state=DeliveryState.SENDING)
        due = Delivery.objects.due(now)
        while under_way.exists() or due.exists():
            assert time.monotonic() < ends, "messages do not leave"
            time.sleep(0.02)


@contextmanager
def emergency(settings: Settings, data_dir: Path, *, line: Person | None = LINE) -> Iterator[Emergency]:
    """Five relatives, an on-call line, an association; every telephone rings."""
    settings.SHERIF = replace(
        settings.SHERIF,
        public_url=PUBLIC_URL,
        twilio_auth_token=twilio.TOKEN,
        ladder_seconds=STEP,
    )
    settings.ALLOWED_HOSTS = ["*"]
    marie = make_marie(relatives=RELATIVES)
    Victim.objects.filter(pk=marie.pk).update(association=Association.objects.create(name="Contre Vents"))
    if line is not None:
        make_contact(marie, line, rank=6)
    mail = Telephones()
    service = Service(wire=InProcess(), public_url=PUBLIC_URL, by_hand=True)
    with twilio.network(service=service) as network:
        telephone = telephone_of(network)
        ways: Ways = {Channel.SMS: telephone, Channel.VOICE: telephone, Channel.EMAIL: mail}
        sender = Sender(ways, worker="worker", threads=8)
        try:
            yield Emergency(
                marie=marie,
                phone=make_phone(marie),
                network=network,
                mail=mail,
                sender=sender,
                data_dir=data_dir,
            )
        finally:
            sender.close()
