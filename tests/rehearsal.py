"""The whole chain inside one test: real rows, the real sender, Twilio's client and SMTP, telephones in people's hands.

The clock is the test's: `pass_time` sweeps once for each of its seconds. Needs `django_db(transaction=True)`, because
the sender's threads have connections of their own. Hooks are posted by the test's own hand and by nobody else.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone
from pytest_django import Settings

from alerts.domain import sweeping
from alerts.domain.sending import Sender
from alerts.models import Alert, Delivery, Event, Victim
from alerts.providers.mailbox import MailboxProvider
from alerts.providers.mailbox import Mailserver as Relay
from alerts.providers.twilio import Credentials, TwilioProvider
from alerts.states import Channel, DeliveryState, Gesture
from tests import mailserver, twilio
from tests.people import make_marie, make_phone
from tests.phones import Companion, InProcess

PUBLIC_URL = "https://sos.exmpl.fr"
VOICE_NUMBER = "+33199001234"
_SETTLES_WITHIN = 10.0  # seconds of real time


@dataclass(kw_only=True)
class Rehearsal:
    """Marie, her relatives' telephones (`network.device(NADIA)`) and mailboxes (`mails`), and one worker."""

    network: twilio.Network
    mails: mailserver.Mailserver
    sender: Sender
    folder: Path
    victim: Victim
    now: datetime

    @property
    def marie(self) -> Companion:
        """Her telephone, through the API."""
        return Companion()

    @property
    def alert(self) -> Alert:
        """Her newest alert, read anew."""
        return Alert.objects.select_related("in_charge").filter(victim=self.victim).latest("opened_at")

    def click(self, gesture: Gesture = Gesture.DOUBLE) -> None:
        """Her hand; within the second everything has left and receipts came as planned."""
        assert self.marie.click(gesture).status == 201
        self.now = max(self.now, timezone.now())  # the API reads the real clock: nothing is due before its time
        self.pass_time(1)

    def pass_time(self, seconds: int) -> None:
        """So many sweeps of the worker, a second apart on the clock that is handed down."""
        for _ in range(seconds):
            sweeping.sweep(self.sender, self.folder, now=self.now)
            self._settle()
            self.network.deliver_receipts()
            self.now += timedelta(seconds=1)

    def state(self, name: str, channel: Channel) -> str:
        """Where the newest message to this relative by this channel stands."""
        rows = Delivery.objects.filter(alert=self.alert, channel=channel).select_related("contact")
        return next(
            row.state for row in rows.order_by("-created_at") if row.contact.name == name
        )  # names are encrypted

    def timeline(self) -> list[tuple[str, str, str]]:
        """Who did what, and by which way: ("Nadia", "take_charge", "voice")."""
        events = Event.objects.filter(alert=self.alert).select_related("contact").order_by("sequence")
        return [(event.contact.name if event.contact else "", str(event.kind), event.by) for event in events]

    def _settle(self) -> None:
        ends = time.monotonic() + _SETTLES_WITHIN
        while Delivery.objects.filter(state=DeliveryState.SENDING).exists():
            assert time.monotonic() < ends, "the sender still holds a message"
            time.sleep(0.01)


@contextmanager
def rehearsal(settings: Settings, folder: Path) -> Iterator[Rehearsal]:
    """One evening: Marie with five relatives, their telephones and mailboxes, nothing sent yet."""
    settings.SHERIF = replace(
        settings.SHERIF, public_url=PUBLIC_URL, twilio_auth_token=twilio.TOKEN, voice_number=VOICE_NUMBER
    )
    service = twilio.Service(wire=InProcess(), public_url=PUBLIC_URL, by_hand=True)
    with twilio.network(service=service) as network, mailserver.mailserver() as mails:
        sender = Sender(_ways(network, mails), worker="rehearsal", threads=8)
        victim = make_marie()
        make_phone(victim)
        try:
            yield Rehearsal(
                network=network, mails=mails, sender=sender, folder=folder, victim=victim, now=timezone.now()
            )
        finally:
            sender.close()


def _ways(network: twilio.Network, mails: mailserver.Mailserver) -> dict[Channel, TwilioProvider | MailboxProvider]:
    telephone = TwilioProvider(
        Credentials(
            account_sid=twilio.ACCOUNT,
            auth_token=twilio.TOKEN,
            sms_sender="MonSherif",
            voice_number=VOICE_NUMBER,
            url=network.url,
        )
    )
    mail = MailboxProvider(Relay.read(mails.url, sender_host="sos.exmpl.fr"))
    return {Channel.SMS: telephone, Channel.VOICE: telephone, Channel.EMAIL: mail}
