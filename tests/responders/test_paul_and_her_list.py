"""Paul forces her code, removes a contact, finds the link of an invitation.

Each scene writes down what he may see; a test fails when he sees more.
"""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import consenting
from alerts.models import Consent, Contact, Delivery, Event, Link, Phone, Victim
from alerts.states import ContactState, EventKind
from tests.desks import signed_in, with_password
from tests.people import DURESS_PIN, NADIA, PIN, make_marie, make_phone
from tests.responders.intruder import OTHERS, click, cut, enrolled, his_page, read, reception, told_on_her_phone
from tests.responders.scenes import link_of, open_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def marie() -> Victim:
    """Marie with three relatives; Paul may become a fourth."""
    return make_marie(relatives=OTHERS)


@pytest.fixture
def phone(marie: Victim) -> Phone:
    """Her telephone."""
    return make_phone(marie)


# ---- He holds her phone and forces her code ----


def test_paul_forces_her_code_to_see_what_he_receives_and_reads_that_he_is_told(marie: Victim) -> None:
    """She gives the other code. He may see: himself as told, and a button that changes nothing."""
    paul = enrolled(marie, ContactState.DECOY)

    page = reception(marie, paul, DURESS_PIN)

    assert "Vos alertes parviennent à Paul" in page
    assert "Vos alertes parviennent à Paul" not in reception(marie, paul, PIN)


def test_paul_forces_her_code_to_silence_nadia_and_only_believes_that_he_did(marie: Victim, phone: Phone) -> None:
    """He may see: that it is saved, and at a second look that Nadia receives nothing. She is told all the same."""
    nadia = marie.contacts.get(rank=1)
    desk = with_password(marie.account)
    address = reverse("alerts:contact_reception", args=[nadia.pk])
    shown = desk.post(address, {"code": DURESS_PIN}).context["shown"]

    said = desk.post(address, {"shown": shown}, follow=True)

    assert "enregistré" in said.content.decode()
    assert "ne reçoit aucune" in desk.post(address, {"code": DURESS_PIN}).content.decode()
    assert Contact.objects.get(pk=nadia.pk).state == ContactState.ACCEPTED
    assert nadia.pk in set(click(phone).links.values_list("contact", flat=True))


def test_marie_silences_paul_with_her_own_code(marie: Victim) -> None:
    """The same page in her hands does it, and the list looks as before."""
    paul = enrolled(marie)
    desk = with_password(marie.account)
    listed = read(desk.get(reverse("alerts:contacts")))
    address = reverse("alerts:contact_reception", args=[paul.pk])

    shown = desk.post(address, {"code": PIN}).context["shown"]
    desk.post(address, {"shown": shown}, follow=True)

    assert Contact.objects.get(pk=paul.pk).state == ContactState.DECOY
    assert read(desk.get(reverse("alerts:contacts"))) == listed


def test_paul_guesses_her_code_at_her_pages_and_is_stopped_while_the_button_works(marie: Victim, phone: Phone) -> None:
    """He may see: ten guesses, then that he must wait. Her phone takes the true code all the while."""
    nadia = marie.contacts.get(rank=1)
    desk = with_password(marie.account)
    address = reverse("alerts:contact_reception", args=[nadia.pk])
    answers = [desk.post(address, {"code": f"90{n:02d}"}).content.decode() for n in range(12)]

    assert "Trop d&#x27;essais" in answers[-1]
    assert "Trop d&#x27;essais" in desk.post(address, {"code": PIN}).content.decode()
    alert = click(phone)
    assert cut(alert, nadia, PIN).status_code == 200


def test_paul_forces_her_code_to_cut_nadia_off_and_nadia_stays(marie: Victim, phone: Phone) -> None:
    """She types the other code. He may see: the answer of a cut-off, and a list that looks the same in both cases."""
    alert = click(phone)
    nadia = link_of(alert, NADIA).contact
    place, hers = open_place(alert, NADIA)

    forced = cut(alert, nadia, DURESS_PIN)
    listed = [told["name"] for told in told_on_her_phone()]
    assert hers.get(place).status_code == 200
    assert not Event.objects.filter(alert=alert, kind=EventKind.CUT_OFF).exists()

    free = cut(alert, nadia, PIN)
    assert (forced.status_code, forced.content) == (free.status_code, free.content)
    assert [told["name"] for told in told_on_her_phone()] == listed
    assert hers.get(place).status_code == 404


