"""Every provider dead for ten minutes: nothing lost, nobody told more than twice, everybody told once they are back."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone

from alerts.domain import alerting, returning, sweeping
from alerts.domain.sending import Sender
from alerts.models import Alert, Delivery, Event, Ladder, Phone
from alerts.providers.twilio import Credentials, TwilioProvider
from alerts.states import Channel, DeliveryState, EventKind, Gesture, Occasion
from tests import twilio
from tests.people import RELATIVES, make_marie, make_phone
from tests.telephones import Telephones, refuse_with
from tests.telephony.moods import Death

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)
TEN_MINUTES = 600
BACK_WITHIN = 10  # seconds


@pytest.fixture
def network() -> Iterator[twilio.Network]:
    with twilio.network() as running:
        running.hang_seconds = 0.2
        yield running


class Clock:
    """What the service takes for the time of day."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sender(network: twilio.Network, clock: Clock) -> Iterator[Sender]:
    way = TwilioProvider(
        Credentials(
            account_sid=twilio.ACCOUNT,
            auth_token=twilio.TOKEN,
            sms_sender="MonSherif",
            voice_number="+33199001234",
            url=network.url,
        ),
        timeout=0.05,
    )
    started = Sender(
        {Channel.SMS: way, Channel.VOICE: way, Channel.EMAIL: Telephones()}, worker="w", threads=12, clock=clock
    )
    yield started
    started.close()


def click(username: str, *, now: datetime) -> Alert:
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=now, sent_at=now)
    return alerting.receive_click(make_phone(make_marie(username), username, username), report, now=now).alert


def pass_time(sender: Sender, folder: Path, clock: Clock, *, seconds: int, every: int = 1) -> None:
    """A sweep for each second of that clock, or for every few; real time runs faster."""
    for _ in range(0, seconds, every):
        sweeping.sweep(sender, folder, now=clock.now)
        end = time.monotonic() + 10
        while Delivery.objects.filter(state=DeliveryState.SENDING).exists():
            assert time.monotonic() < end
            time.sleep(0.005)
        clock.now += every * SECOND


def copies(network: twilio.Network) -> Counter[str]:
    """How often each delivery reached the telephones, by the address of its receipts."""
    return Counter(taken.form["StatusCallback"] for taken in network.taken)


Telephone = tuple[str, str, str]  # whose alert, "Calls" or "Messages", and the number


class Rings:
    """When, on that clock, each telephone rang or beeped for whom."""

    def __init__(self, network: twilio.Network) -> None:
        self.network = network
        self.seen = 0
        self.at: dict[Telephone, list[datetime]] = {}

    def note(self, now: datetime) -> None:
        new = self.network.taken[self.seen :]
        self.seen += len(new)
        for taken in new:
            delivery = Delivery.objects.get(pk=taken.form["StatusCallback"].rstrip("/").rsplit("/", 1)[1])
            self.at.setdefault((str(delivery.alert_id), taken.kind, taken.to), []).append(now)


@pytest.mark.parametrize("how", ["says 503", "refuses", "hangs"])
def test_after_ten_dead_minutes_everything_is_sent_within_ten_seconds_and_nothing_twice(
    how: Death, network: twilio.Network, sender: Sender, clock: Clock, tmp_path: Path
) -> None:
    click("marie", now=clock.now)
    network.die(how)
    pass_time(sender, tmp_path, clock, seconds=TEN_MINUTES // 2, every=4)
    click("sophie", now=clock.now)  # in the middle of it
    pass_time(sender, tmp_path, clock, seconds=TEN_MINUTES // 2, every=4)

    assert network.taken == []
    telephoned = Delivery.objects.exclude(channel=Channel.EMAIL)
    assert set(telephoned.values_list("state", flat=True)) <= {DeliveryState.DUE, DeliveryState.UNKNOWN}
    assert Event.objects.filter(kind=EventKind.EXHAUSTED).count() == 0, "nobody was called, so somebody is left to call"
    tries = len(network.refused)

    network.revive()
    rings = Rings(network)
    for _ in range(BACK_WITHIN):
        pass_time(sender, tmp_path, clock, seconds=1)
        rings.note(clock.now)
    assert len(rings.at) == 2 * 2 * len(RELATIVES)
    assert {len(times) for times in rings.at.values()} == {1}, "a telephone rang twice at once"
    for _ in range(80):
        pass_time(sender, tmp_path, clock, seconds=1)
        rings.note(clock.now)
    assert max(len(times) for (_, kind, _), times in rings.at.items() if kind == "Calls") > 1, "nobody is rung again"
    assert min(second - first for times in rings.at.values() for first, second in pairwise(times)) > 25 * SECOND
    assert not telephoned.filter(state__in=[DeliveryState.UNKNOWN, DeliveryState.DUE]).exists()
    assert set(copies(network).values()) == {1}
    assert tries <= TEN_MINUTES  # one a second at most, however many wait


def test_a_round_waits_for_a_silent_network_some_minutes_then_tries(
    network: twilio.Network, sender: Sender, clock: Clock, tmp_path: Path
) -> None:
    """It may take calls though nobody can ask it: whoever was not reached must not wait for its list."""
    alert = click("marie", now=clock.now)
    network.die("hangs")
    pass_time(sender, tmp_path, clock, seconds=60, every=2)
    network.revive()
    network.lists = False
    pass_time(sender, tmp_path, clock, seconds=120, every=4)
    assert network.taken == []
    pass_time(sender, tmp_path, clock, seconds=100, every=4)
    assert {taken.to for taken in network.taken if taken.kind == "Calls"} == {one.phone_number for one in RELATIVES}
    assert Event.objects.filter(alert=alert, kind=EventKind.ROUND_1).exists()


def test_a_call_by_anybody_shows_that_the_network_lives_and_the_round_begins(
    network: twilio.Network, sender: Sender, clock: Clock, tmp_path: Path
) -> None:
    click("marie", now=clock.now)
    network.die("hangs")
    pass_time(sender, tmp_path, clock, seconds=60, every=2)
    network.revive()
    network.lists = False
    click("sophie", now=clock.now)
    pass_time(sender, tmp_path, clock, seconds=20)
    called = Delivery.objects.filter(alert__victim__account__username="marie", occasion=Occasion.ROUND_1)
    assert called.filter(channel=Channel.VOICE, state=DeliveryState.ACCEPTED).count() == len(RELATIVES)


def test_a_louder_click_waits_for_no_round(clock: Clock, tmp_path: Path) -> None:
    """Her hand comes first, though the telephone rings already."""
    telephones = Telephones()
    sender = Sender(dict.fromkeys(Channel, telephones), worker="w", threads=4, clock=clock)
    alert = click("marie", now=clock.now)
    pass_time(sender, tmp_path, clock, seconds=61)
    assert alert.deliveries.filter(occasion=Occasion.ROUND_1, state=DeliveryState.ACCEPTED).exists()
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.LONG, clicked_at=clock.now, sent_at=clock.now)
    alerting.receive_click(Phone.objects.get(), report, now=clock.now)
    pass_time(sender, tmp_path, clock, seconds=1)
    sender.close()
    assert set(alert.deliveries.filter(occasion=Occasion.UPGRADE).values_list("state", flat=True)) == {"accepted"}


def test_a_dead_network_that_took_what_it_did_not_answer_makes_no_second_copy(
    network: twilio.Network, sender: Sender, clock: Clock, tmp_path: Path
) -> None:
    click("marie", now=clock.now)
    network.moods = ["drop"] * 10
    network.lists = False
    pass_time(sender, tmp_path, clock, seconds=5)
    network.die("refuses")
    pass_time(sender, tmp_path, clock, seconds=60)
    network.lists = True
    network.revive()
    pass_time(sender, tmp_path, clock, seconds=BACK_WITHIN)
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.ACCEPTED}
    assert max(copies(network).values()) <= 2


