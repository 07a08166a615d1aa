"""A flood from one button does not stand before the others; limits hold repetitions alone; a hanging number is hers."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import alerting, claiming, deliveries, limits, sweeping
from alerts.domain.deliveries import RESENT, Outcome
from alerts.domain.limits import LIMITED
from alerts.domain.sending import Sender, own_connections
from alerts.models import Alert, Contact, Delivery, Event, Meter, Phone
from alerts.providers.base import Message, Receipt, Sought, Standing
from alerts.states import AlertState, Channel, DeliveryState, EventKind, Gesture, Occasion
from tests.people import NADIA, make_karim, make_marie, make_phone
from tests.web import until

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERS_IN = 0.2  # seconds


class Network:
    """A telephone network that takes its time; for some numbers it hangs. Remembers when each request came."""

    name = "network"

    def __init__(self, *, answers_in: float = ANSWERS_IN) -> None:
        self.answers_in = answers_in
        self.hangs: dict[str, float] = {}
        self.came: list[tuple[float, Message]] = []
        self._lock = threading.Lock()

    def send(self, message: Message) -> Receipt:
        with self._lock:
            self.came.append((time.monotonic(), message))
        time.sleep(self.hangs.get(str(message.channel), self.hangs.get(message.text.split()[1], self.answers_in)))
        return Receipt(provider=self.name, provider_id=f"N{message.id}")

    def find(self, sought: Sought) -> Receipt | None:
        """It never loses an answer, so nobody has to ask."""
        raise AssertionError(sought.id)

    def ask(self, channel: Channel, provider_id: str) -> Standing | None:
        """Whatever was taken is still on its way."""
        del channel
        return Standing(state=DeliveryState.ACCEPTED, provider=self.name, provider_id=provider_id)

    def moments(self, name: str) -> list[float]:
        """When the messages about this woman came."""
        with self._lock:
            return [at for at, message in self.came if name in message.text]


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def start(network: Network) -> Iterator[Callable[..., Sender]]:
    started: list[Sender] = []

    def new(threads: int = 48) -> Sender:
        started.append(Sender(dict.fromkeys(Channel, network), worker=f"worker-{len(started)}", threads=threads))
        return started[-1]

    yield new
    for sender in started:
        sender.close()


def make_victim(name: str) -> Phone:
    """Another woman with the same five relatives, and her phone."""
    victim = make_marie(name.lower())
    victim.name = name
    victim.save()
    return make_phone(victim, f"token-{name}", f"osmand-{name}")


def click(phone: Phone, gesture: Gesture = Gesture.DOUBLE, *, now: datetime | None = None) -> Alert:
    """She clicks."""
    now = now or timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=gesture, clicked_at=now, sent_at=now)
    return alerting.receive_click(phone, report, now=now).alert


def flood(phone: Phone, alerts: int) -> list[Alert]:
    """Open, close, open, close, and open once more."""
    flooded = []
    for _ in range(alerts):
        flooded.append(click(phone))
        alerting.close(flooded[-1], AlertState.CLOSED, reason="false_alarm", now=timezone.now())
    return [*flooded, click(phone)]


def is_done(alert: Alert) -> bool:
    """Whether nothing of this alert waits any more."""
    return not Delivery.objects.filter(alert=alert).exclude(state=DeliveryState.ACCEPTED).exists()


# ---- Fair sending ----


def test_a_flood_from_one_button_leaves_the_others_first_message_within_five_seconds(
    network: Network, start: Callable[..., Sender], tmp_path: Path
) -> None:
    flooding = flood(make_victim("Paula"), 40)
    others = [make_victim(name) for name in ("Sonia", "Leila", "Ines")]
    sender = start()
    for alert in flooding:  # as Huey would: one wake-up per click and per end
        sender.deliver(alert.pk, now=timezone.now())
    began = time.monotonic()
    clicked = [click(phone) for phone in others]
    sweeping.sweep(sender, tmp_path, now=timezone.now())

    assert until(lambda: all(is_done(alert) for alert in clicked))
    for phone in others:
        moments = network.moments(phone.victim.name)
        assert len(moments) == 15
        assert min(moments) - began < 5
    assert until(lambda: is_done(flooding[-1])), "her own open alert is told too"
    assert Delivery.objects.filter(alert__in=clicked).values_list("attempts", flat=True).distinct().get() == 1


def test_what_is_claimed_is_bounded_and_leaves_as_soon_as_there_is_room(
    network: Network, start: Callable[..., Sender]
) -> None:
    network.answers_in = 0.02
    alerts = [click(make_victim(f"Woman{number}")) for number in range(12)]
    sender = start(threads=4)
    for alert in alerts:
        sender.deliver(alert.pk, now=timezone.now())
    claimed = Delivery.objects.exclude(state=DeliveryState.DUE).count()

    assert claimed - len(network.came) <= 36, "the rest stays due: nobody's lease runs out in a queue"
    assert until(lambda: all(is_done(alert) for alert in alerts)), "and the feeder takes it, without any sweeper"
    assert len(network.came) == 12 * 15
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def test_a_network_that_hangs_for_one_womans_messages_stops_no_other(
    network: Network, start: Callable[..., Sender]
) -> None:
    network.hangs["Paula"] = 3
    sender = start()
    hanging = [click(make_victim("Paula"))]
    sender.deliver(hanging[0].pk, now=timezone.now())
    began = time.monotonic()
    calm = click(make_victim("Sonia"))
    sender.deliver(calm.pk, now=timezone.now())

    assert until(lambda: is_done(calm), 3)
    assert max(network.moments("Sonia")) - began < 2.5


def test_a_mail_server_that_hangs_stops_no_text_and_no_call(network: Network, start: Callable[..., Sender]) -> None:
    network.hangs[Channel.EMAIL] = 3
    sender = start()
    alerts = [click(make_victim(f"Woman{number}")) for number in range(12)]
    began = time.monotonic()
    for alert in alerts:
        sender.deliver(alert.pk, now=timezone.now())
    spoken = Delivery.objects.filter(alert__in=alerts).exclude(channel=Channel.EMAIL)

    assert until(lambda: set(spoken.values_list("state", flat=True)) == {DeliveryState.ACCEPTED}, 10)
    said = [at for at, message in network.came if message.channel is not Channel.EMAIL]
    assert len(said) == 120
    assert max(said) - began < 5


def test_what_waited_too_long_in_a_queue_goes_back_untouched(start: Callable[..., Sender], network: Network) -> None:
    alert = click(make_victim("Paula"), Gesture.SINGLE)
    Delivery.objects.filter(contact__rank=1).update(error_code=RESENT, attempts=1)
    Delivery.objects.exclude(contact__rank=1).delete()
    asleep = timezone.now() - timedelta(seconds=6)
    Delivery.objects.update(not_before=asleep)
    start().deliver(alert.pk, now=asleep)

    assert until(lambda: Delivery.objects.get().state == DeliveryState.DUE)
    found = Delivery.objects.get()
    assert (found.attempts, found.error_code) == (1, RESENT), "an attempt that was none is not counted"
    assert network.came == []


def test_an_alert_that_nobody_can_read_stands_before_no_other(
    network: Network, start: Callable[..., Sender], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken, calm = click(make_victim("Paula")), click(make_victim("Sonia"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE alerts_contact SET name = 'x' WHERE victim_id = %s", [broken.victim_id])
    sweeping.sweep(start(), tmp_path, now=timezone.now())

    assert until(lambda: is_done(calm))
    assert len(network.moments("Sonia")) == 15
    assert f"Alert {broken.pk} could not be claimed" in caplog.text


def test_alerts_are_claimed_in_turns_of_victims() -> None:
    paula, sonia = make_victim("Paula"), make_victim("Sonia")
    flooding = flood(paula, 2)
    calm = click(sonia)
    order = claiming.in_turn(now=timezone.now(), most=10)

    assert set(order) == {*(alert.pk for alert in flooding), calm.pk}
    assert order.index(calm.pk) == 1
    assert claiming.in_turn(now=timezone.now(), without=[paula.victim_id], most=10) == [calm.pk]


# ---- Limits ----


def repeat(alert: Alert, contact: Contact, occasion: Occasion) -> Delivery:
    """One more call to a contact, due now."""
    now = timezone.now()
    return Delivery.objects.create(
        id=uuid4(),
        alert=alert,
        contact=contact,
        channel=Channel.VOICE,
        occasion=occasion,
        created_at=now,
        not_before=now,
        moved_at=now,
    )


def told(alert: Alert) -> None:
    """A network took everything so far."""
    now = timezone.now()
    claimed = claiming.claim(alert.pk, worker="w", now=now)
    outcomes = [
        Outcome(delivery=one.delivery.pk, alert=alert.pk, to=DeliveryState.ACCEPTED, provider="n", provider_id="1")
        for one in claimed
    ]
    deliveries.record(outcomes, now=now)


@pytest.mark.parametrize("limit", ["contact", "victim", "association", "all"])
def test_a_repetition_beyond_a_limit_waits_and_says_so(limit: str, settings: Settings) -> None:
    settings.LIMITS = {**settings.LIMITS, limit: 2}
    alert = click(make_victim("Paula"))
    alert.victim.association = make_karim().association
    alert.victim.save()
    told(alert)
    nadia = Contact.objects.get(victim=alert.victim, rank=1)
    for occasion in (Occasion.ROUND_1, Occasion.ROUND_2, Occasion.ROUND_3):
        repeat(alert, nadia, occasion)
    now = timezone.now()
    claimed = claiming.claim(alert.pk, worker="w", now=now)

    assert len(claimed) == 2
    held = Delivery.objects.get(limits.held())
    assert held.not_before == now + timedelta(minutes=10)
    assert Event.objects.get(kind=EventKind.LIMITED).delivery == held
    assert claiming.claim(alert.pk, worker="w", now=now) == []

    later = now + timedelta(minutes=10)
    assert [one.delivery.pk for one in claiming.claim(alert.pk, worker="w", now=later)] == [held.pk]


def test_what_is_held_again_is_said_once(settings: Settings) -> None:
    settings.LIMITS = {**settings.LIMITS, "contact": 0}
    alert = click(make_victim("Paula"))
    told(alert)
    repeat(alert, Contact.objects.get(victim=alert.victim, rank=1), Occasion.ROUND_1)
    for number in range(3):
        assert claiming.claim(alert.pk, worker="w", now=timezone.now() + timedelta(minutes=10 * number)) == []
    assert Event.objects.filter(kind=EventKind.LIMITED).count() == 1


def test_first_messages_are_neither_held_nor_counted(settings: Settings) -> None:
    settings.LIMITS = {"minutes": 10, "contact": 0, "victim": 0, "association": 0, "all": 0}
    phone = make_victim("Paula")
    assert len(claiming.claim(click(phone, Gesture.SINGLE).pk, worker="w", now=timezone.now())) == 5
    stronger = click(phone, Gesture.LONG)

    assert len(claiming.claim(stronger.pk, worker="w", now=timezone.now())) == 15
    assert not Meter.objects.exists()


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.DUE])
def test_who_is_not_known_to_have_heard_is_rung_whatever_the_limits(state: DeliveryState, settings: Settings) -> None:
    settings.LIMITS = {"minutes": 10, "contact": 0, "victim": 0, "association": 0, "all": 0}
    alert = click(make_victim("Paula"))
    nadia, thomas = Contact.objects.filter(victim=alert.victim, rank__lte=2).order_by("rank")
    later = timezone.now() + timedelta(hours=1)
    Delivery.objects.filter(contact=nadia).update(state=state, not_before=later)
    Delivery.objects.filter(contact=thomas).update(state=DeliveryState.ACCEPTED)
    Delivery.objects.filter(contact__rank__gt=2).delete()
    call = repeat(alert, nadia, Occasion.ROUND_1)
    repeat(alert, thomas, Occasion.ROUND_1)

    assert [one.delivery.pk for one in claiming.claim(alert.pk, worker="w", now=timezone.now())] == [call.pk]


def test_the_on_call_line_hears_of_an_alert_whatever_the_limits(settings: Settings) -> None:
    settings.LIMITS = {"minutes": 10, "contact": 0, "victim": 0, "association": 0, "all": 0}
    alert = click(make_victim("Paula"))
    told(alert)
    line = Contact.objects.create(victim=alert.victim, rank=6, name="Astreinte", phone_number=NADIA.phone_number)
    alert.links.create(contact=line, place="astreinte")
    call = repeat(alert, line, Occasion.ON_CALL)

    assert [one.delivery.pk for one in claiming.claim(alert.pk, worker="w", now=timezone.now())] == [call.pk]


def test_endings_of_a_flood_are_limited_and_her_next_alert_is_not(settings: Settings) -> None:
    settings.LIMITS = {**settings.LIMITS, "contact": 3}
    alerts = flood(make_victim("Paula"), 5)
    Delivery.objects.filter(alert__state=AlertState.CLOSED, occasion=Occasion.CLICK).update(
        state=DeliveryState.ACCEPTED
    )
    claimed = [one for alert in alerts for one in claiming.claim(alert.pk, worker="w", now=timezone.now())]

    endings = [one for one in claimed if one.delivery.occasion == Occasion.CORRECTION]
    assert len(endings) == 3 * 5
    assert Delivery.objects.filter(limits.held()).count() == 2 * 5
    assert sum(one.delivery.alert_id == alerts[-1].pk for one in claimed) == 15


def test_a_retry_is_not_counted_again(settings: Settings) -> None:
    settings.LIMITS = {**settings.LIMITS, "contact": 1}
    alert = click(make_victim("Paula"))
    told(alert)
    Event.objects.update(at=timezone.now() - timedelta(minutes=1))  # her telephone is silent by now
    call = repeat(alert, Contact.objects.get(victim=alert.victim, rank=1), Occasion.ROUND_1)
    for _ in range(3):
        assert len(claiming.claim(alert.pk, worker="w", now=timezone.now())) == 1
        Delivery.objects.filter(pk=call.pk).update(state=DeliveryState.DUE, leased_until=None)
    assert set(Meter.objects.values_list("count", flat=True)) == {1}


def test_two_workers_count_together(settings: Settings) -> None:
    settings.LIMITS = {**settings.LIMITS, "all": 10}
    alerts = [click(make_victim(f"Woman{number}")) for number in range(6)]
    for alert in alerts:
        told(alert)
        for contact in Contact.objects.filter(victim=alert.victim):
            repeat(alert, contact, Occasion.ROUND_1)
    start, taken = threading.Barrier(6), []

    def work(alert: Alert) -> None:
        with own_connections():
            start.wait()
            taken.append(len(claiming.claim(alert.pk, worker="w", now=timezone.now())))

    threads = [threading.Thread(target=work, args=(alert,)) for alert in alerts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(taken) == 10
    assert Meter.objects.get(key="all").count == 10
    assert LIMITED in set(Delivery.objects.values_list("error_code", flat=True))