def test_paul_without_her_code_cuts_nobody_off(marie: Victim, phone: Phone) -> None:
    """He may see: that it is not her code; after five tries that he must wait."""
    alert = click(phone)
    nadia = link_of(alert, NADIA).contact

    answers = [cut(alert, nadia, "0000").status_code for _ in range(6)]

    assert answers == [403] * 5 + [429]
    assert not Link.objects.filter(alert=alert, cut_off_at__isnull=False).exists()


# ---- He removes a contact ----


def test_paul_at_an_open_session_removes_and_silences_nobody(marie: Victim) -> None:
    """He may see: that the password is asked."""
    nadia = marie.contacts.get(rank=1)
    session = signed_in(marie.account)
    for name in ("contact_remove", "contact_invite", "contact_reception"):
        answer = session.post(reverse(f"alerts:{name}", args=[nadia.pk]), {"code": PIN})
        assert answer["Location"].startswith(reverse("account_reauthenticate"))

    assert Contact.objects.get(pk=nadia.pk).state == ContactState.ACCEPTED


def test_paul_with_her_password_removes_nadia_during_an_alert_and_nothing_happens(marie: Victim, phone: Phone) -> None:
    """He may see: that settings stand still for now, not that an alert is open."""
    click(phone)
    nadia = marie.contacts.get(rank=1)
    desk = with_password(marie.account)
    answers = [
        desk.post(reverse("alerts:contact_remove", args=[nadia.pk]), follow=True),
        desk.post(reverse("alerts:contact_invite", args=[nadia.pk]), follow=True),
    ]
    address = reverse("alerts:contact_reception", args=[nadia.pk])
    for code in (PIN, DURESS_PIN):
        shown = desk.post(address, {"code": code}).context["shown"]
        answers.append(desk.post(address, {"shown": shown}, follow=True))

    assert all("ne peuvent pas changer en ce moment" in answer.content.decode() for answer in answers)
    assert not any("alerte est" in answer.content.decode() for answer in answers)
    assert Contact.objects.get(pk=nadia.pk).state == ContactState.ACCEPTED


def test_paul_with_her_password_removes_nadia_and_nadia_is_told_nothing_that_he_could_notice(marie: Victim) -> None:
    """He may see: that she is gone from the list. Nadia's page stays, so she asks no question that betrays."""
    nadia = marie.contacts.get(rank=1)
    page, hers = his_page(nadia)
    before = hers.get(page).content

    with_password(marie.account).post(reverse("alerts:contact_remove", args=[nadia.pk]))

    assert hers.get(page).content == before
    assert not Delivery.objects.filter(contact=nadia).exists()


# ---- He finds the consent link ----


def test_paul_finds_nadias_invitation_and_its_first_page_names_nobody(marie: Victim) -> None:
    """He may see: that somebody asks somebody a question."""
    nadia = marie.contacts.get(rank=1)
    with transaction.atomic():
        token = consenting.draw(nadia, None, at=timezone.now())

    html = Client(headers={"accept-language": "fr"}).get(f"/c/{token}").content.decode()

    assert not any(word in html for word in ("Marie", "Nadia", "MonSh", "agresseur", "violence", "tel:17"))


def test_paul_finds_the_address_in_nadias_history_and_reads_nothing(marie: Victim) -> None:
    """He may see: the page of every link that is not valid."""
    page, _nadias = his_page(marie.contacts.get(rank=1))
    stranger = Client(headers={"accept-language": "fr"})

    assert stranger.get(page).content == stranger.get("/r/forged").content
    assert stranger.post(f"{page}answer", {"answer": "leave"}).status_code == 404


def test_paul_opens_nadias_invitation_and_says_no_for_her_and_marie_reads_it(marie: Victim) -> None:
    """He may see: that Marie asked Nadia. His answer stands in Marie's list; Nadia's own link takes it back."""
    nadia = marie.contacts.get(rank=1)
    page, his = his_page(nadia)
    his.post(f"{page}answer", {"answer": "leave"})
    assert "Ne veut plus recevoir" in with_password(marie.account).get(reverse("alerts:contacts")).content.decode()

    hers, nadias = his_page(nadia)
    nadias.post(f"{hers}answer", {"answer": "accept"})

    assert Contact.objects.get(pk=nadia.pk).state == ContactState.ACCEPTED
    assert Consent.objects.get(contact=nadia).visits.count() == 2


def test_paul_keeps_the_page_open_for_a_week_and_it_is_closed(marie: Victim) -> None:
    """He may see: the page for a day in the browser that opened it."""
    page, his = his_page(marie.contacts.get(rank=1))
    Consent.objects.get(contact__rank=1).visits.update(opened_at=timezone.now() - timedelta(days=7))

    assert his.get(page).status_code == 404
