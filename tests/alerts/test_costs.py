"""What is sent is counted, priced by the operator's tariffs, and shown to operators alone, without any person."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from itertools import count
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command
from django.db.models import Q
from django.test import Client
from django.utils import timezone
from prometheus_client import generate_latest

from alerts.domain import alerting, claiming, costs, deliveries, leases
from alerts.domain.attempting import attempt
from alerts.domain.costs import Bill
from alerts.domain.deliveries import Outcome
from alerts.domain.messages import gsm
from alerts.models import Account, Alert, Association, Delivery, Tariff, Victim
from alerts.providers.base import Message, ProviderError, Receipt, Sought, Standing, UnknownOutcomeError
from alerts.states import Channel, DeliveryState, Gesture
from tests.people import PASSWORD, RELATIVES, make_karim, make_marie, make_operator, make_phone

pytestmark = pytest.mark.django_db


class Network:
    """Takes everything, or refuses, or falls silent, as the test wants; remembers what it took."""

    name = "twilio"

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.silent = False
        self.refuses = False
        self._numbers = count(1)

    def send(self, message: Message) -> Receipt:
        if self.refuses:
            raise ProviderError("20429", permanent=False)
        self.taken.append(message)
        if self.silent:
            raise UnknownOutcomeError(self.name)
        return Receipt(provider=self.name, provider_id=f"SM{next(self._numbers)}")

    def find(self, sought: Sought) -> Receipt | None:
        """It knows everything that it took."""
        return Receipt(provider=self.name, provider_id=f"SM{sought.id}")

    def ask(self, channel: Channel, provider_id: str) -> Standing | None:
        """Nothing new."""
        del channel, provider_id
        return None


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def association() -> Association:
    return make_karim().association


@pytest.fixture
def marie(association: Association) -> Victim:
    victim = make_marie()
    victim.association = association
    victim.save()
    make_phone(victim)
    return victim


@pytest.fixture
def operator() -> Client:
    make_operator("olga")
    client = Client()
    assert client.login(username="olga", password=PASSWORD)
    return client


def click(victim: Victim, gesture: Gesture = Gesture.SINGLE) -> Alert:
    """She clicks."""
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=gesture, clicked_at=now, sent_at=now)
    return alerting.receive_click(victim.phones.get(), report, now=now).alert


def send(alert: Alert, network: Network) -> None:
    """Everything that is due leaves."""
    ways = dict.fromkeys(Channel, network)
    now = timezone.now()
    Delivery.objects.filter(alert=alert, state=DeliveryState.DUE).update(not_before=now)
    claimed = claiming.claim(alert.pk, worker="w", now=now)
    deliveries.record([attempt(one, None, ways=ways, worker="w") for one in claimed], now=now)


def test_the_segments_of_what_left_are_counted(marie: Victim, network: Network) -> None:
    marie.text_prevention = "Je ne me sens pas bien, rappelle-moi ce soir. " * 5
    marie.save()
    alert = click(marie)
    send(alert, network)

    segments = [gsm.segments(message.text) for message in network.taken]
    assert min(segments) >= 2
    assert costs.of_alerts([alert])[alert.pk] == Bill(sms_parts=sum(segments), unpriced=sum(segments))


def test_a_refusal_costs_nothing_and_a_retry_counts_once(marie: Victim, network: Network) -> None:
    alert = click(marie)
    network.refuses = True
    send(alert, network)
    assert costs.of_alerts([alert]) == {}
    network.refuses = False
    send(alert, network)
    assert costs.of_alerts([alert])[alert.pk].sms_parts == 5


def test_a_text_that_went_twice_counts_twice(marie: Victim, network: Network) -> None:
    alert = click(marie)
    network.silent = True
    send(alert, network)
    Delivery.objects.filter(alert=alert).update(state=DeliveryState.DUE)
    network.silent = False
    send(alert, network)

    assert len(network.taken) == 10
    assert costs.of_alerts([alert])[alert.pk].sms_parts == 10


def test_a_text_of_a_killed_worker_that_the_network_took_counts(marie: Victim) -> None:
    alert = click(marie)
    now = timezone.now()
    claimed = claiming.claim(alert.pk, worker="w", now=now)
    leases.give_up(Q(leased_by="w"), now=now)
    found = [
        Outcome(
            delivery=one.delivery.pk,
            alert=alert.pk,
            to=DeliveryState.ACCEPTED,
            provider="twilio",
            provider_id=f"SM{number}",
        )
        for number, one in enumerate(claimed)
    ]
    deliveries.record(found, now=now)

    assert costs.of_alerts([alert])[alert.pk].sms_parts == 5


@pytest.mark.parametrize(("seconds", "minutes"), [(None, 0), (0, 0), (1, 1), (60, 1), (61, 2), (3600, 60)])
def test_calls_are_billed_by_the_begun_minute(
    seconds: int | None, minutes: int, marie: Victim, network: Network
) -> None:
    alert = click(marie, Gesture.DOUBLE)
    send(alert, network)
    call = Delivery.objects.filter(alert=alert, channel=Channel.VOICE).first()
    assert call is not None
    standing = Standing(state=DeliveryState.DELIVERED, provider="twilio", provider_id="CA1", seconds=seconds)
    deliveries.receive_receipt(call.pk, standing, now=timezone.now())

    bill = costs.of_alerts([alert])[alert.pk]
    assert (bill.sms_parts, bill.call_minutes, bill.mails) == (5, minutes, 5)


def test_the_longest_prefix_decides_the_price(marie: Victim, network: Network) -> None:
    abroad = marie.contacts.get(rank=1)
    abroad.phone_number = "+41791234567"
    abroad.save()
    overseas = marie.contacts.get(rank=2)
    overseas.phone_number = "+330639980012"
    overseas.save()
    for provider, prefix, price in (
        ("twilio", "", "1"),
        ("twilio", "+33", "0.07"),
        ("twilio", "+330", "0.2"),
        ("ovh", "+33", "9"),
    ):
        Tariff.objects.create(provider=provider, channel=Channel.SMS, prefix=prefix, price=Decimal(price))
    alert = click(marie)
    send(alert, network)

    bill = costs.of_alerts([alert])[alert.pk]
    assert (bill.euros, bill.unpriced) == (Decimal(1) + Decimal("0.2") + 3 * Decimal("0.07"), 0)


def test_a_month_is_told_by_association_and_the_canary_apart(
    marie: Victim, association: Association, network: Network
) -> None:
    Tariff.objects.create(provider="twilio", channel=Channel.SMS, price=Decimal("0.1"))
    nobodys = make_marie("sonia")
    make_phone(nobodys, "token-s", "osmand-s")
    canary = make_marie("canary", relatives=RELATIVES[:1])
    canary.canary = True
    canary.save()
    make_phone(canary, "token-c", "osmand-c")
    for victim in (marie, nobodys, canary):
        send(click(victim), network)
    now = timezone.now()

    told = [(one.association, one.canary, one.bill.alerts, one.bill.euros) for one in costs.of_month(now)]
    assert told == [
        (association, False, 1, Decimal("0.5")),
        (None, False, 1, Decimal("0.5")),
        (None, True, 1, Decimal("0.1")),
    ]
    assert costs.of_month(costs.month(now)[0] - timedelta(seconds=1)) == []
    assert costs.of_month(costs.month(now)[1]) == []


def test_a_month_begins_at_midnight_of_its_own_time_zone() -> None:
    begin, following = costs.month(datetime(2026, 10, 31, 23, 30, tzinfo=UTC))
    assert begin.isoformat() == "2026-11-01T00:00:00+01:00"
    assert following.isoformat() == "2026-12-01T00:00:00+01:00"
    assert costs.month(datetime(2026, 12, 31, 12, tzinfo=UTC))[1].isoformat() == "2027-01-01T00:00:00+01:00"


def test_the_command_prints_a_table_and_json(marie: Victim, network: Network) -> None:
    send(click(marie), network)
    table, machine = StringIO(), StringIO()
    call_command("costs", stdout=table)
    call_command("costs", "--json", "--month", f"{timezone.localtime():%Y-%m}", stdout=machine)

    assert "Contre Vents" in table.getvalue()
    told = json.loads(machine.getvalue())
    assert told["month"] == f"{timezone.localtime():%Y-%m}"
    assert told["charges"] == [
        {
            "association": "Contre Vents",
            "canary": False,
            "alerts": 1,
            "sms_parts": 5,
            "call_minutes": 0,
            "mails": 0,
            "euros": "0",
            "unpriced": 5,
        }
    ]


@pytest.mark.parametrize("month", ["november", "2026-13", "2026", "9999-12", "", "2026-11-01", "-1-1"])
def test_what_is_no_month_is_refused(month: str, operator: Client) -> None:
    with pytest.raises(CommandError):
        call_command("costs", "--month", month)
    assert operator.get("/admin/alerts/tariff/costs/", {"month": month}).status_code == 404


def test_an_operator_sees_what_a_month_and_an_alert_cost_and_nobodys_name(
    marie: Victim, network: Network, operator: Client
) -> None:
    Tariff.objects.create(provider="twilio", channel=Channel.SMS, price=Decimal("0.07"))
    send(click(marie), network)
    month = operator.get("/admin/alerts/tariff/costs/").content.decode()
    alerts = operator.get("/admin/alerts/alert/").content.decode()

    for page in (month, alerts):
        assert "Contre Vents" in page
        assert "0,35" in page
        assert not [person.name for person in RELATIVES if person.name in page]
        assert "Marie" not in page
    assert "/admin/alerts/tariff/costs/" in operator.get("/admin/alerts/tariff/").content.decode()


def test_an_operator_changes_prices_and_no_alert(marie: Victim, operator: Client) -> None:
    alert = click(marie)
    price = {"provider": "twilio", "channel": "sms", "prefix": "+33", "price": "0.0725"}
    assert operator.post("/admin/alerts/tariff/add/", price).status_code == 302
    assert Tariff.objects.get().price == Decimal("0.0725")
    assert operator.post("/admin/alerts/tariff/add/", price | {"channel": "pigeon"}).status_code == 200
    assert Tariff.objects.count() == 1
    assert operator.post("/admin/alerts/alert/add/").status_code == 403
    assert operator.post(f"/admin/alerts/alert/{alert.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Alert.objects.filter(pk=alert.pk).exists()


@pytest.mark.parametrize("path", ["/admin/alerts/tariff/costs/", "/admin/alerts/tariff/", "/admin/alerts/alert/"])
def test_nobody_but_an_operator_sees_costs(path: str, marie: Victim) -> None:
    client = Client()
    for login in ("marie", "karim"):
        assert client.login(username=login, password=PASSWORD)
        assert client.get(path).status_code == 302
    karim = Account.objects.get(username="karim")
    TOTP.activate(karim, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    Account.objects.filter(username="karim").update(is_staff=True)  # staff without the permission
    assert client.get(path).status_code == 403


def test_the_figures_tell_the_parts_by_provider_and_channel(marie: Victim, network: Network) -> None:
    send(click(marie, Gesture.DOUBLE), network)
    family = costs.PartsCounter().figure()

    assert {tuple(sample.labels.values()): sample.value for sample in family.samples} == {
        ("twilio", "sms"): 5,
        ("twilio", "email"): 5,
    }
    assert "sherif_message_parts" in generate_latest().decode()
