"""What stays of the operator's drills after a week: nothing but what they cost."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import override_settings

from alerts.domain import alerting, costs, drilling
from alerts.domain.sending import own_connections
from alerts.models import Account, Alert, Click, Contact, Delivery, Event, Link, Phone, Tariff
from alerts.states import Channel, DeliveryState, Gesture
from tests.people import NOON, make_marie, make_phone

pytestmark = pytest.mark.django_db(transaction=True)

SECOND, MINUTE, WEEK = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=7)


@pytest.fixture(autouse=True)
def _every_ten_minutes() -> Iterator[None]:
    with override_settings(SHERIF=replace(settings.SHERIF, canary_minutes=10, canary_to="+33639980042")):
        yield


def let_go(at: datetime = NOON) -> Alert:
    drilling.tend(now=at)
    return Alert.objects.get(opened_at=at)


def ended(at: datetime) -> Alert:
    """One that arrived and was taken back: one text of two parts through Twilio."""
    alert = let_go(at)
    alert.deliveries.update(state=DeliveryState.DELIVERED, provider="twilio", provider_id="SM1", parts=2)
    drilling.tend(now=at + SECOND)
    return alert


def test_after_a_week_a_canary_and_all_that_hangs_on_it_is_forgotten() -> None:
    old, young = ended(NOON), ended(NOON + 10 * MINUTE)
    drilling.forget_old(now=NOON + WEEK)
    assert Alert.objects.count() == 2

    drilling.forget_old(now=NOON + WEEK + SECOND)
    assert not Alert.objects.filter(pk=old.pk).exists()
    for rows in (Delivery, Event, Link, Click):
        assert set(rows.objects.values_list("alert", flat=True)) == {young.pk}
    drilling.forget_old(now=NOON + 2 * WEEK)
    assert not Alert.objects.exists()
    assert Account.objects.count() == Contact.objects.count() == Phone.objects.count() == 1
    assert let_go(NOON + 2 * WEEK).drill, "the next one flies as ever"


def test_nothing_but_the_operators_own_ended_drills_is_forgotten() -> None:
    under_way = let_go()
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=NOON, sent_at=NOON)
    phone = make_phone(make_marie())
    hers = alerting.receive_click(phone, report, now=NOON).alert
    alerting.expire(hers, now=NOON + MINUTE)
    exercise = replace(report, uid=uuid4(), gesture=Gesture.SINGLE)
    alerting.expire(alerting.receive_click(phone, exercise, now=NOON, drill=True).alert, now=NOON + MINUTE)

    drilling.forget_old(now=NOON + 52 * WEEK)
    assert Alert.objects.count() == 3
    assert Alert.objects.filter(pk=under_way.pk).exists()


def test_what_a_forgotten_canary_cost_stays_on_the_bill_of_its_month_and_in_the_figures() -> None:
    Tariff.objects.create(provider="twilio", channel=Channel.SMS, price=Decimal("0.05"), prefix="+33")
    Tariff.objects.create(provider="twilio", channel=Channel.SMS, price=Decimal(9))
    for number in range(3):
        ended(NOON + number * 10 * MINUTE)
    ended(NOON + 31 * WEEK)
    bill, figures = costs.of_month(NOON)[0].bill, costs.PartsCounter().figure().samples
    assert (bill.alerts, bill.sms_parts, bill.euros, bill.unpriced) == (3, 6, Decimal("0.30"), 0)

    drilling.forget_old(now=NOON + WEEK + 15 * MINUTE)
    drilling.forget_old(now=NOON + WEEK + 25 * MINUTE)
    assert Alert.objects.count() == 1
    (charge,) = costs.of_month(NOON)
    assert (charge.canary, charge.association, charge.bill) == (True, None, bill)
    assert costs.PartsCounter().figure().samples == figures
    assert costs.of_month(NOON - 40 * timedelta(days=1)) == []


def test_many_workers_forget_and_count_each_canary_once() -> None:
    for number in range(30):
        ended(NOON + number * 10 * MINUTE)
    start = threading.Barrier(4)

    def forget() -> None:
        with own_connections():
            start.wait()
            drilling.forget_old(now=NOON + 2 * WEEK)

    for _ in range(2):
        threads = [threading.Thread(target=forget) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not Alert.objects.exists()
    assert costs.of_month(NOON)[0].bill.alerts == 30
    assert costs.of_month(NOON)[0].bill.sms_parts == 60
