"""One night of Marie's on a clock that the test moves: a network that takes everything, and everybody's hands."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from alerts import links
from alerts.domain import alerting, calls, claiming, deliveries, ladder, responding, timeline
from alerts.domain.deliveries import Outcome
from alerts.domain.responding import Act
from alerts.models import Alert, Contact, Delivery, Event, Link, Phone, Victim
from alerts.providers.base import Standing
from alerts.states import AlertState, Channel, DeliveryState, EventKind, Gesture, Occasion
from tests.people import LINE, NOON, RELATIVES, Person, make_contact, make_marie, make_phone

STEP = 60  # seconds, the default of SHERIF_LADDER_SECONDS


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One message that the network took."""

    at: datetime
    name: str
    channel: str
    occasion: str


@dataclass(kw_only=True)
class Night:
    """Marie, her phone, and the messages that left so far."""

    marie: Victim
    phone: Phone
    now: datetime = NOON
    is_network_up: bool = True
    sent: list[Sent] = field(default_factory=list)

    @classmethod
    def falls(
        cls, username: str = "marie", *, relatives: tuple[Person, ...] = RELATIVES, line: Person | None = LINE
    ) -> "Night":
        """Marie with her relatives, and the on-call line of her association as a sixth contact."""
        marie = make_marie(username, relatives=relatives)
        if line is not None:
            make_contact(marie, line, rank=6)
        return cls(
            marie=marie, phone=make_phone(marie, token=f"phone of {username}", osmand_id=f"osmand of {username}")
        )

    @property
    def alert(self) -> Alert:
        """Her newest alert, read anew."""
        return Alert.objects.select_related("victim", "in_charge").filter(victim=self.marie).latest("opened_at")

    def click(self, gesture: Gesture = Gesture.DOUBLE, *, drill: bool = False) -> None:
        """Her hand, and a worker that sends at once."""
        report = alerting.ClickReport(uid=uuid4(), gesture=gesture, clicked_at=self.now, sent_at=self.now)
        alerting.receive_click(self.phone, report, now=self.now, drill=drill)
        self.work()

    def after(self, seconds: float) -> "Night":
        """Time passes, then a worker sweeps."""
        self.now += timedelta(seconds=seconds)
        ladder.climb_due(now=self.now)
        self.work()
        return self

    def work(self) -> None:
        """Send what is due."""
        for one in claiming.claim(self.alert.pk, worker="w", now=self.now):
            row = one.delivery
            to = DeliveryState.ACCEPTED if self.is_network_up else DeliveryState.DUE
            again = None if self.is_network_up else deliveries.next_attempt(row.attempts + 1, now=self.now)
            outcome = Outcome(delivery=row.pk, alert=self.alert.pk, to=to, leased_by="w", not_before=again)
            deliveries.record([outcome], now=self.now)
            if self.is_network_up:
                self.sent.append(Sent(at=self.now, name=row.contact.name, channel=row.channel, occasion=row.occasion))

    def contact(self, person: Person) -> Contact:
        """This person in her list."""
        return next(contact for contact in self.marie.contacts.all() if contact.name == person.name)

    def newest(self, person: Person, channel: Channel) -> Delivery:
        """The last text, call or mail to this person."""
        rows = self.alert.deliveries.filter(contact=self.contact(person), channel=channel)
        return rows.select_related("contact", "alert__victim").latest("created_at")

    def takes_charge(self, person: Person, *, over: bool = False) -> None:
        """By the button of the page."""
        responding.take_charge(self.alert.pk, self.contact(person), Act(by="page"), now=self.now, over=over)

    def releases(self, person: Person) -> None:
        """By the button of the page."""
        responding.release(self.alert.pk, self.contact(person), Act(by="page"), now=self.now)

    def presses(self, person: Person, key: str, *, during: Occasion | None = None) -> None:
        """A key during the newest call, or during that of another occasion."""
        call = self.newest(person, Channel.VOICE)
        if during is not None:
            call = self.alert.deliveries.select_related("contact", "alert__victim").get(
                contact=call.contact, channel=Channel.VOICE, occasion=during
            )
        calls.press(call, key, now=self.now)

    def opens_the_link(self, person: Person) -> None:
        """The human gesture on the page behind the link."""
        text = self.newest(person, Channel.SMS)
        found = links.read(links.draw([text], at=self.now)[text.pk], now=self.now)
        if found is not None:
            responding.open_link(found.link, found.delivery, now=self.now)

    def receipt(self, person: Person, channel: Channel, to: DeliveryState, *, code: str = "") -> None:
        """What the network says of the newest message."""
        deliveries.receive_receipt(self.newest(person, channel).pk, Standing(state=to, code=code), now=self.now)

    def cut_off(self, person: Person) -> None:
        """Marie takes somebody out of this alert."""
        Link.objects.filter(alert=self.alert, contact=self.contact(person)).update(cut_off_at=self.now)

    def closes(self, to: AlertState = AlertState.CLOSED) -> None:
        """Her PIN, or the other one."""
        alerting.close(self.alert, to, reason="safe", now=self.now)

    def rung(self, occasion: Occasion) -> list[str]:
        """Who was called by telephone on this occasion, in her order."""
        return [one.name for one in self.sent if (one.channel, one.occasion) == (Channel.VOICE, occasion)]

    def texted(self, occasion: Occasion) -> list[str]:
        """Who got a text on this occasion."""
        return [one.name for one in self.sent if (one.channel, one.occasion) == (Channel.SMS, occasion)]

    def steps(self) -> list[str]:
        """The ladder's own lines of the timeline."""
        kinds = [EventKind.ROUND_1, EventKind.ROUND_2, EventKind.ROUND_3, EventKind.ON_CALL, EventKind.EXHAUSTED]
        return list(Event.objects.filter(alert=self.alert, kind__in=kinds).values_list("kind", flat=True))

    def said(self) -> list[str]:
        """The whole timeline in French."""
        return [timeline.words(event) for event in self.alert.events.select_related("contact", "delivery__contact")]
