"""Paul stands beside her and reads her phone: a close under duress must look like any other, then and afterwards."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import override_settings
from django.utils import timezone

from alerts.domain import alerting, responding
from alerts.models import Alert, Contact, Delivery, Position
from alerts.states import AlertState, DeliveryState, Gesture
from tests.people import DURESS_PIN, PIN, make_marie, make_phone
from tests.phones import Companion, OwnTracks, Reply, TraccarClient, position

pytestmark = pytest.mark.django_db

CLICK = UUID("7b0c6e1e-52b5-4a83-9a42-0d6f4f0a1c55")


def seen(reply: Reply) -> tuple[int, dict[str, str], bytes]:
    """Everything that a phone sees of an answer."""
    return reply.status, dict(reply.headers), reply.body


def story(pin: str) -> list[Any]:
    """Everything that her phone sees from the close on, ids and times of day apart."""
    name = f"marie{pin}"
    make_phone(make_marie(name), token=name, osmand_id=name)
    companion = Companion(token=name)
    owntracks, traccar = OwnTracks(token=name), TraccarClient(osmand_id=name)
    during = position(at=companion.now())
    alert = companion.click(uid=CLICK).json["alert"]["id"]
    companion.send([during])
    told = [
        companion.close(alert, pin),
        companion.close(alert, pin),
        companion.close(alert, "0000"),
        companion.call("GET", "/alert"),
        companion.send([position(at=companion.now() + timedelta(milliseconds=1))]),
        companion.send([during, position(at=companion.now() + timedelta(seconds=1))]),
        owntracks.report(at=companion.now() + timedelta(seconds=1)),
        traccar.report(at=companion.now() + timedelta(seconds=1)),
    ]
    _contacts_go_on(Alert.objects.get(pk=alert))
    old = companion.click(uid=CLICK).json["alert"]
    Alert.objects.filter(state=AlertState.CLOSED_UNDER_DURESS).update(expires_at=timezone.now() - timedelta(seconds=1))
    alerting.expire_overdue(now=timezone.now())
    after_the_cap = companion.click(uid=CLICK).json["alert"]
    told += [companion.close(alert, pin), companion.call("GET", "/alert"), companion.send([during])]
    new = companion.click(Gesture.SINGLE).json["alert"]
    assert new["id"] != alert
    forgotten = [{**one, "id": "", "opened_at": "", "contacts": _without_ids(one)} for one in (old, after_the_cap, new)]
    return [seen(reply) for reply in told] + forgotten


def _without_ids(alert: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**contact, "id": 0} for contact in alert["contacts"]]


def _contacts_go_on(alert: Alert) -> None:
    """After the close: receipts arrive, and under duress a contact takes charge and the ladder calls again."""
    now = timezone.now()
    Delivery.objects.filter(alert=alert, occasion="click").update(state=DeliveryState.DELIVERED)
    if alert.state == AlertState.CLOSED_UNDER_DURESS:
        nadia = Contact.objects.get(victim=alert.victim, rank=1)
        responding.take_charge(alert.pk, nadia, responding.Act(by="page"), now=now)


def test_nothing_that_her_phone_sees_tells_the_two_pins_apart() -> None:
    assert story(DURESS_PIN) == story(PIN)


@pytest.fixture
def companion() -> Companion:
    make_phone(make_marie())
    return Companion()


def test_positions_after_a_close_under_duress_reach_the_contacts_though_the_phone_is_told_otherwise(
    companion: Companion,
) -> None:
    alert = companion.click().json["alert"]["id"]
    companion.close(alert, DURESS_PIN)

    reply = companion.send([position(at=companion.now() + timedelta(milliseconds=1))])
    OwnTracks().report(at=companion.now() + timedelta(seconds=2))
    TraccarClient().report_as_json(at=companion.now() + timedelta(seconds=3))

    assert (reply.status, reply.error) == (409, "no_open_alert")
    assert Position.objects.filter(alert=alert).count() == 3


def test_after_an_ordinary_close_nothing_is_stored(companion: Companion) -> None:
    alert = companion.click().json["alert"]["id"]
    companion.close(alert, PIN)

    companion.send([position(at=companion.now() + timedelta(milliseconds=1))])
    OwnTracks().report(at=companion.now() + timedelta(seconds=2))

    assert not Position.objects.exists()


def test_a_click_after_a_close_under_duress_opens_a_new_alert_and_both_follow_her(companion: Companion) -> None:
    old = companion.click().json["alert"]["id"]
    companion.close(old, DURESS_PIN)
    new = companion.click(uid=uuid4()).json["alert"]["id"]

    reply = companion.send([position(at=companion.now())])

    assert reply.json == {"stored": 1, "known": 0, "refused": 0}
    assert {str(pk) for pk in Position.objects.values_list("alert", flat=True)} == {old, new}


def test_a_close_under_duress_tells_no_contact_that_it_is_over(companion: Companion) -> None:
    alert = companion.click().json["alert"]["id"]
    companion.close(alert, DURESS_PIN, "false_alarm")

    assert Alert.objects.get().state == AlertState.CLOSED_UNDER_DURESS
    assert not Delivery.objects.filter(occasion__in=["end", "correction"]).exists()


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password was compared."""

    compared = 0

    def verify(self, password: str, encoded: str) -> bool:
        """One comparison."""
        type(self).compared += 1
        return super().verify(password, encoded)


def test_both_pins_are_compared_whatever_the_first_says(companion: Companion) -> None:
    counted = []
    for pin in (PIN, DURESS_PIN, "0000"):
        alert = companion.click().json["alert"]["id"]
        before = CountingHasher.compared
        with override_settings(PASSWORD_HASHERS=[f"{__name__}.CountingHasher"]):
            companion.close(alert, pin)
        counted.append(CountingHasher.compared - before)

    assert counted == [2, 2, 2]
