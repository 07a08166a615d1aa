"""Her phone clicks, sees what becomes of it, and ends it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from alerts.domain import alerting, responding, stopping
from alerts.models import Alert, Click, Contact, Delivery, Phone, Position, Victim
from alerts.states import AlertState, Channel, DeliveryState, Gesture, Occasion
from tests.people import AWA, DURESS_PIN, LUCIE, NADIA, PIN, THOMAS, YANN, make_marie, make_phone
from tests.phones import Companion, position

pytestmark = pytest.mark.django_db


@pytest.fixture
def companion(phone: Phone) -> Companion:
    return Companion()


def opened(companion: Companion, gesture: Gesture = Gesture.DOUBLE) -> str:
    """The id of the alert that a click opens."""
    alert: str = companion.click(gesture).json["alert"]["id"]
    return alert


def test_a_double_click_opens_a_rescue_and_tells_all_five(companion: Companion) -> None:
    reply = companion.click(Gesture.DOUBLE, where=position(at=companion.now()))

    alert = reply.json["alert"]
    assert reply.status == 201
    assert set(alert) == {"id", "kind", "state", "drill", "opened_at", "contacts", "in_charge", "nobody_reached"}
    assert (alert["kind"], alert["state"], alert["drill"], alert["in_charge"]) == ("rescue", "open", False, None)
    assert [told["name"] for told in alert["contacts"]] == [one.name for one in (NADIA, THOMAS, AWA, LUCIE, YANN)]
    assert alert["contacts"][0] == {
        "id": Contact.objects.get(rank=1).pk,
        "name": "Nadia",
        "deliveries": [
            {"channel": "sms", "state": "due"},
            {"channel": "voice", "state": "due"},
            {"channel": "email", "state": "due"},
        ],
        "opened": False,
        "in_charge": False,
        "declined": False,
        "stopped": False,
    }
    assert Position.objects.get().accuracy == 12.0


def test_the_same_click_again_is_answered_200_with_the_same_alert(companion: Companion) -> None:
    uid = uuid4()
    first = companion.click(uid=uid)

    again = companion.click(Gesture.LONG, uid=uid)

    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json
    assert (Click.objects.count(), Alert.objects.count()) == (1, 1)


def test_a_long_press_upgrades_the_alert_and_each_channel_shows_its_latest_message(companion: Companion) -> None:
    alert = opened(companion, Gesture.SINGLE)
    Delivery.objects.update(state=DeliveryState.ACCEPTED)

    upgraded = companion.click(Gesture.LONG).json["alert"]

    assert (upgraded["id"], upgraded["kind"]) == (alert, "alarm")
    assert [one["state"] for one in upgraded["contacts"][0]["deliveries"]] == ["due", "due", "due"]


def test_a_click_that_waited_longer_than_ten_minutes_is_asked_about(companion: Companion) -> None:
    late = companion.now() - timedelta(minutes=10, seconds=1)
    reply = companion.click(clicked_at=late)

    assert (reply.status, reply.error) == (409, "stale_click")
    assert not Alert.objects.exists()
    assert companion.click(clicked_at=companion.now() - timedelta(minutes=9)).status == 201


@pytest.mark.parametrize("hours", [-1, 1, -24 * 365, 24 * 365])
def test_a_phone_with_a_wrong_clock_clicks_and_is_located_as_any_other(companion: Companion, hours: int) -> None:
    companion.clock_error = timedelta(hours=hours)
    opened(companion)

    reply = companion.send([position(at=companion.now() - timedelta(seconds=1))])

    assert reply.json == {"stored": 1, "known": 0, "refused": 0}
    age = timezone.now() - Position.objects.get().fixed_at
    assert timedelta(0) < age < timedelta(seconds=20)


def test_a_click_without_sent_at_is_judged_by_the_clock_of_the_server(companion: Companion) -> None:
    click = {"id": str(uuid4()), "gesture": "single", "clicked_at": companion.now().isoformat()}

    assert companion.call("POST", "/clicks", click).status == 201


def test_a_fix_from_the_future_keeps_its_place_and_not_its_time(companion: Companion) -> None:
    companion.click(where=position(at=companion.now() + timedelta(days=400)))

    assert Position.objects.get().recorded_at <= timezone.now()


def test_her_phone_shows_who_opened_and_who_takes_charge_and_nothing_more(companion: Companion, marie: Victim) -> None:
    alert = Alert.objects.get(pk=opened(companion))
    nadia = Contact.objects.get(victim=marie, rank=1)
    link = alert.links.select_related("contact").get(contact=nadia)
    responding.open_link(link, None, now=timezone.now())
    responding.take_charge(alert.pk, nadia, responding.Act(by="page"), now=timezone.now())

    shown = companion.alert()

    assert shown["in_charge"] == "Nadia"
    assert [told["opened"] for told in shown["contacts"]] == [True, False, False, False, False]
    assert [told["in_charge"] for told in shown["contacts"]] == [True, False, False, False, False]
    assert set(shown["contacts"][0]) == {"id", "name", "deliveries", "opened", "in_charge", "declined", "stopped"}


def test_her_phone_shows_who_cannot_help_until_that_contact_takes_charge_after_all(
    companion: Companion, marie: Victim
) -> None:
    alert = Alert.objects.get(pk=opened(companion))
    nadia = Contact.objects.get(victim=marie, rank=1)
    declined = [told["declined"] for told in companion.alert()["contacts"]]
    responding.decline(alert.pk, nadia, responding.Act(by="voice"), now=timezone.now())
    after = [told["declined"] for told in companion.alert()["contacts"]]
    responding.take_charge(alert.pk, nadia, responding.Act(by="page"), now=timezone.now())

    assert (declined, after) == ([False] * 5, [True] + [False] * 4)
    assert not any(told["declined"] for told in companion.alert()["contacts"])


def test_her_phone_shows_whom_no_sms_reaches_any_more(companion: Companion, marie: Victim) -> None:
    opened(companion)
    stopping.stop(Contact.objects.get(victim=marie, rank=2), now=timezone.now())
    assert [told["stopped"] for told in companion.alert()["contacts"]] == [False, True, False, False, False]


@pytest.mark.parametrize("occasion", [Occasion.ROUND_3, Occasion.ROUND_4, Occasion.ON_CALL])
def test_her_phone_shows_every_call_of_the_ladder(companion: Companion, occasion: Occasion) -> None:
    alert = Alert.objects.get(pk=opened(companion))
    call = alert.deliveries.get(contact__rank=1, channel=Channel.VOICE)
    alert.deliveries.filter(pk=call.pk).update(state=DeliveryState.FAILED)
    call.pk, call.occasion, call.created_at = uuid4(), occasion, timezone.now()
    call.save(force_insert=True)
    assert companion.alert()["contacts"][0]["deliveries"][1] == {"channel": "voice", "state": "due"}


def test_a_drill_is_labelled(companion: Companion, phone: Phone) -> None:
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=now, sent_at=now)
    alerting.receive_click(phone, report, now=now, drill=True)

    assert companion.alert()["drill"] is True
    assert companion.alert()["contacts"][0]["deliveries"][0] == {"channel": "sms", "state": "due"}


def test_no_alert_is_null(companion: Companion) -> None:
    assert companion.call("GET", "/alert").json == {"alert": None}


def test_her_pin_ends_the_alert_and_tells_everybody(companion: Companion) -> None:
    alert = opened(companion)

    reply = companion.close(alert, PIN)

    assert (reply.status, reply.json) == (200, {"state": "closed"})
    assert companion.alert() is None
    assert Alert.objects.get().state == AlertState.CLOSED
    assert Delivery.objects.filter(occasion="end").count() == 5


def test_a_repeated_end_is_answered_the_same(companion: Companion) -> None:
    alert = opened(companion)
    first = companion.close(alert, PIN)

    assert companion.close(alert, PIN).body == first.body
    assert Delivery.objects.filter(occasion="end").count() == 5


def test_the_alert_of_somebody_else_cannot_be_ended(companion: Companion) -> None:
    other = make_phone(make_marie("autre"), token="another", osmand_id="another")
    alert = opened(Companion(token="another"))

    reply = companion.close(alert, PIN)
    unknown = companion.close(str(uuid4()), PIN)

    assert (reply.status, reply.error) == (409, "other_alert")
    assert unknown.body == reply.body
    assert Alert.objects.get(victim=other.victim).state == AlertState.OPEN


def test_five_wrong_pins_stop_the_sixth_even_if_it_is_right_and_stop_nothing_else(companion: Companion) -> None:
    alert = opened(companion)
    statuses = [companion.close(alert, "0000").status for _ in range(6)]
    stopped = companion.close(alert, PIN)

    assert statuses == [403] * 5 + [429]
    assert (stopped.status, stopped.error) == (429, "too_many_tries")
    assert 0 < int(stopped.headers["Retry-After"]) <= 600
    assert companion.click(Gesture.LONG).status == 201
    assert companion.alert()["id"] == alert


def test_ten_minutes_later_her_pin_is_looked_at_again(companion: Companion) -> None:
    alert = opened(companion)
    for _ in range(6):
        companion.close(alert, "0000")
    Phone.objects.update(wrong_pins_since=timezone.now() - timedelta(minutes=10))

    assert companion.close(alert, PIN).status == 200


def test_a_right_pin_forgives_the_wrong_ones(companion: Companion) -> None:
    alert = opened(companion)
    for _ in range(4):
        companion.close(alert, "0000")
    companion.close(alert, DURESS_PIN)

    assert [companion.close(alert, "0000").status for _ in range(5)] == [403] * 5


def test_an_alert_at_its_cap_is_over_on_her_phone_before_anybody_swept(companion: Companion) -> None:
    uid = uuid4()
    companion.click(uid=uid)
    Alert.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert companion.alert() is None
    assert companion.click(uid=uid).json["alert"]["state"] == "expired"
    assert companion.click().status == 201
    assert Alert.objects.filter(state=AlertState.OPEN).count() == 1
