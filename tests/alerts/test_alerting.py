"""A click becomes one alert and one message for each contact and channel, whatever happens around it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from alerts.domain import alerting, tracking
from alerts.domain.alerting import ClickReport, StaleClickError
from alerts.models import Alert, Click, Contact, Delivery, Event, Link, Phone, Position, Victim
from alerts.states import AlertKind, AlertState, ContactState, EventKind, Gesture, Occasion
from tests.people import LUCIE, NADIA, NOON, PAUL, make_contact, make_marie, make_phone

pytestmark = pytest.mark.django_db


def click(phone: Phone, gesture: Gesture = Gesture.DOUBLE, *, uid: UUID | None = None, after: int = 0) -> Alert:
    """Her hand clicks some seconds after noon."""
    at = NOON + timedelta(seconds=after)
    report = ClickReport(uid=uid or uuid4(), gesture=gesture, clicked_at=at, sent_at=at)
    return alerting.receive_click(phone, report, now=at).alert


def kinds(alert: Alert) -> list[str]:
    """The timeline as words."""
    return list(Event.objects.filter(alert=alert).values_list("kind", flat=True))


def told(alert: Alert, occasion: Occasion) -> set[tuple[str, str]]:
    """Who is told on an occasion, and how."""
    rows = Delivery.objects.filter(alert=alert, occasion=occasion).select_related("contact")
    return {(row.contact.name, row.channel) for row in rows}


def test_a_double_click_tells_five_contacts_by_three_channels(phone: Phone) -> None:
    alert = click(phone)

    assert alert.kind == AlertKind.RESCUE
    assert len(told(alert, Occasion.CLICK)) == 15
    assert Link.objects.filter(alert=alert).count() == 5
    assert kinds(alert) == [EventKind.OPENED]


def test_a_single_click_sends_one_sms_to_those_whom_she_chose(phone: Phone, marie: Victim) -> None:
    lucie = next(contact for contact in marie.contacts.all() if contact.name == LUCIE.name)
    Contact.objects.filter(pk=lucie.pk).update(on_single=False)

    alert = click(phone, Gesture.SINGLE)

    assert alert.kind == AlertKind.PREVENTION
    assert told(alert, Occasion.CLICK) == {(name, "sms") for name in ("Nadia", "Thomas", "Awa", "Yann")}


@pytest.mark.parametrize(
    "state", [ContactState.DECLINED, ContactState.WITHDRAWN, ContactState.DECOY, ContactState.REMOVED]
)
def test_paul_is_never_told_again(state: ContactState) -> None:
    marie = make_marie(relatives=(NADIA,))
    make_contact(marie, PAUL, rank=2, state=state)

    alert = click(make_phone(marie))

    assert {name for name, _ in told(alert, Occasion.CLICK)} == {"Nadia"}
    assert Link.objects.filter(alert=alert).count() == 1


def test_the_same_click_again_changes_nothing(phone: Phone) -> None:
    uid = uuid4()
    first, second = click(phone, uid=uid), click(phone, uid=uid, after=3)

    assert first == second
    assert Click.objects.count() == 1
    assert Delivery.objects.count() == 15
    assert kinds(first) == [EventKind.OPENED]


def test_a_stronger_gesture_upgrades_the_open_alert_and_tells_once(phone: Phone) -> None:
    alert = click(phone, Gesture.SINGLE)
    assert click(phone, Gesture.DOUBLE, after=5) == alert
    assert click(phone, Gesture.LONG, after=9) == alert
    click(phone, Gesture.DOUBLE, after=12)

    alert.refresh_from_db()
    assert alert.kind == AlertKind.ALARM
    assert len(told(alert, Occasion.UPGRADE)) == 15
    assert len(told(alert, Occasion.UPGRADE_2)) == 15
    assert kinds(alert) == [EventKind.OPENED, EventKind.UPGRADED, EventKind.UPGRADED, EventKind.CLICKED]
    assert alert.sequence == 4


def test_a_click_that_waited_eleven_minutes_is_asked_about(phone: Phone) -> None:
    late = NOON + timedelta(minutes=11)
    report = ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=NOON, sent_at=late)

    with pytest.raises(StaleClickError):
        alerting.receive_click(phone, report, now=late)

    assert not Alert.objects.exists()


def test_a_click_carries_its_position(phone: Phone) -> None:
    fix = tracking.Fix(uid=uuid4(), latitude=49.4179, longitude=2.8261, accuracy=12, battery=63, recorded_at=NOON)
    report = ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=NOON, sent_at=NOON, fix=fix)

    alert = alerting.receive_click(phone, report, now=NOON + timedelta(hours=1)).alert

    stored = Position.objects.get(alert=alert)
    assert (stored.latitude, stored.battery) == (49.4179, 63)
    assert stored.fixed_at == NOON + timedelta(hours=1), "the phone's clock is an hour slow: the server's decides"


def test_a_false_alarm_is_said_to_everybody_who_was_told(phone: Phone) -> None:
    alert = click(phone, Gesture.SINGLE)

    assert alerting.close(alert, AlertState.CLOSED, reason="false_alarm", now=NOON)
    assert not alerting.close(alert, AlertState.CLOSED, reason="false_alarm", now=NOON)

    assert len(told(alert, Occasion.CORRECTION)) == 5
    assert kinds(alert)[-1] == EventKind.FALSE_ALARM


def test_a_close_under_duress_tells_nobody_by_message_and_goes_on_for_the_contacts(phone: Phone) -> None:
    alert = click(phone)
    alerting.close(alert, AlertState.CLOSED_UNDER_DURESS, reason="safe", now=NOON + timedelta(minutes=1))

    alert.refresh_from_db()
    assert alert.is_live(NOON + timedelta(minutes=2))
    assert not told(alert, Occasion.END)
    assert not told(alert, Occasion.CORRECTION)
    assert kinds(alert)[-1] == EventKind.CLOSED_UNDER_DURESS


def test_a_click_after_a_close_under_duress_opens_a_new_alert(phone: Phone) -> None:
    first = click(phone)
    alerting.close(first, AlertState.CLOSED_UNDER_DURESS, reason="safe", now=NOON)

    second = click(phone, after=30)

    assert second != first
    assert second.state == AlertState.OPEN


def test_an_alert_ends_at_its_cap_and_the_next_click_opens_another(phone: Phone) -> None:
    first = click(phone)
    day_after = 24 * 3600

    second = click(phone, after=day_after)

    first.refresh_from_db()
    assert first.state == AlertState.EXPIRED
    assert second.pk != first.pk
    assert kinds(first)[-1] == EventKind.EXPIRED


def test_the_sweeper_ends_what_nobody_closed(phone: Phone) -> None:
    alert = click(phone)

    assert alerting.expire_overdue(now=alert.expires_at - timedelta(seconds=1)) == 0
    assert alerting.expire_overdue(now=alert.expires_at) == 1
    assert alerting.expire_overdue(now=alert.expires_at) == 0


def test_a_contact_who_was_cut_off_is_not_told_of_an_upgrade(phone: Phone) -> None:
    alert = click(phone, Gesture.SINGLE)
    Link.objects.filter(alert=alert, contact__rank=1).update(cut_off_at=NOON)

    click(phone, Gesture.DOUBLE, after=5)

    assert NADIA.name not in {name for name, _ in told(alert, Occasion.UPGRADE)}


def test_a_real_click_during_a_drill_opens_a_real_alert(phone: Phone) -> None:
    rehearsed = ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=NOON, sent_at=NOON)
    drill = alerting.receive_click(phone, rehearsed, now=NOON, drill=True).alert
    assert len(told(drill, Occasion.DRILL)) == 15

    real = click(phone, after=20)

    assert (real.drill, real.kind) == (False, AlertKind.RESCUE)
    assert len(told(real, Occasion.CLICK)) == 15
    drill.refresh_from_db()
    assert drill.state == AlertState.EXPIRED
    assert not told(drill, Occasion.END), "nobody reads that she is safe"


def test_a_click_without_a_battery_level_keeps_the_last_one(phone: Phone) -> None:
    report = ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=NOON, sent_at=NOON, battery=63)
    alerting.receive_click(phone, report, now=NOON)

    click(phone, after=5)

    phone.refresh_from_db()
    assert phone.battery == 63
