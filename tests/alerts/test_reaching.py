"""Whether a relative can be reached: what became of the last message by each way."""

from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.translation import override

from alerts.domain import reaching
from alerts.models import Contact, Delivery
from alerts.states import Channel, DeliveryState, Occasion
from tests.desks import with_password
from tests.night import Night
from tests.people import NADIA, NOON, make_contact, make_marie

pytestmark = pytest.mark.django_db


@pytest.fixture
def nadia() -> Contact:
    return make_contact(make_marie(relatives=()), NADIA, rank=1)


def message(
    contact: Contact, channel: Channel, state: DeliveryState, *, occasion: Occasion = Occasion.DRILL, code: str = ""
) -> None:
    now = timezone.now()
    Delivery.objects.create(
        id=uuid4(),
        contact=contact,
        channel=channel,
        occasion=occasion,
        state=state,
        created_at=now,
        not_before=now,
        moved_at=now,
        error_code=code,
        attempts=1,
    )


def known(contact: Contact) -> dict[Channel, str]:
    with override("fr"):
        return {way.channel: way.words for way in reaching.ways([contact], now=timezone.now())[contact.pk]}


def test_before_the_first_message_nothing_is_known(nadia: Contact) -> None:
    assert set(known(nadia).values()) == {"pas encore essayé"}
    assert not reaching.is_unreachable(reaching.ways([nadia], now=NOON)[nadia.pk])


def test_each_way_says_what_became_of_its_last_message(nadia: Contact) -> None:
    message(nadia, Channel.SMS, DeliveryState.FAILED, code="30003")
    message(nadia, Channel.SMS, DeliveryState.DELIVERED)
    message(nadia, Channel.VOICE, DeliveryState.DELIVERED)
    message(nadia, Channel.EMAIL, DeliveryState.FAILED, code="smtp_550")

    assert known(nadia) == {
        Channel.SMS: "reçu",
        Channel.VOICE: "décroché",
        Channel.EMAIL: "échec, adresse inconnue",
    }


def test_an_invitation_counts_like_any_message(nadia: Contact) -> None:
    message(nadia, Channel.SMS, DeliveryState.OPENED, occasion=Occasion.INVITATION)

    assert known(nadia)[Channel.SMS] == "lu ou répondu"


def test_what_nobody_needed_any_more_says_nothing_of_the_number(nadia: Contact) -> None:
    message(nadia, Channel.VOICE, DeliveryState.FAILED, code="in_charge")
    message(nadia, Channel.VOICE, DeliveryState.FAILED, code="alert_over")

    assert known(nadia)[Channel.VOICE] == "pas encore essayé"


def test_who_nothing_reaches_is_named_in_her_list(nadia: Contact) -> None:
    for channel in Channel:
        message(nadia, channel, DeliveryState.FAILED, code="21211")

    page = with_password(nadia.victim.account).get("/profile/contacts/").content.decode()

    assert "Injoignable" in page


def test_who_stopped_texts_and_has_no_other_way_is_unreachable(nadia: Contact) -> None:
    Contact.objects.update(by_voice=False, by_email=False, sms_stopped_at=NOON)
    stopped = Contact.objects.get()

    assert reaching.is_unreachable(reaching.ways([stopped], now=NOON)[stopped.pk])


def test_after_a_drill_every_relative_who_got_it_reads_as_reached(night: Night) -> None:
    night.click(drill=True)
    night.receipt(NADIA, Channel.SMS, DeliveryState.DELIVERED)

    ways = reaching.ways(list(night.marie.contacts.all()), now=night.now)

    nadia = {way.channel: way for way in ways[night.contact(NADIA).pk]}
    assert nadia[Channel.SMS].has_worked
    assert not nadia[Channel.VOICE].has_worked
