"""What stopped working without a sound is said on her page, in words that mean nothing over her shoulder."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.domain import her_drills, sightings, silences
from alerts.models import Contact, Delivery, Phone, Victim
from alerts.states import DeliveryState, Gesture
from tests.desks import signed_in
from tests.people import NOON, PHONE_TOKEN, make_phone
from tests.phones import Companion

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def said(marie: Victim, *, now: datetime = NOON) -> list[str]:
    return [silence.words for silence in silences.found(marie, now=now)]


@pytest.fixture(autouse=True)
def _seen(phone: Phone) -> None:
    """Her telephone was seen at noon."""
    Phone.objects.update(seen_at=NOON, paired_at=NOON)


def test_nothing_is_said_while_all_is_well(marie: Victim) -> None:
    assert said(marie, now=NOON + 6 * DAY) == []


def test_a_telephone_that_was_not_seen_for_a_week_is_said(marie: Victim) -> None:
    assert said(marie, now=NOON + 7 * DAY) == ["Pixel : pas vu depuis 7 jours. Ouvrez sa page un instant."]


def test_an_old_telephone_in_a_drawer_is_no_failure(marie: Victim) -> None:
    new = make_phone(marie, token="new", osmand_id="new")
    Phone.objects.filter(pk=new.pk).update(seen_at=NOON + 20 * DAY)

    assert said(marie, now=NOON + 21 * DAY) == []


def test_a_telephone_that_never_spoke_counts_from_its_pairing(marie: Victim) -> None:
    Phone.objects.update(seen_at=None)

    assert len(said(marie, now=NOON + 8 * DAY)) == 1


def test_a_battery_that_was_nearly_empty_is_said(marie: Victim) -> None:
    Phone.objects.update(battery=9)

    assert said(marie) == ["Pixel : batterie à 9 % la dernière fois."]


# ---- What her telephone's own page reports ----


def stands(**how: Any) -> int:
    """Her telephone reports how it stands; the status of the answer."""
    return Companion().call("PUT", "/phone/standing", {"position": "granted", "battery": 63, **how}).status


@pytest.mark.parametrize("lost", ["denied", "absent", "prompt"])
def test_a_position_that_is_not_allowed_any_more_is_said_until_it_is(marie: Victim, lost: str) -> None:
    assert stands() == 204
    assert said(marie) == []

    stands(position=lost)
    assert said(marie) == ["Pixel : position plus autorisée. Ouvrez sa page un instant."]
    stands(position=lost)
    assert len(said(marie)) == 1

    stands()
    assert said(marie) == []


def test_a_position_that_was_never_asked_for_is_no_failure(marie: Victim) -> None:
    stands(position="prompt")

    assert said(marie) == []


def test_a_button_that_is_not_heard_for_a_week_is_said_by_a_dull_word(marie: Victim, phone: Phone) -> None:
    stands(button={"battery": 83})
    Phone.objects.update(button_seen_at=NOON)
    stands()
    stands(button={})

    phone.refresh_from_db()
    assert phone.button_seen_at is not None
    assert timezone.now() - phone.button_seen_at < timedelta(minutes=1)
    Phone.objects.update(button_seen_at=NOON - 8 * DAY, seen_at=NOON)
    assert said(marie) == ["Pixel : accessoire pas vu depuis 8 jours. Ouvrez sa page un instant."]


def test_a_button_that_she_uses_no_more_is_forgotten(marie: Victim) -> None:
    stands(button={"battery": 12})
    assert said(marie) == ["Pixel : pile de l'accessoire à 12 %."]
    Phone.objects.update(button_seen_at=NOON - 80 * DAY)

    stands(button=None)

    assert said(marie) == []


def test_her_telephone_says_how_full_it_is_and_nothing_it_does_not_know(marie: Victim, phone: Phone) -> None:
    stands(battery=8.4)
    stands(battery=None, button={"battery": None})

    phone.refresh_from_db()
    assert (phone.battery, phone.button_battery, phone.position_allowed) == (8, None, True)
    assert said(marie) == ["Pixel : batterie à 8 % la dernière fois."]


def test_the_same_told_again_within_the_hour_writes_nothing(
    marie: Victim, django_assert_num_queries: Any, phone: Phone
) -> None:
    level = sightings.Standing(
        position=sightings.Permission.GRANTED, battery=63, button=sightings.Joined.YES, button_battery=83
    )
    sightings.report(phone, level, now=NOON)
    phone.refresh_from_db()

    with django_assert_num_queries(0):
        sightings.report(phone, level, now=NOON + timedelta(minutes=59))
    with django_assert_num_queries(1):
        sightings.report(phone, level, now=NOON + timedelta(minutes=61))


@pytest.mark.parametrize(
    "wrong",
    [{"position": "yes"}, {"battery": 101}, {"battery": "63"}, {"button": 83}, {"button": {"battery": -1}}],
    ids=str,
)
def test_what_no_telephone_can_say_is_refused(phone: Phone, wrong: dict[str, Any]) -> None:
    assert stands(**wrong) == 422

    phone.refresh_from_db()
    assert phone.position_allowed is None


def test_a_silent_telephone_is_said_and_not_what_it_told_before(marie: Victim) -> None:
    stands()
    stands(position="denied", battery=3)
    Phone.objects.update(seen_at=NOON)

    assert said(marie, now=NOON + 7 * DAY) == ["Pixel : pas vu depuis 7 jours. Ouvrez sa page un instant."]


def test_a_relative_whom_nothing_reaches_is_said_until_something_does(marie: Victim) -> None:
    drill = her_drills.start(marie, gesture=Gesture.DOUBLE, now=NOON)
    nadia = Contact.objects.get(rank=1)
    Delivery.objects.filter(contact=nadia).update(state=DeliveryState.FAILED, error_code="30005")
    assert said(marie) == ["Nadia : rien ne lui parvient."]

    row = Delivery.objects.filter(alert=drill, contact=nadia)[0]
    Delivery.objects.filter(pk=row.pk).update(state=DeliveryState.DELIVERED, error_code="")
    assert said(marie) == []


def test_what_nobody_needed_is_no_failure(marie: Victim) -> None:
    her_drills.start(marie, gesture=Gesture.DOUBLE, now=NOON)
    Delivery.objects.update(state=DeliveryState.FAILED, error_code="in_charge")

    assert said(marie) == []


def test_a_relative_without_any_way_is_said(marie: Victim) -> None:
    Contact.objects.filter(rank=2).update(sms_stopped_at=NOON, by_voice=False, by_email=False)

    assert said(marie) == ["Thomas : rien ne lui parvient."]


def test_a_drill_of_long_ago_is_said_and_none_yet_is_not(marie: Victim) -> None:
    Phone.objects.update(seen_at=NOON + 91 * DAY)
    assert said(marie, now=NOON + 91 * DAY) == []

    her_drills.end(her_drills.start(marie, gesture=Gesture.DOUBLE, now=NOON), now=NOON)
    assert said(marie, now=NOON + 89 * DAY) == []
    assert said(marie, now=NOON + 91 * DAY) == ["Le dernier essai date : refaites-en un."]


def test_her_page_says_it_with_the_way_to_mend_it(marie: Victim) -> None:
    Phone.objects.update(seen_at=timezone.now() - 9 * DAY)

    page = signed_in(marie.account).get("/profile/").content.decode()

    assert "À vérifier" in page
    assert '<a href="/profile/phones/">Pixel : pas vu depuis 9 jours' in page


@pytest.mark.parametrize("path", ["/api/v1/settings", "/api/v1/alert"])
def test_a_page_opened_on_her_telephone_is_a_sign_of_life(path: str, phone: Phone) -> None:
    Phone.objects.update(seen_at=NOON - 9 * DAY)

    answer = Client().get(path, headers={"authorization": f"Bearer {PHONE_TOKEN}"})

    phone.refresh_from_db()
    assert answer.status_code == 200
    assert phone.seen_at is not None
    assert timezone.now() - phone.seen_at < timedelta(minutes=1)
