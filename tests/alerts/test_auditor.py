"""The auditor reads rows and believes nobody: what did not arrive is found, said once, and forgotten when right."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from alerts.domain import alerting, auditing, beats, deliveries, responding, timeline
from alerts.domain.responding import Act
from alerts.domain.sending import own_connections
from alerts.models import Alert, Beat, Contact, Delivery, Event, Finding, Ladder, Link, Victim
from alerts.providers import faults
from alerts.providers.base import Standing
from alerts.states import AlertState, Channel, DeliveryState, EventKind, FindingKind, Gesture
from tests.people import DURESS_PIN, NADIA, NOON, PIN, make_contact, make_marie, make_phone
from tests.phones import Companion

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)
LONG_AGO = NOON - timedelta(hours=1)


def click(
    gesture: Gesture = Gesture.DOUBLE, *, relatives: tuple[object, ...] | None = None, drill: bool = False
) -> Alert:
    """Marie clicks at noon."""
    marie = make_marie() if relatives is None else make_marie(relatives=())
    report = alerting.ClickReport(uid=uuid4(), gesture=gesture, clicked_at=NOON, sent_at=NOON)
    return alerting.receive_click(make_phone(marie), report, now=NOON, drill=drill).alert


def look(at: datetime, *, since: datetime = LONG_AGO) -> list[str]:
    """One round, the workers being alive; what is wrong after it."""
    beats.beat(beats.SWEEP, now=at)
    auditing.audit(now=at, since=since)
    return sorted(auditing.open_findings().values_list("kind", flat=True))


def sent(alert: Alert, to: DeliveryState = DeliveryState.ACCEPTED, *, at: datetime = NOON) -> None:
    """The network took everything, and the ladder was climbed to its end."""
    Delivery.objects.filter(alert=alert).update(state=to, moved_at=at, provider="twilio")
    Ladder.objects.filter(alert=alert).update(due_at=None)


def lines(alert: Alert) -> list[str]:
    """The kinds of lines that the auditor wrote in the timeline."""
    return list(Event.objects.filter(alert=alert, kind=EventKind.NOBODY_REACHED).values_list("kind", flat=True))


def test_an_alert_that_nobody_received_is_found_after_a_minute_and_said_once_in_its_timeline() -> None:
    alert = click()
    sent(alert)

    assert look(NOON + MINUTE - timedelta(seconds=1)) == []
    assert look(NOON + MINUTE) == [FindingKind.NOBODY_REACHED]
    assert look(NOON + MINUTE + timedelta(seconds=5)) == [FindingKind.NOBODY_REACHED]

    assert Finding.objects.get().alert == alert
    event = Event.objects.get(kind=EventKind.NOBODY_REACHED)
    assert timeline.words(event) == "Personne ne semble encore avoir reçu l'alerte"
    assert Alert.objects.get().sequence == event.sequence


@pytest.mark.parametrize("state", [DeliveryState.DUE, DeliveryState.ACCEPTED, DeliveryState.FAILED])
def test_what_merely_left_proves_nothing(state: DeliveryState) -> None:
    sent(click(), state)
    assert FindingKind.NOBODY_REACHED in look(NOON + MINUTE)


def test_an_answering_machine_proves_nothing_and_a_key_pressed_does() -> None:
    alert = click()
    sent(alert)
    call = Delivery.objects.get(alert=alert, channel=Channel.VOICE, contact__rank=1)
    deliveries.receive_receipt(call.pk, Standing(state=DeliveryState.DELIVERED), now=NOON)
    assert look(NOON + MINUTE) == [FindingKind.NOBODY_REACHED]

    responding.answer(call, now=NOON + MINUTE)
    assert look(NOON + MINUTE) == []


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_one_receipt_of_a_text_or_mail_is_enough(channel: Channel) -> None:
    alert = click()
    sent(alert)
    text = Delivery.objects.get(alert=alert, channel=channel, contact__rank=3)
    deliveries.receive_receipt(text.pk, Standing(state=DeliveryState.DELIVERED), now=NOON)
    assert look(NOON + MINUTE) == []


def test_a_link_opened_is_enough() -> None:
    alert = click()
    responding.open_link(Link.objects.get(alert=alert, contact__rank=1), None, now=NOON)
    sent(alert)
    assert look(NOON + MINUTE) == []


def test_who_took_charge_by_a_reply_knows_of_it_also_after_a_release() -> None:
    alert = click()
    sent(alert)
    nadia = Contact.objects.get(rank=1)
    responding.take_charge(alert.pk, nadia, Act(by="sms"), now=NOON)
    assert look(NOON + MINUTE) == []
    responding.release(alert.pk, nadia, Act(by="sms"), now=NOON + MINUTE)
    assert look(NOON + MINUTE) == []


def test_it_is_right_again_as_soon_as_somebody_received_it_and_nothing_is_deleted() -> None:
    alert = click()
    sent(alert)
    look(NOON + MINUTE)
    later = NOON + timedelta(seconds=90)
    text = Delivery.objects.get(channel=Channel.SMS, contact__rank=1)
    deliveries.receive_receipt(text.pk, Standing(state=DeliveryState.DELIVERED), now=later)

    assert look(later) == []
    assert Finding.objects.get().cleared_at == later
    assert lines(alert) == [EventKind.NOBODY_REACHED]


def test_an_alert_without_any_contact_is_found_too() -> None:
    click(relatives=())
    assert look(NOON + MINUTE) == [FindingKind.NOBODY_REACHED]


def test_a_drill_that_reached_nobody_is_found_too() -> None:
    sent(click(drill=True))
    assert look(NOON + MINUTE) == [FindingKind.NOBODY_REACHED]


def test_an_alert_closed_under_duress_goes_on_being_watched_and_one_that_ended_does_not() -> None:
    alert = click()
    sent(alert)
    alerting.close(alert, AlertState.CLOSED_UNDER_DURESS, reason="safe", now=NOON)
    assert look(NOON + MINUTE) == [FindingKind.NOBODY_REACHED]

    alerting.expire(alert, now=NOON + 2 * MINUTE)
    assert look(NOON + 2 * MINUTE) == []


def test_two_auditors_at_once_find_it_once() -> None:
    alert = click()
    sent(alert)
    start = threading.Barrier(4)

    def audit() -> None:
        with own_connections():
            start.wait()
            auditing.audit(now=NOON + MINUTE, since=LONG_AGO)

    threads = [threading.Thread(target=audit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Finding.objects.filter(kind=FindingKind.NOBODY_REACHED).count() == 1
    assert lines(alert) == [EventKind.NOBODY_REACHED]


def test_a_message_that_should_have_left_is_found_after_ten_seconds() -> None:
    click()
    assert look(NOON + timedelta(seconds=9)) == []
    assert look(NOON + timedelta(seconds=10)) == [FindingKind.OVERDUE]
    assert Finding.objects.get().count == 15

    Delivery.objects.filter(contact__rank=1).update(state=DeliveryState.DELIVERED)
    look(NOON + timedelta(seconds=15))
    assert Finding.objects.get().count == 12
    Delivery.objects.update(state=DeliveryState.DELIVERED)
    assert look(NOON + timedelta(seconds=20)) == []


def test_a_message_that_a_frozen_worker_holds_is_found() -> None:
    sent(click(), DeliveryState.DELIVERED)
    held = Delivery.objects.filter(contact__rank=1, channel=Channel.SMS)
    held.update(state=DeliveryState.SENDING, leased_until=NOON + timedelta(seconds=15), leased_by="frozen")
    assert look(NOON + timedelta(seconds=24)) == []
    assert look(NOON + timedelta(seconds=25)) == [FindingKind.LEASED_TOO_LONG]


def test_a_message_of_which_nobody_can_tell_is_found_while_its_alert_lives() -> None:
    alert = click()
    sent(alert, DeliveryState.DELIVERED)
    Delivery.objects.filter(contact__rank=1, channel=Channel.EMAIL).update(state=DeliveryState.UNKNOWN)
    assert look(NOON + timedelta(seconds=59)) == []
    assert look(NOON + MINUTE) == [FindingKind.IN_DOUBT]
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=NOON + MINUTE)
    assert look(NOON + MINUTE + timedelta(seconds=1)) == []


def test_a_ladder_that_nobody_climbs_is_found() -> None:
    alert = click()
    sent(alert, DeliveryState.DELIVERED)
    Ladder.objects.update_or_create(alert=alert, defaults={"since": NOON, "due_at": NOON + MINUTE})
    assert look(NOON + MINUTE + timedelta(seconds=14)) == []
    assert look(NOON + MINUTE + timedelta(seconds=15)) == [FindingKind.LADDER_OVERDUE]
    Ladder.objects.update(due_at=None)
    assert look(NOON + MINUTE + timedelta(seconds=16)) == []


def test_receipts_that_do_not_come_are_found_after_two_minutes_where_the_network_gives_any() -> None:
    alert = click()
    sent(alert)
    responding.open_link(Link.objects.get(alert=alert, contact__rank=1), None, now=NOON)
    assert look(NOON + 2 * MINUTE - timedelta(seconds=1)) == []
    assert look(NOON + 2 * MINUTE) == [FindingKind.RECEIPTS_MISSING]
    assert Finding.objects.get().count == 10  # texts and calls; nobody gives receipts for mail

    Delivery.objects.update(provider="console")
    assert look(NOON + 2 * MINUTE) == []


@pytest.mark.parametrize("code", [*sorted(faults.OURS), "smtp_login_535"])
def test_a_refusal_by_our_own_fault_is_found_at_once(code: str) -> None:
    sent(click(), DeliveryState.DELIVERED)
    refused = Delivery.objects.filter(contact__rank=1, channel=Channel.SMS)
    refused.update(state=DeliveryState.DUE, error_code=code, not_before=NOON + MINUTE)
    assert look(NOON + timedelta(seconds=1)) == [FindingKind.PROVIDER_REFUSES_US]
    refused.update(state=DeliveryState.ACCEPTED, error_code="")
    assert look(NOON + timedelta(seconds=2)) == []


def test_a_wrong_number_is_nobodys_fault() -> None:
    sent(click(), DeliveryState.DELIVERED)
    Delivery.objects.filter(contact__rank=1).update(state=DeliveryState.FAILED, error_code="21211")
    assert look(NOON + timedelta(seconds=1)) == []


def test_workers_that_give_no_sign_are_found_before_anybody_clicks() -> None:
    beats.beat(beats.SWEEP, now=NOON)
    for seconds, found in ((30, False), (31, True)):
        auditing.audit(now=NOON + timedelta(seconds=seconds), since=LONG_AGO)
        assert auditing.open_findings().filter(kind=FindingKind.WORKERS_SILENT).exists() is found
    assert look(NOON + MINUTE) == []


def test_an_auditor_that_just_started_gives_the_workers_half_a_minute() -> None:
    auditing.audit(now=NOON + timedelta(seconds=30), since=NOON)
    assert not auditing.open_findings().exists()
    auditing.audit(now=NOON + timedelta(seconds=31), since=NOON)
    assert auditing.open_findings().get().kind == FindingKind.WORKERS_SILENT


def test_a_round_leaves_a_sign_of_life() -> None:
    look(NOON)
    assert Beat.objects.get(name=beats.AUDITOR).at == NOON
    assert not beats.is_silent(beats.AUDITOR, after=timedelta(seconds=30), now=NOON + timedelta(seconds=30))
    assert beats.is_silent(beats.AUDITOR, after=timedelta(seconds=30), now=NOON + timedelta(seconds=31))
    assert beats.is_silent(beats.AUDITOR, after=timedelta(seconds=30), now=NOON - timedelta(seconds=31))


def test_a_hundred_alerts_at_once_are_each_marked() -> None:
    marie = make_marie()
    alerts = [
        Alert(
            id=uuid4(),
            victim=marie,
            kind="rescue",
            state=state,
            opened_at=NOON,
            ended_at=NOON,
            expires_at=NOON + 99 * MINUTE,
        )
        for state in [AlertState.CLOSED_UNDER_DURESS] * 130
    ]
    Alert.objects.bulk_create(alerts)
    assert len(look(NOON + MINUTE)) == 100
    assert len(look(NOON + MINUTE)) == 130
    assert Event.objects.filter(kind=EventKind.NOBODY_REACHED).count() == 130


# ---- What her phone shows ----


@pytest.fixture
def companion() -> Companion:
    make_phone(make_marie())
    return Companion()


def test_her_phone_says_that_nobody_was_reached_until_somebody_was(companion: Companion) -> None:
    companion.click()
    alert = Alert.objects.get()
    assert companion.alert()["nobody_reached"] is False

    look(timezone.now() + MINUTE)
    assert companion.alert()["nobody_reached"] is True

    responding.open_link(Link.objects.get(alert=alert, contact__rank=1), None, now=timezone.now())
    look(timezone.now() + MINUTE)
    assert companion.alert()["nobody_reached"] is False


def test_after_a_close_her_phone_says_nothing_of_it_under_duress_as_otherwise() -> None:
    seen = []
    for name, pin in (("marie", PIN), ("marie-2", DURESS_PIN)):
        make_phone(make_marie(name), token=name, osmand_id=name)
        companion, uid = Companion(token=name), uuid4()
        alert = companion.click(uid=uid).json["alert"]["id"]
        look(timezone.now() + MINUTE)
        companion.close(alert, pin)
        look(timezone.now() + 2 * MINUTE)
        answers = [companion.click(uid=uid), companion.call("GET", "/alert")]
        seen.append([reply.body.decode().replace(alert, "") for reply in answers])
        assert answers[0].json["alert"]["nobody_reached"] is False
    assert Finding.objects.get(cleared_at=None, kind=FindingKind.NOBODY_REACHED).alert is not None
    opened = [answer.partition("opened_at")[0] for one in seen for answer in one]
    assert opened[:2] == opened[2:]


def test_nothing_of_a_canary_counts(companion: Companion) -> None:
    companion.click()
    Victim.objects.update(canary=True)
    look(timezone.now() + MINUTE)
    assert not Finding.objects.filter(kind=FindingKind.NOBODY_REACHED).exists()


def test_without_canaries_none_is_missed() -> None:
    Finding.objects.create(kind=FindingKind.CANARY_FAILED, found_at=NOON)
    with override_settings(SHERIF=replace(settings.SHERIF, canary_minutes=0)):
        assert look(NOON) == []


def test_a_contact_added_in_an_alert_changes_nothing() -> None:
    alert = click(relatives=())
    make_contact(alert.victim, NADIA, rank=1)
    assert look(NOON + MINUTE) == [FindingKind.NOBODY_REACHED]
