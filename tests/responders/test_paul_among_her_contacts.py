"""Paul is one of her contacts, or the decoy.

Each scene writes down what he may see; a test fails when he sees more.
"""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from alerts.domain import consenting, contacts, inviting
from alerts.models import Contact, Delivery, Link, Phone, Victim
from alerts.states import ContactState, Gesture
from tests.desks import with_password
from tests.people import NADIA, PAUL, PIN, make_marie, make_phone
from tests.responders.intruder import OTHERS, click, cut, enrolled, his_page, holds_nothing_of_the_others, read
from tests.responders.scenes import open_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def marie() -> Victim:
    """Marie with three relatives; Paul may become a fourth."""
    return make_marie(relatives=OTHERS)


@pytest.fixture
def phone(marie: Victim) -> Phone:
    """Her telephone."""
    return make_phone(marie)


# ---- He is a contact ----


def test_paul_as_a_contact_reads_first_names_in_an_alert_and_no_number_or_address(marie: Victim, phone: Phone) -> None:
    """He may see: who else is told, and what they do."""
    enrolled(marie)
    place, his = open_place(click(phone), PAUL)

    html = his.get(place).content.decode()

    assert "Nadia" in html
    assert holds_nothing_of_the_others(html)


def test_paul_as_a_contact_reads_on_his_own_page_nobody_but_himself_and_her_name(marie: Victim) -> None:
    """He may see: that Marie trusts him, the numbers that call, his own code word."""
    page, his = his_page(enrolled(marie))

    for address in (page, f"{page}?leave", f"{page}contact.vcf"):
        html = his.get(address).content.decode()
        assert holds_nothing_of_the_others(html)
        assert not any(person.name in html for person in OTHERS)


def test_paul_as_a_contact_has_a_code_word_that_is_nobody_elses_business(marie: Victim) -> None:
    """He may see: his own word, drawn for him alone; knowing it forges nothing for the others."""
    words = {consenting.of(contact).contact.code_word for contact in marie.contacts.all()}
    paul = enrolled(marie)
    page, his = his_page(paul)
    html = his.get(page).content.decode()

    assert all(words)
    assert not [word for word in words - {paul.code_word} if word in html]


def test_paul_as_a_contact_is_cut_off_and_the_others_read_it(marie: Victim, phone: Phone) -> None:
    """He may see: a page that is not valid, the same as for any forged link."""
    paul = enrolled(marie)
    alert = click(phone)
    place, his = open_place(alert, PAUL)

    answer = cut(alert, paul, PIN)

    assert answer.status_code == 200
    assert his.get(place).content == his.get("/r/forged").content
    hers, nadia = open_place(alert, NADIA)
    assert "Paul n&#x27;a plus accès à cette alerte" in nadia.get(hers).content.decode()
    assert nadia.get(f"{hers}snapshot").json()["in_charge"] is None
    click(phone, Gesture.LONG)
    told_later = set(Delivery.objects.filter(alert=alert, occasion="upgrade").values_list("contact", flat=True))
    assert paul.pk not in told_later
    assert len(told_later) == len(OTHERS)


def test_paul_in_charge_is_cut_off_and_nobody_waits_for_him(marie: Victim, phone: Phone) -> None:
    """He may see: the dead page; his taking charge stops nothing any more."""
    paul = enrolled(marie)
    alert = click(phone)
    place, his = open_place(alert, PAUL)
    his.post(f"{place}act", {"action": "take_charge", "id": str(uuid4())})

    cut(alert, paul, PIN)

    alert.refresh_from_db()
    assert alert.in_charge is None
    assert his.post(f"{place}act", {"action": "take_charge", "id": str(uuid4())}).status_code == 404


