"""STOP: no more SMS to a number, said to her and to the others, while calls and mails go on."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import alerting, claiming, contacts, inbound, timeline
from alerts.models import Alert, Contact, Event, Phone, Victim
from alerts.models.fields import digest
from alerts.states import Channel, ContactState, DeliveryState, EventKind, Gesture
from tests.desks import with_password
from tests.people import NADIA, PAUL, THOMAS, Person, make_contact, make_marie, make_phone

pytestmark = pytest.mark.django_db


def click(phone: Phone, gesture: Gesture = Gesture.DOUBLE) -> Alert:
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=gesture, clicked_at=now, sent_at=now)
    return alerting.receive_click(phone, report, now=now).alert


def texts(body: str, person: Person = NADIA, opted: str = "") -> inbound.Reply | None:
    text = inbound.Text(number=person.phone_number, body=body, sid=f"SM{uuid4().hex}", opted=opted)
    return inbound.receive(text, now=timezone.now())


def stopped(person: Person = NADIA) -> list[bool]:
    """Of every row with this number whether it has stopped."""
    rows = Contact.objects.filter(phone_digest=digest("number", person.phone_number)).order_by("pk")
    return [row.sms_stopped_at is not None for row in rows]


def ways(alert: Alert, person: Person = NADIA) -> set[str]:
    """The channels by which a contact is told."""
    number = digest("number", person.phone_number)
    return set(alert.deliveries.filter(contact__phone_digest=number).values_list("channel", flat=True))


@pytest.mark.parametrize(("body", "opted"), [("STOP", ""), ("arrêt", ""), ("STOP 36180", ""), ("plus rien", "STOP")])
def test_after_stop_calls_and_mails_take_over(phone: Phone, body: str, opted: str) -> None:
    assert texts(body, opted=opted) is None, "the network confirms it by itself"

    alert = click(phone)
    assert ways(alert) == {Channel.VOICE, Channel.EMAIL}
    assert ways(alert, THOMAS) == {Channel.SMS, Channel.VOICE, Channel.EMAIL}


def test_a_single_click_reaches_who_stopped_by_mail(phone: Phone) -> None:
    texts("STOP")
    assert ways(click(phone, Gesture.SINGLE)) == {Channel.EMAIL}


def test_stop_is_for_every_row_with_this_number(marie: Victim) -> None:
    make_marie("lucie", relatives=(NADIA,))
    make_contact(make_marie("ines", relatives=()), NADIA, rank=1, state=ContactState.WITHDRAWN)
    texts("STOP")
    assert stopped() == [True, True, True]
    assert stopped(THOMAS) == [False]


@pytest.mark.parametrize(("body", "opted"), [("START", ""), ("reprendre", ""), ("vas-y", "START")])
def test_start_takes_it_back(phone: Phone, body: str, opted: str) -> None:
    texts("STOP")
    assert texts(body, opted=opted) is None
    assert stopped() == [False]
    assert Channel.SMS in ways(click(phone))


def test_yes_is_start_for_the_network_and_an_answer_for_us(phone: Phone) -> None:
    alert = click(phone)
    texts("STOP")
    reply = texts("YES", opted="START")

    alert.refresh_from_db()
    assert alert.in_charge is not None
    assert reply is not None
    assert stopped() == [False]


def test_who_stopped_may_still_take_charge_and_gets_no_sms_for_it(phone: Phone) -> None:
    alert = click(phone)
    texts("STOP")
    assert texts("ok") is None
    alert.refresh_from_db()
    assert alert.in_charge is not None


def test_a_text_that_has_not_left_does_not_leave_any_more(phone: Phone) -> None:
    alert = click(phone)
    texts("STOP")

    claimed = claiming.claim(alert.pk, worker="w", now=timezone.now())

    nadia = digest("number", NADIA.phone_number)
    sms = alert.deliveries.get(contact__phone_digest=nadia, channel=Channel.SMS)
    assert (sms.state, sms.error_code) == (DeliveryState.FAILED, "stopped")
    assert {one.delivery.channel for one in claimed if one.delivery.contact_id == sms.contact_id} == {
        Channel.VOICE,
        Channel.EMAIL,
    }


def test_stop_is_one_line_of_every_live_alert_in_which_that_contact_is_told(phone: Phone) -> None:
    alert = click(phone)
    others = click(make_phone(make_marie("lucie", relatives=(NADIA, THOMAS)), "lucies token", "lucies osmand"))
    foreign = click(make_phone(make_marie("ines", relatives=(PAUL,)), "ines token", "ines osmand"))

    texts("STOP")
    texts("STOP")

    lines = Event.objects.filter(kind=EventKind.STOPPED).select_related("contact", "alert__victim")
    assert {line.alert_id for line in lines} == {alert.pk, others.pk}
    assert len(lines) == 2
    assert {timeline.words(line) for line in lines} == {"Nadia a répondu STOP : plus de SMS à ce numéro"}
    assert foreign.events.count() == 1


def test_stop_of_a_stranger_changes_nothing(phone: Phone) -> None:
    assert texts("STOP", PAUL) is None
    assert not Contact.objects.filter(sms_stopped_at__isnull=False).exists()


# ---- What she reads ----

STOPPED = "Ne reçoit plus de SMS : a répondu STOP"


def test_she_reads_in_her_list_who_stopped(marie: Victim) -> None:
    texts("STOP")
    page = with_password(marie.account).get(reverse("alerts:contacts")).content.decode()

    assert page.count(STOPPED) == 1
    assert page.index("Nadia") < page.index(STOPPED) < page.index("Thomas")


def test_she_reads_nothing_of_it_where_nobody_stopped(marie: Victim) -> None:
    desk = with_password(marie.account)
    assert STOPPED not in desk.get(reverse("alerts:contacts")).content.decode()
    for contact in contacts.relatives(marie):
        assert "STOP" not in desk.get(reverse("alerts:contact", args=[contact.pk])).content.decode()


@pytest.mark.parametrize(("number", "where"), [("+33644600000", " au 06 44 60 00 00"), ("", "")])
def test_she_reads_on_the_card_what_it_means_and_what_can_be_done(
    marie: Victim, settings: Settings, number: str, where: str
) -> None:
    settings.SHERIF = replace(settings.SHERIF, inbound_number=number)
    texts("STOP")
    nadia = contacts.relatives(marie)[0]
    page = with_password(marie.account).get(reverse("alerts:contact", args=[nadia.pk])).content.decode()

    assert "Cette personne a répondu STOP : plus aucun SMS ne lui parvient." in page
    assert "Les autres moyens ci-dessous continuent." in page
    assert f"Pour recevoir de nouveau des SMS, elle envoie START{where}." in page


def card(contact: Contact, **changes: str) -> contacts.Card:
    return contacts.Card(
        name=contact.name,
        phone_number=changes.get("phone_number", contact.phone_number),
        email=contact.email,
        language=contact.language,
        by_sms=True,
        by_voice=True,
        by_email=True,
        on_single=True,
    )


def test_another_number_has_not_stopped(marie: Victim) -> None:
    texts("STOP")
    invited = marie.contacts.get(rank=1)
    Contact.objects.filter(pk=invited.pk).update(state=ContactState.INVITED)
    invited.refresh_from_db()

    contacts.change(invited, card(invited, phone_number="+33639980020"), now=timezone.now())
    assert Contact.objects.get(pk=invited.pk).sms_stopped_at is None
    contacts.change(invited, card(invited, phone_number=NADIA.phone_number), now=timezone.now())


def test_she_does_not_undo_a_stop_by_adding_the_same_person_again(marie: Victim) -> None:
    texts("STOP")
    nadia = marie.contacts.get(rank=1)
    contacts.remove(nadia, now=timezone.now())

    again = contacts.add(marie, card(nadia), now=timezone.now())
    assert again.sms_stopped_at is not None


def test_paul_does_not_learn_from_a_list_of_his_own_that_nadia_stopped(marie: Victim) -> None:
    texts("STOP")
    nadia = marie.contacts.get(rank=1)
    assert contacts.add(make_marie("paul", relatives=()), card(nadia), now=timezone.now()).sms_stopped_at is None