def test_one_dead_network_does_not_hold_back_the_mail(
    network: twilio.Network, sender: Sender, clock: Clock, tmp_path: Path
) -> None:
    network.die("hangs")
    alert = click("marie", now=clock.now)
    pass_time(sender, tmp_path, clock, seconds=3)
    assert set(alert.deliveries.filter(channel=Channel.EMAIL).values_list("state", flat=True)) == {"accepted"}


def test_a_mailbox_that_is_full_is_not_taken_for_a_dead_network(clock: Clock, tmp_path: Path) -> None:
    """Its retries stay rare; a success of another mail does not bring them forward."""
    telephones = Telephones()
    sender = Sender(dict.fromkeys(Channel, telephones), worker="w", threads=1, clock=clock)
    now = clock.now
    alert = click("marie", now=now)
    alert.deliveries.exclude(channel=Channel.EMAIL, contact__rank=1).delete()
    Ladder.objects.all().delete()  # who is rung again is another story
    telephones.moods = [refuse_with("smtp_452")] * 99
    pass_time(sender, tmp_path, clock, seconds=200)
    sender.close()
    assert alert.deliveries.get().attempts <= 11


def test_ten_thousand_waiting_messages_cost_a_dead_network_few_tries() -> None:
    now = timezone.now()
    alert = click("marie", now=now)
    alert.deliveries.update(
        state=DeliveryState.DUE, error_code="unreachable", not_before=now + 60 * SECOND, moved_at=now - 9 * SECOND
    )
    pulled = []
    for second in range(12):
        moment = now + second * SECOND
        returning.probe(now=moment)
        due = Delivery.objects.due(moment)
        pulled.append(due.count())
        due.update(not_before=moment + 60 * SECOND, moved_at=moment)  # tried, in vain
    assert pulled == [3, 0, 0, 0] * 3  # one by each channel, every four seconds


def test_whatever_waited_is_due_once_one_gets_through(clock: Clock, tmp_path: Path) -> None:
    telephones = Telephones()
    sender = Sender(dict.fromkeys(Channel, telephones), worker="w", threads=1, clock=clock)
    now = clock.now
    alert = click("marie", now=now)
    alert.deliveries.update(error_code="unreachable", not_before=now + 60 * SECOND, moved_at=now - 9 * SECOND)
    alert.deliveries.filter(contact__rank=1).update(error_code="limited")
    pass_time(sender, tmp_path, clock, seconds=3)
    sender.close()
    waiting = alert.deliveries.filter(state=DeliveryState.DUE)
    assert set(waiting.values_list("error_code", flat=True)) == {"limited"}
    assert len(telephones.taken) == 3 * (len(RELATIVES) - 1)


def test_a_refusal_of_one_person_is_not_the_ways() -> None:
    assert returning.was_refused_by_its_way("503")
    assert returning.was_refused_by_its_way("smtp_421")
    assert not returning.was_refused_by_its_way("smtp_450")
    assert not returning.was_refused_by_its_way("")
