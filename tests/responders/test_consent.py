"""A relative's own page: what is asked, yes or no, the card, and a way out at any time."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from alerts.domain import alerting, consenting, contacts, responding
from alerts.models import Consent, Contact, Event, Victim
from alerts.states import AlertState, ConsentAnswer, ContactState, EventKind
from responders.models import ConsentVisit
from tests.people import NADIA, NOON, THOMAS, YANN, Person, make_contact, make_marie
from tests.responders.scenes import link_of, open_place, rescue

pytestmark = pytest.mark.django_db


def browser() -> Client:
    return Client(headers={"accept-language": "fr"})


def invited(person: Person = NADIA, *, victim: Victim | None = None) -> Contact:
    """One relative who has been asked and has not answered."""
    marie = victim or make_marie(relatives=())
    return make_contact(marie, person, rank=1, state=ContactState.INVITED)


def link(contact: Contact) -> str:
    with transaction.atomic():
        return f"/c/{consenting.draw(contact, None, at=timezone.now())}"


def opened(contact: Contact, *, by: Client | None = None) -> tuple[str, Client]:
    """The page, and the browser that opened it."""
    hand = by or browser()
    return hand.post(link(contact)).headers["Location"], hand


def state(contact: Contact) -> str:
    return Contact.objects.get(pk=contact.pk).state


def test_looking_at_the_link_changes_nothing_and_names_nobody() -> None:
    nadia = invited()
    address = link(nadia)

    shown = [browser().get(address), browser().head(address)]

    assert [page.status_code for page in shown] == [200, 200]
    assert not ConsentVisit.objects.exists()
    assert Consent.objects.get().opened_at is None
    html = shown[0].content.decode()
    assert not any(word in html for word in ("Marie", "Nadia", "danger", "tel:17", address))
    assert shown[0].headers["Referrer-Policy"] == "no-referrer"


def test_a_gesture_opens_a_place_without_the_token() -> None:
    nadia = invited()
    address = link(nadia)
    hand = browser()

    answer = hand.post(address)

    consent = Consent.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/consent/{consent.place}/")
    assert consent.opened_at is not None
    assert len(hand.cookies[settings.VISIT_COOKIE_NAME].value) == 43
    assert state(nadia) == ContactState.INVITED, "reading is not agreeing"


def test_the_page_says_what_it_means_what_not_to_do_and_how_to_hear_it() -> None:
    nadia = invited()
    page, hand = opened(nadia)

    html = hand.get(page).content.decode()

    assert "Marie vous demande" in html
    assert "Ce service ne prévient pas la police" in html
    assert "Ne vous interposez pas" in html
    assert "n'appelez pas son téléphone" in html.replace("&#x27;", "'")
    assert Contact.objects.get().code_word in html
    assert "contact.vcf" in html
    assert all(word in html for word in ("iPhone", "Android", "Ne pas déranger", "contournement"))
    assert not any(part in html for part in ("0639980001", NADIA.email, "06 39 98 00 01"))


def test_yes_is_kept_and_said_on_the_page() -> None:
    nadia = invited()
    page, hand = opened(nadia)

    said = hand.post(f"{page}answer", {"answer": "accept"}, follow=True)

    assert state(nadia) == ContactState.ACCEPTED
    assert "vous avez dit oui" in said.content.decode()


def test_no_is_kept_and_can_become_a_yes() -> None:
    nadia = invited()
    page, hand = opened(nadia)

    refused = hand.post(f"{page}answer", {"answer": "leave"}, follow=True)
    assert state(nadia) == ContactState.DECLINED
    assert "vous avez dit non" in refused.content.decode()

    hand.post(f"{page}answer", {"answer": "accept"})
    assert state(nadia) == ContactState.ACCEPTED


def test_months_later_the_same_link_lets_her_withdraw_after_a_second_question() -> None:
    nadia = invited()
    address = link(nadia)
    consenting.accept(consenting.of(nadia), now=NOON)
    later = browser()
    page = later.post(address).headers["Location"]

    asked = later.get(f"{page}?leave").content.decode()
    assert "Rester" in asked
    assert state(nadia) == ContactState.ACCEPTED

    later.post(f"{page}answer", {"answer": "leave"})
    assert (state(nadia), Consent.objects.get().answer) == (ContactState.WITHDRAWN, ConsentAnswer.WITHDRAWN)


def test_an_answer_that_is_none_changes_nothing() -> None:
    nadia = invited()
    page, hand = opened(nadia)

    for said in ("", "perhaps", "remove", "decoy"):
        assert hand.post(f"{page}answer", {"answer": said}).status_code == 303

    assert state(nadia) == ContactState.INVITED


def test_forged_foreign_and_unopened_read_one_and_the_same_page() -> None:
    nadia = invited()
    page, _hand = opened(nadia)
    other = invited(THOMAS, victim=make_marie("leila", relatives=()))
    _page, stranger = opened(other)

    dead = [
        browser().get("/c/forged"),
        browser().post("/c/forged"),
        browser().get(page),
        stranger.get(page, headers={"accept-language": "fr"}),
        stranger.post(f"{page}answer", {"answer": "accept"}, headers={"accept-language": "fr"}),
        stranger.get(f"{page}contact.vcf", headers={"accept-language": "fr"}),
        browser().get("/consent/forged/"),
        browser().get("/r/forged"),
    ]

    assert {answer.status_code for answer in dead} == {404}
    assert len({answer.content for answer in dead}) == 1
    assert state(nadia) == ContactState.INVITED


def test_another_site_answers_for_nobody() -> None:
    nadia = invited()
    page, hand = opened(nadia)

    for headers in ({"origin": "https://paul.example"}, {"sec-fetch-site": "cross-site"}):
        assert hand.post(f"{page}answer", {"answer": "leave"}, headers=headers).status_code == 403
        assert browser().post(link(nadia), headers=headers).status_code == 403

    assert state(nadia) == ContactState.INVITED


def test_a_browser_forgets_the_page_after_a_day_and_the_link_opens_it_again() -> None:
    nadia = invited()
    page, hand = opened(nadia)
    ConsentVisit.objects.update(opened_at=timezone.now() - timedelta(days=1, seconds=1))
    assert hand.get(page).status_code == 404

    opened(nadia, by=hand)

    assert hand.get(page).status_code == 200


def test_the_page_speaks_the_language_of_its_contact() -> None:
    yann = invited(YANN)

    shown = browser().get(link(yann))

    assert shown.headers["Content-Language"] == "en"
    assert '<html lang="en">' in shown.content.decode()


def test_who_may_ring_her_reads_it() -> None:
    nadia = invited()
    Contact.objects.update(may_ring=True)
    page, hand = opened(nadia)

    assert "Elle permet" in hand.get(page).content.decode()


def test_a_link_of_an_alert_and_an_invitation_live_in_one_browser() -> None:
    alert = rescue()
    live, hand = open_place(alert, NADIA)
    nadia = link_of(alert, NADIA).contact

    page, _ = opened(nadia, by=hand)

    assert [hand.get(address).status_code for address in (live, page)] == [200, 200]


def test_from_the_live_page_and_from_its_end_one_reaches_the_consent_page() -> None:
    alert = rescue()
    live, hand = open_place(alert, NADIA)
    assert f"{live}consent" in hand.get(live).content.decode()

    page = hand.get(f"{live}consent").headers["Location"]
    assert "Vous êtes une personne de confiance" in hand.get(page).content.decode()

    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    assert f"{live}consent" in hand.get(live).content.decode()
    assert hand.get(f"{live}consent").status_code == 303


def test_who_leaves_in_the_middle_of_an_alert_is_waited_for_no_more() -> None:
    alert = rescue()
    live, hand = open_place(alert, NADIA)
    nadia = link_of(alert, NADIA).contact
    responding.take_charge(alert.pk, nadia, responding.Act(by="page"), now=timezone.now())
    page = hand.get(f"{live}consent").headers["Location"]

    hand.post(f"{page}answer", {"answer": "leave"})

    alert.refresh_from_db()
    assert alert.in_charge is None
    kinds = list(Event.objects.filter(alert=alert, contact=nadia).order_by("sequence").values_list("kind", flat=True))
    assert kinds[-2:] == [EventKind.RELEASE, EventKind.DECLINED]
    assert state(nadia) == ContactState.WITHDRAWN


def test_a_removed_relative_reads_the_same_page_as_before() -> None:
    nadia = invited()
    page, hand = opened(nadia)
    hand.post(f"{page}answer", {"answer": "accept"})
    before = hand.get(page).content

    contacts.remove(Contact.objects.get(pk=nadia.pk), now=timezone.now())

    assert hand.get(page).content == before
    hand.post(f"{page}answer", {"answer": "leave"})
    hand.post(f"{page}answer", {"answer": "accept"})
    assert hand.get(page).content == before
    assert state(nadia) == ContactState.REMOVED, "she alone takes a removal back"


def test_an_undone_removal_does_not_bring_back_who_said_no_meanwhile() -> None:
    nadia = invited()
    consenting.accept(consenting.of(nadia), now=NOON)
    removal = contacts.remove(Contact.objects.get(pk=nadia.pk), now=NOON)
    consenting.leave(Consent.objects.select_related("contact").get(), now=NOON)

    with pytest.raises(contacts.TooLateError):
        contacts.take_back(nadia.victim, removal, now=NOON)