def test_paul_is_removed_and_his_page_his_link_and_his_telephone_say_nothing_of_it(marie: Victim, phone: Phone) -> None:
    """He may see: his page as it was the day before. The next alert reaches everybody but him."""
    paul = enrolled(marie)
    page, his = his_page(paul)
    before = his.get(page).content

    with_password(marie.account).post(reverse("alerts:contact_remove", args=[paul.pk]))

    assert his.get(page).content == before
    assert not Delivery.objects.filter(contact=paul).exists()
    alert = click(phone)
    assert {link.contact.name for link in Link.objects.filter(alert=alert)} == {person.name for person in OTHERS}


def test_paul_as_a_contact_withdraws_and_comes_back_only_while_she_keeps_him(marie: Victim) -> None:
    """He may see: his own answers. Once removed, his yes brings him back nowhere."""
    paul = enrolled(marie)
    page, his = his_page(paul)
    his.post(f"{page}answer", {"answer": "leave"})
    contacts.remove(Contact.objects.get(pk=paul.pk), now=timezone.now())

    said = his.post(f"{page}answer", {"answer": "accept"}, follow=True)

    assert "vous avez dit oui" in said.content.decode()
    assert Contact.objects.get(pk=paul.pk).state == ContactState.REMOVED


# ---- He is the decoy ----


def test_paul_as_the_decoy_is_told_of_no_click_ever_again(marie: Victim, phone: Phone) -> None:
    """He may see: nothing, by no way, of no gesture."""
    paul = enrolled(marie, ContactState.DECOY)
    inviting.invite(paul, now=timezone.now())
    for gesture in Gesture:
        click(phone, gesture)

    assert not Delivery.objects.filter(contact=paul).exists()
    assert not Link.objects.filter(contact=paul).exists()


def test_paul_as_the_decoy_reads_his_page_as_if_he_were_enrolled(marie: Victim) -> None:
    """He may see: byte for byte what a relative who said yes reads."""
    paul = enrolled(marie)
    page, his = his_page(paul)
    before = his.get(page).content

    contacts.make_decoy(paul, now=timezone.now())

    assert his.get(page).content == before
    his.post(f"{page}answer", {"answer": "leave"})
    assert "vous avez dit non" in his.get(page).content.decode()
    his.post(f"{page}answer", {"answer": "accept"})
    assert his.get(page).content == before
    assert Contact.objects.get(pk=paul.pk).state == ContactState.DECOY


def test_paul_with_her_password_cannot_tell_the_decoy_from_the_enrolled(marie: Victim) -> None:
    """He holds her phone and knows the password. He may see: himself among those who said yes."""
    paul = enrolled(marie)
    desk = with_password(marie.account)
    addresses = [
        reverse("alerts:contacts"),
        reverse("alerts:profile"),
        reverse("alerts:contact", args=[paul.pk]),
        reverse("alerts:contact_reception", args=[paul.pk]),
    ]
    before = [read(desk.get(address)) for address in addresses]

    contacts.make_decoy(paul, now=timezone.now())

    assert [read(desk.get(address)) for address in addresses] == before
    assert "eurre" not in str(before)


def test_paul_with_her_password_sends_the_decoy_an_invitation_and_reads_that_it_leaves(marie: Victim) -> None:
    """He may see: the same sentence as for anybody. Nothing leaves."""
    sentences = []
    for state in (ContactState.ACCEPTED, ContactState.DECOY):
        marie.contacts.filter(rank=4).delete()
        paul = enrolled(marie, state)
        answer = with_password(marie.account).post(reverse("alerts:contact_invite", args=[paul.pk]), follow=True)
        sentences.append("L&#x27;invitation part par SMS." in answer.content.decode())

    assert sentences == [True, True]
    assert not Delivery.objects.filter(contact__state=ContactState.DECOY).exists()


def test_paul_as_the_decoy_does_not_exist_for_the_others_in_an_alert(marie: Victim, phone: Phone) -> None:
    """The others may see: no Paul. So none of them tells him in good faith what happens."""
    enrolled(marie, ContactState.DECOY)
    place, nadia = open_place(click(phone), NADIA)

    assert "Paul" not in nadia.get(place).content.decode()
    assert "Paul" not in str(nadia.get(f"{place}snapshot").json())
