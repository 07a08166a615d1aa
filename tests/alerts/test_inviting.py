"""Invitations leave through the ways out like any message, apart from alerts; nobody is pestered."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts.domain import consenting, contacts, deliveries, inviting, posting
from alerts.links import fingerprint
from alerts.models import Consent, ConsentToken, Contact, Delivery, Victim
from alerts.providers.base import Message, Standing
from alerts.states import Channel, ConsentAnswer, ContactState, DeliveryState, Occasion
from tests.people import NADIA, NOON, PAUL, make_contact, make_marie
from tests.telephones import Telephones, fall_silent, refuse, refuse_with

pytestmark = pytest.mark.django_db


class Office:
    """Marie, Nadia whom she invites, a network, and a clock that the test moves."""

    def __init__(self) -> None:
        self.marie: Victim = make_marie(relatives=())
        self.nadia: Contact = make_contact(self.marie, NADIA, rank=1, state=ContactState.INVITED)
        self.texts, self.mails = Telephones(), Telephones()
        self.now: datetime = NOON

    def invite(self, contact: Contact | None = None) -> None:
        inviting.invite(contact or self.nadia, now=self.now)

    def post(self, *, after: float = 0) -> "Office":
        self.now += timedelta(seconds=after)
        ways: Any = {Channel.SMS: self.texts, Channel.VOICE: self.texts, Channel.EMAIL: self.mails}
        posting.post(ways, worker="w", clock=lambda: self.now)
        return self

    def row(self, channel: Channel = Channel.SMS) -> Delivery:
        return Delivery.objects.get(contact=self.nadia, channel=channel)


@pytest.fixture
def office() -> Office:
    return Office()


def test_an_invitation_leaves_as_one_text_with_a_link_of_its_own(office: Office) -> None:
    office.invite()
    office.post()

    [text] = office.texts.to(NADIA.phone_number)
    token = text.text.split("/c/")[1].split()[0]
    assert text.text.startswith("Marie vous demande")
    assert len(token) == 22
    assert ConsentToken.objects.get().token_hash == fingerprint(token)
    assert consenting.read(token) is not None
    row = office.row()
    assert (row.state, row.occasion, row.alert_id) == (DeliveryState.ACCEPTED, Occasion.INVITATION, None)
    assert office.post(after=2).texts.taken == [text], "once is enough"


def test_who_has_no_mobile_is_asked_by_mail_and_who_has_neither_by_mouth(office: Office) -> None:
    Contact.objects.filter(pk=office.nadia.pk).update(by_sms=False)
    office.invite()
    office.post()
    assert [mail.to for mail in office.mails.taken] == [NADIA.email]

    Contact.objects.filter(pk=office.nadia.pk).update(by_email=False)
    with pytest.raises(inviting.NoWayError):
        office.invite()


@pytest.mark.parametrize("refusal", ["at once", "by a receipt"])
def test_a_text_that_never_arrives_is_followed_by_a_mail(office: Office, refusal: str) -> None:
    if refusal == "at once":
        office.texts.moods.append(refuse_with("21211", permanent=True))
    office.invite()
    office.post()
    if refusal == "by a receipt":
        deliveries.receive_receipt(office.row().pk, Standing(state=DeliveryState.FAILED, code="30005"), now=office.now)

    office.post(after=1).post(after=1).post(after=1)

    assert office.row().state == DeliveryState.FAILED
    assert [mail.to for mail in office.mails.taken] == [NADIA.email]


def test_a_network_that_refuses_for_now_is_tried_again(office: Office) -> None:
    office.texts.moods.append(refuse(permanent=False))
    office.invite()
    office.post()
    assert office.row().state == DeliveryState.DUE

    office.post(after=120)

    assert len(office.texts.taken) == 1


@pytest.mark.parametrize("taken", [True, False])
def test_in_doubt_the_network_is_asked_and_nobody_is_asked_twice(office: Office, *, taken: bool) -> None:
    office.texts.moods.append(office.texts.take_and_fall_silent if taken else fall_silent)
    office.invite()
    office.post()
    assert office.row().state == DeliveryState.UNKNOWN

    office.post(after=6).post(after=1)

    assert len(office.texts.taken) == 1
    assert office.row().state == DeliveryState.ACCEPTED


def test_a_worker_that_dies_with_an_invitation_in_its_hands_loses_nothing(office: Office) -> None:
    office.invite()
    held = {"state": DeliveryState.SENDING, "leased_until": NOON + posting.LEASE, "leased_by": "dead"}
    Delivery.objects.update(**held)

    office.post(after=1)
    assert office.texts.taken == [], "its lease still runs"
    office.post(after=60).post(after=6).post(after=1)

    assert len(office.texts.taken) == 1


def test_a_receipt_says_that_the_number_is_good(office: Office) -> None:
    office.invite()
    office.post()

    assert deliveries.receive_receipt(office.row().pk, Standing(state=DeliveryState.DELIVERED), now=office.now)
    assert not deliveries.receive_receipt(office.row().pk, Standing(state=DeliveryState.ACCEPTED), now=office.now)
    assert office.row().state == DeliveryState.DELIVERED


def test_a_number_that_answered_stop_gets_no_more_invitations(office: Office) -> None:
    office.invite()
    office.post()
    deliveries.receive_receipt(office.row().pk, Standing(state=DeliveryState.FAILED, code="21610"), now=office.now)

    office.nadia.refresh_from_db()
    assert office.nadia.sms_stopped_at == office.now
    assert inviting.way(office.nadia) is Channel.EMAIL


@pytest.mark.parametrize("left", [ContactState.DECOY, ContactState.REMOVED, ContactState.DECLINED])
def test_what_waits_does_not_leave_once_it_must_not(office: Office, left: ContactState) -> None:
    office.invite()
    Contact.objects.update(state=left)

    office.post()

    assert office.texts.taken == []
    assert office.row().state == DeliveryState.FAILED


def test_nobody_is_pestered(office: Office) -> None:
    for _ in range(inviting.MOST_TO_ONE):
        office.invite()
    with pytest.raises(inviting.TooOftenError):
        office.invite()

    office.now += timedelta(days=1, seconds=1)
    office.invite()


def test_no_number_is_flooded_by_many_accounts(office: Office) -> None:
    for number in range(inviting.MOST_TO_A_NUMBER):
        victim = make_marie(f"marie-{number}", relatives=())
        office.invite(make_contact(victim, NADIA, rank=1, state=ContactState.INVITED))

    with pytest.raises(inviting.TooOftenError):
        office.invite()


def test_no_account_floods_everybody(office: Office) -> None:
    for digit in range(inviting.MOST_OF_ONE):
        contacts.add(office.marie, card(f"+336399801{digit:02d}"), now=office.now)
        newest = office.marie.contacts.latest("pk")
        office.invite(newest)
        contacts.remove(newest, now=office.now)

    with pytest.raises(inviting.TooOftenError):
        office.invite()


def card(number: str) -> contacts.Card:
    return contacts.Card(
        name="Inès",
        phone_number=number,
        email="",
        language="fr",
        by_sms=True,
        by_voice=True,
        by_email=False,
        on_single=True,
    )


def test_who_said_no_is_asked_anew_and_who_said_yes_stays(office: Office) -> None:
    consent = consenting.of(office.nadia)
    consenting.leave(consent, now=office.now)
    office.invite()
    consent.refresh_from_db()
    office.nadia.refresh_from_db()
    assert (office.nadia.state, consent.answer) == (ContactState.INVITED, ConsentAnswer.AWAITED)

    consenting.accept(Consent.objects.get(), now=office.now)
    office.invite()
    office.nadia.refresh_from_db()
    assert office.nadia.state == ContactState.ACCEPTED


def test_a_decoy_is_never_told_anything_again_not_even_by_an_invitation(office: Office) -> None:
    paul = make_contact(office.marie, PAUL, rank=2, state=ContactState.DECOY)

    office.invite(paul)
    office.post()

    assert Delivery.objects.filter(contact=paul).count() == 0


def test_one_that_we_cannot_send_holds_back_no_other(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    paul = make_contact(office.marie, PAUL, rank=2, state=ContactState.INVITED)
    office.invite(paul)
    office.now += timedelta(seconds=1)
    office.invite()

    def lost(_: Message) -> None:
        raise RuntimeError("a fault of ours")

    office.texts.moods.append(lost)
    office.post()

    assert [message.to for message in office.texts.taken] == [NADIA.phone_number]
    assert "could not be posted" in caplog.text
    assert not any(part in caplog.text for part in ("Nadia", "39980001"))
