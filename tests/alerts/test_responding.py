"""Taking charge is one shared state; whoever comes second is told the name of the first."""

from datetime import timedelta
from uuid import uuid4

import pytest

from alerts import links
from alerts.domain import alerting, responding
from alerts.domain.responding import Act, OverError, TakenError
from alerts.models import Alert, Contact, Delivery, Event, Link, Look
from alerts.states import AlertState, Channel, DeliveryState, EventKind, Gesture
from tests.people import NOON, make_marie, make_phone

pytestmark = pytest.mark.django_db
PAGE = Act(by="page")


@pytest.fixture
def rescue() -> Alert:
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=NOON, sent_at=NOON)
    return alerting.receive_click(make_phone(make_marie()), report, now=NOON).alert


def contact(alert: Alert, rank: int) -> Contact:
    """The first, second... of her contacts."""
    return Contact.objects.get(victim=alert.victim_id, rank=rank)


def test_the_first_contact_takes_charge_and_the_second_reads_the_name(rescue: Alert) -> None:
    nadia, thomas = contact(rescue, 1), contact(rescue, 2)
    responding.take_charge(rescue.pk, nadia, PAGE, now=NOON)

    with pytest.raises(TakenError) as taken:
        responding.take_charge(rescue.pk, thomas, PAGE, now=NOON)

    assert taken.value.name == "Nadia"
    rescue.refresh_from_db()
    assert rescue.in_charge == nadia


def test_a_contact_takes_over_by_saying_so(rescue: Alert) -> None:
    responding.take_charge(rescue.pk, contact(rescue, 1), PAGE, now=NOON)
    event = responding.take_charge(rescue.pk, contact(rescue, 2), PAGE, now=NOON, over=True)

    assert event.kind == EventKind.HAND_OVER
    rescue.refresh_from_db()
    assert rescue.in_charge == contact(rescue, 2)


def test_the_same_act_again_writes_one_line(rescue: Alert) -> None:
    act = Act(by="page", uid=uuid4())
    first = responding.take_charge(rescue.pk, contact(rescue, 1), act, now=NOON)
    again = responding.take_charge(rescue.pk, contact(rescue, 1), act, now=NOON + timedelta(seconds=9))

    assert first == again
    assert Event.objects.filter(alert=rescue, kind=EventKind.TAKE_CHARGE).count() == 1


def test_only_who_is_in_charge_can_release(rescue: Alert) -> None:
    responding.take_charge(rescue.pk, contact(rescue, 1), PAGE, now=NOON)

    assert responding.release(rescue.pk, contact(rescue, 2), PAGE, now=NOON) is None
    assert responding.release(rescue.pk, contact(rescue, 1), PAGE, now=NOON) is not None
    rescue.refresh_from_db()
    assert rescue.in_charge is None


def test_nobody_takes_charge_of_an_alert_that_is_over(rescue: Alert) -> None:
    alerting.close(rescue, AlertState.CLOSED, reason="safe", now=NOON)

    with pytest.raises(OverError):
        responding.take_charge(rescue.pk, contact(rescue, 1), PAGE, now=NOON)


def test_a_contact_who_was_cut_off_does_nothing_more(rescue: Alert) -> None:
    Link.objects.filter(alert=rescue, contact=contact(rescue, 1)).update(cut_off_at=NOON)

    with pytest.raises(OverError):
        responding.take_charge(rescue.pk, contact(rescue, 1), PAGE, now=NOON)


def test_opening_the_link_moves_its_own_message_and_is_a_line_once(rescue: Alert) -> None:
    sms = Delivery.objects.get(alert=rescue, contact=contact(rescue, 1), channel=Channel.SMS)
    Delivery.objects.filter(pk=sms.pk).update(state=DeliveryState.ACCEPTED)
    token = links.draw([sms], at=NOON)[sms.pk]
    found = links.read(token, now=NOON)
    assert found is not None

    responding.open_link(found.link, found.delivery, now=NOON)
    responding.open_link(found.link, found.delivery, now=NOON)

    sms.refresh_from_db()
    assert sms.state == DeliveryState.OPENED
    assert Event.objects.filter(alert=rescue, kind=EventKind.LINK_OPENED).count() == 1
    assert Look.objects.filter(alert=rescue, contact=contact(rescue, 1)).count() == 2


def test_a_pressed_key_is_an_answer_even_before_the_receipt(rescue: Alert) -> None:
    call = Delivery.objects.get(alert=rescue, contact=contact(rescue, 1), channel=Channel.VOICE)
    Delivery.objects.filter(pk=call.pk).update(state=DeliveryState.SENDING, leased_until=NOON)

    responding.answer(call, now=NOON)

    call.refresh_from_db()
    assert (call.state, call.leased_until) == (DeliveryState.ANSWERED, None)


def test_a_link_dies_with_its_alert_and_with_the_cut_off(rescue: Alert) -> None:
    first = Delivery.objects.get(alert=rescue, contact=contact(rescue, 1), channel=Channel.SMS)
    second = Delivery.objects.get(alert=rescue, contact=contact(rescue, 2), channel=Channel.SMS)
    nadia, thomas = links.draw([first, second], at=NOON).values()
    Link.objects.filter(alert=rescue, contact=contact(rescue, 1)).update(cut_off_at=NOON)

    assert links.read(nadia, now=NOON) is None
    assert links.read(thomas, now=NOON) is not None
    assert links.read(thomas, now=rescue.expires_at) is None
    alerting.close(rescue, AlertState.CLOSED, reason="safe", now=NOON)
    assert links.read(thomas, now=NOON) is None


def test_only_the_hash_of_a_token_is_kept(rescue: Alert) -> None:
    sms = Delivery.objects.get(alert=rescue, contact=contact(rescue, 1), channel=Channel.SMS)
    token = links.draw([sms], at=NOON)[sms.pk]

    assert len(token) == 22
    assert sms.tokens.get().token_hash == links.fingerprint(token)
    assert links.read("x" * 22, now=NOON) is None


def test_who_cannot_help_gives_back_what_she_or_he_had_taken_and_nobody_elses(rescue: Alert) -> None:
    nadia, thomas = contact(rescue, 1), contact(rescue, 2)
    responding.take_charge(rescue.pk, nadia, PAGE, now=NOON)

    responding.decline(rescue.pk, thomas, Act(by="voice"), now=NOON)
    rescue.refresh_from_db()
    assert rescue.in_charge == nadia

    act = Act(by="voice", uid=uuid4())
    first, again = (responding.decline(rescue.pk, nadia, act, now=NOON) for _ in range(2))
    assert Alert.objects.get(pk=rescue.pk).in_charge is None
    assert first == again
    kinds = list(rescue.events.order_by("sequence").values_list("kind", flat=True))
    assert kinds[1:] == [EventKind.TAKE_CHARGE, EventKind.DECLINED, EventKind.RELEASE, EventKind.DECLINED]


def test_nobody_declines_an_alert_that_is_over(rescue: Alert) -> None:
    alerting.close(rescue, AlertState.CLOSED, reason="safe", now=NOON)
    with pytest.raises(OverError):
        responding.decline(rescue.pk, contact(rescue, 1), PAGE, now=NOON)
