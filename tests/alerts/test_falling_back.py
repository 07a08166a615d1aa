"""A text does not get through: a call takes over, then a mail, and nobody is told twice by the same way."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from alerts import broadcast
from alerts.domain import alerting, claiming, deliveries, falling_back, responding, sweeping
from alerts.domain.deliveries import Outcome
from alerts.domain.responding import Act
from alerts.domain.sending import Sender
from alerts.models import Alert, Contact, Delivery, Event, Phone
from alerts.providers.base import ProviderError, Standing
from alerts.providers.console import ConsoleProvider
from alerts.states import AlertState, Channel, DeliveryState, EventKind, Gesture, Occasion
from tests import twilio
from tests.outgoing import telephone_of
from tests.people import AWA, NADIA, THOMAS, make_marie, make_phone
from tests.twilio import Network

pytestmark = pytest.mark.django_db(transaction=True)
WAYS = falling_back.WAYS


def click(gesture: Gesture = Gesture.SINGLE, *, phone: Phone | None = None) -> Alert:
    """Marie clicks, and a worker takes everything."""
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=gesture, clicked_at=now, sent_at=now)
    alert = alerting.receive_click(phone or make_phone(make_marie()), report, now=now).alert
    claiming.claim(alert.pk, worker="w", now=now)
    return alert


def nadias(alert: Alert, channel: Channel = Channel.SMS, occasion: Occasion = Occasion.CLICK) -> Delivery:
    return alert.deliveries.select_related("contact").get(channel=channel, contact__rank=1, occasion=occasion)


def ways_of(alert: Alert, rank: int = 1, occasion: Occasion = Occasion.CLICK) -> dict[str, str]:
    """By which ways this contact is told, and where each stands."""
    rows = alert.deliveries.filter(contact__rank=rank, occasion=occasion)
    return dict(rows.values_list("channel", "state"))


def fail(delivery: Delivery, code: str = "30006") -> bool:
    """The receipt of a failure."""
    standing = Standing(state=DeliveryState.FAILED, code=code, provider="twilio", provider_id="")
    return deliveries.receive_receipt(delivery.pk, standing, now=timezone.now())


def refuse(delivery: Delivery, error: ProviderError, *, refusals: int = 1) -> None:
    """A clear no at sending."""
    Delivery.objects.filter(pk=delivery.pk).update(attempts=refusals)
    outcome = Outcome(
        delivery=delivery.pk,
        alert=delivery.alert_id or uuid4(),
        to=DeliveryState.FAILED if error.permanent else DeliveryState.DUE,
        code=error.code,
        elsewhere=falling_back.ways_after(error, refusals=refusals),
    )
    deliveries.record([outcome], now=timezone.now())


def test_a_landline_gets_a_call_instead_of_a_text() -> None:
    alert = click()
    assert fail(nadias(alert))

    assert ways_of(alert) == {"sms": "failed", "voice": "due"}
    assert ways_of(alert, rank=2) == {"sms": "sending"}
    call = nadias(alert, Channel.VOICE)
    assert call.not_before <= timezone.now()
    [claimed] = claiming.claim(alert.pk, worker="w", now=timezone.now())
    assert claimed.delivery == call


def test_a_call_that_nobody_answers_either_is_followed_by_a_mail() -> None:
    alert = click()
    fail(nadias(alert))
    claiming.claim(alert.pk, worker="w", now=timezone.now())
    fail(nadias(alert, Channel.VOICE), "no-answer")
    assert ways_of(alert) == {"sms": "failed", "voice": "failed", "email": "due"}

    claiming.claim(alert.pk, worker="w", now=timezone.now())
    fail(nadias(alert, Channel.EMAIL), "smtp_550")
    assert len(ways_of(alert)) == 3


@pytest.mark.parametrize(
    ("closed", "ways"),
    [
        ({"by_voice": False}, {"sms", "email"}),
        ({"by_voice": False, "by_email": False}, {"sms"}),
        ({"email": "", "by_voice": False}, {"sms"}),
        ({"by_email": False}, {"sms", "voice"}),
    ],
)
def test_only_ways_that_the_contact_left_open_take_over(closed: dict[str, Any], ways: set[str]) -> None:
    alert = click()
    Contact.objects.update(**closed)
    fail(nadias(alert))
    assert set(ways_of(alert)) == ways


def test_with_two_clicks_the_call_and_the_mail_are_on_their_way_already() -> None:
    alert = click(Gesture.DOUBLE)
    fail(nadias(alert))
    fail(nadias(alert, Channel.VOICE), "busy")
    assert ways_of(alert) == {"sms": "failed", "voice": "failed", "email": "sending"}
    assert alert.deliveries.count() == 15


def test_with_two_clicks_a_mail_takes_over_where_she_had_none_and_all_else_failed() -> None:
    marie = make_marie()
    Contact.objects.update(by_email=False)
    alert = click(Gesture.DOUBLE, phone=make_phone(marie))
    Contact.objects.update(by_email=True)  # allowed meanwhile
    fail(nadias(alert))
    assert ways_of(alert) == {"sms": "failed", "voice": "sending"}
    fail(nadias(alert, Channel.VOICE), "no-answer")
    assert ways_of(alert) == {"sms": "failed", "voice": "failed", "email": "due"}


def test_an_ending_is_never_a_call() -> None:
    alert = click()
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    claiming.claim(alert.pk, worker="w", now=timezone.now())
    fail(nadias(alert, occasion=Occasion.END))
    assert ways_of(alert, occasion=Occasion.END) == {"sms": "failed", "email": "due"}
    [claimed] = claiming.claim(alert.pk, worker="w", now=timezone.now())
    assert claimed.delivery.channel == Channel.EMAIL


def test_a_failure_that_comes_after_the_end_wakes_nobody() -> None:
    alert = click()
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    fail(nadias(alert))
    assert ways_of(alert) == {"sms": "failed"}


def test_a_call_of_the_ladder_that_nobody_answers_brings_no_mail() -> None:
    alert = click(Gesture.DOUBLE)
    call = nadias(alert, Channel.VOICE)
    Delivery.objects.filter(pk=call.pk).update(occasion=Occasion.ROUND_1)
    fail(call, "no-answer")
    assert ways_of(alert, occasion=Occasion.ROUND_1) == {"voice": "failed"}


def test_a_text_of_the_ladder_that_does_not_arrive_rings_nobody() -> None:
    alert = click(Gesture.DOUBLE)
    text = nadias(alert)
    Delivery.objects.filter(pk=text.pk).update(occasion=Occasion.ROUND_3)
    assert fail(text)
    assert ways_of(alert, occasion=Occasion.ROUND_3) == {"sms": "failed"}


def test_while_somebody_is_in_charge_a_mail_takes_over_and_no_telephone_rings() -> None:
    alert = click()
    responding.take_charge(alert.pk, Contact.objects.get(rank=2), Act(by="page"), now=timezone.now())
    assert fail(nadias(alert))
    assert ways_of(alert) == {"sms": "failed", "email": "due"}


def test_the_same_failure_again_adds_nothing() -> None:
    alert = click()
    text = nadias(alert)
    fail(text)
    assert not fail(text)
    refuse(text, ProviderError("30006", permanent=True))
    assert ways_of(alert) == {"sms": "failed", "voice": "due"}


def test_many_failures_at_once_are_many_calls_and_one_line_each() -> None:
    alert = click()
    refused = [
        Outcome(delivery=pk, alert=alert.pk, to=DeliveryState.FAILED, code="30006", elsewhere=WAYS)
        for pk in alert.deliveries.values_list("pk", flat=True)
    ]
    deliveries.record(refused, now=timezone.now())
    assert alert.deliveries.filter(channel=Channel.VOICE, state=DeliveryState.DUE).count() == 5
    assert Event.objects.filter(alert=alert, kind=EventKind.FAILED).count() == 5


def test_the_pages_hear_of_the_failure_and_of_what_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    alert = click()
    alert.refresh_from_db()
    heard: list[dict[str, Any]] = []
    monkeypatch.setattr(broadcast, "publish", lambda _, message: heard.append(message))
    fail(nadias(alert))

    assert [(line["delivery"]["channel"], line["delivery"]["state"]) for line in heard] == [
        ("sms", "failed"),
        ("voice", "due"),
    ]
    assert [line["sequence"] for line in heard] == [alert.sequence + 1, alert.sequence + 2]
    assert heard[1]["delivery"]["name"] == NADIA.name
    assert Alert.objects.get(pk=alert.pk).sequence == alert.sequence + 2


# ---- Refusals that may pass ----


def test_while_our_own_sender_is_wrong_a_call_does_not_wait_for_the_text() -> None:
    alert = click()
    refuse(nadias(alert), ProviderError("21606", permanent=False, ours=True))
    assert ways_of(alert) == {"sms": "due", "voice": "due"}


def test_while_our_key_is_wrong_the_mail_still_goes() -> None:
    alert = click()
    wrong = ProviderError("20003", permanent=False, ours=True)
    refuse(nadias(alert), wrong)
    claiming.claim(alert.pk, worker="w", now=timezone.now())
    Delivery.objects.filter(pk=nadias(alert).pk).update(state=DeliveryState.DUE, leased_until=None, attempts=1)
    refuse(nadias(alert, Channel.VOICE), wrong)
    assert ways_of(alert) == {"sms": "due", "voice": "due", "email": "due"}


@pytest.mark.parametrize(
    ("refusals", "ways"), [(1, {"sms"}), (2, {"sms"}), (3, {"sms", "email"}), (9, {"sms", "email"})]
)
def test_a_network_that_keeps_refusing_is_helped_by_mail(refusals: int, ways: set[str]) -> None:
    alert = click()
    refuse(nadias(alert), ProviderError("503", permanent=False), refusals=refusals)
    assert set(ways_of(alert)) == ways
    assert ways_of(alert)["sms"] == "due"  # it goes on trying


# ---- STOP ----


def test_stop_is_kept_and_a_call_takes_over(network: Network, tmp_path: Path) -> None:
    network.moods = [(400, 21610)]
    alert = sent_through(network, tmp_path)

    stopped = Contact.objects.get(sms_stopped_at__isnull=False)
    assert ways_of(alert, rank=stopped.rank) == {"sms": "failed", "voice": "accepted"}
    assert Event.objects.filter(alert=alert, kind=EventKind.STOPPED, contact=stopped).count() == 1
    assert [taken.kind for taken in network.to(stopped.phone_number)] == ["Calls"]


def test_a_receipt_may_say_stop_too() -> None:
    alert = click()
    fail(nadias(alert), "21610")
    assert Contact.objects.get(rank=1).sms_stopped_at is not None
    assert ways_of(alert) == {"sms": "failed", "voice": "due"}


def test_who_said_stop_while_a_text_was_waiting_is_called() -> None:
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.SINGLE, clicked_at=now, sent_at=now)
    alert = alerting.receive_click(make_phone(make_marie()), report, now=now).alert
    Contact.objects.filter(rank=1).update(sms_stopped_at=now)
    claiming.claim(alert.pk, worker="w", now=now)
    assert ways_of(alert) == {"sms": "failed", "voice": "due"}


# ---- The whole way ----


@pytest.fixture
def network() -> Iterator[Network]:
    with twilio.network() as running:
        yield running


def sent_through(network: Network, folder: Path, *, seconds: float = 20) -> Alert:
    """A single click, and a worker that sweeps until nothing is left to do."""
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.SINGLE, clicked_at=now, sent_at=now)
    alert = alerting.receive_click(make_phone(make_marie()), report, now=now).alert
    telephone, mail = telephone_of(network), ConsoleProvider(folder)
    sender = Sender({Channel.SMS: telephone, Channel.VOICE: telephone, Channel.EMAIL: mail}, worker="worker")
    try:
        end = time.monotonic() + seconds
        busy = [DeliveryState.DUE, DeliveryState.SENDING, DeliveryState.UNKNOWN]
        while alert.deliveries.filter(state__in=busy).exists() and time.monotonic() < end:
            sweeping.sweep(sender, folder, now=timezone.now())
            time.sleep(0.05)
    finally:
        sender.close()
        mail.close()
    return alert


def test_one_click_reaches_everybody_whatever_their_numbers_are(network: Network, tmp_path: Path) -> None:
    network.block(NADIA.phone_number, 21211)  # no telephone number at all: neither a text nor a call
    network.block(THOMAS.phone_number, 21606)  # our own fault: the text waits, and so does the call
    now = timezone.now()
    alert = sent_through(network, tmp_path, seconds=6)

    assert ways_of(alert) == {"sms": "failed", "voice": "failed", "email": "accepted"}
    assert ways_of(alert, rank=2) == {"sms": "due", "voice": "due", "email": "accepted"}
    assert ways_of(alert, rank=3) == {"sms": "accepted"}
    assert len(network.to(AWA.phone_number)) == 1
    assert all(row.created_at - now < timedelta(seconds=6) for row in alert.deliveries.all())
