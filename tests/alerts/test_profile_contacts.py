"""Her list of relatives, and everybody who would like to change it."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import alerting, contacts
from alerts.models import Alert, Contact, Victim
from alerts.models.fields import digest
from alerts.states import AlertState, ContactState, Gesture
from tests.desks import signed_in, with_password
from tests.people import (
    AWA,
    LUCIE,
    NADIA,
    NOON,
    PASSWORD,
    PAUL,
    RELATIVES,
    THOMAS,
    YANN,
    make_contact,
    make_karim,
    make_marie,
    make_phone,
)

pytestmark = pytest.mark.django_db
FROZEN = "ne peuvent pas changer en ce moment"
CARD = {
    "name": "Inès",
    "phone_number": "06 39 98 00 20",
    "email": "ines@example.org",
    "language": "en",
    "by_sms": "on",
    "by_voice": "on",
    "on_single": "on",
}


def names(victim: Victim) -> list[str]:
    return [contact.name for contact in contacts.relatives(victim)]


def contact_named(victim: Victim, name: str) -> Contact:
    return next(contact for contact in victim.contacts.all() if contact.name == name)


def open_alert(victim: Victim, now: datetime | None = None) -> Alert:
    now = now or timezone.now()
    phone = victim.phones.first() or make_phone(victim)
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.SINGLE, clicked_at=now, sent_at=now)
    return alerting.receive_click(phone, report, now=now).alert


def card_of(name: str = "Inès", number: str = "+33639980020", email: str = "") -> contacts.Card:
    return contacts.Card(
        name=name,
        phone_number=number,
        email=email,
        language="fr",
        by_sms=True,
        by_voice=True,
        by_email=bool(email),
        on_single=True,
    )


@pytest.fixture
def marie() -> Victim:
    return make_marie(relatives=(NADIA, THOMAS, AWA))


@pytest.fixture
def desk(marie: Victim) -> Client:
    return with_password(marie.account)


def test_she_adds_a_relative_who_is_invited_and_kept_encrypted(marie: Victim, desk: Client) -> None:
    answer = desk.post(reverse("alerts:contact_add"), CARD)

    ines = contact_named(marie, "Inès")
    assert answer.status_code == 302
    assert names(marie) == ["Nadia", "Thomas", "Awa", "Inès"]
    assert (ines.phone_number, ines.email, ines.language) == ("+33639980020", "ines@example.org", "en")
    assert (ines.by_sms, ines.by_voice, ines.by_email, ines.on_single) == (True, True, False, True)
    assert ines.phone_digest == digest("number", "+33639980020")
    assert ines.state == ContactState.INVITED


def test_the_sixth_relative_is_refused_with_a_sentence(marie: Victim, desk: Client) -> None:
    make_contact(marie, LUCIE, rank=4)
    make_contact(marie, YANN, rank=5)

    page = desk.post(reverse("alerts:contact_add"), CARD)

    assert "déjà cinq personnes" in page.content.decode()
    assert len(names(marie)) == 5


@pytest.mark.parametrize("number", ["17", "112", "3919", "116 006", "+33 17", "0899 12 34 56"])
def test_an_emergency_or_premium_number_is_refused_as_a_relative(marie: Victim, desk: Client, number: str) -> None:
    page = desk.post(reverse("alerts:contact_add"), CARD | {"phone_number": number})

    assert page.status_code == 200
    assert 'aria-invalid="true"' in page.content.decode()
    assert len(names(marie)) == 3


def test_the_number_of_another_relative_is_refused_kindly(marie: Victim, desk: Client) -> None:
    page = desk.post(reverse("alerts:contact_add"), CARD | {"phone_number": NADIA.phone_number})

    assert "a déjà ce numéro" in page.content.decode()
    assert len(names(marie)) == 3


def test_her_own_number_is_refused(marie: Victim, desk: Client) -> None:
    page = desk.post(reverse("alerts:contact_add"), CARD | {"phone_number": marie.phone_number})

    assert "votre propre numéro" in page.content.decode()


def test_two_victims_may_know_the_same_person(marie: Victim) -> None:
    other = make_marie("leila", relatives=())

    contacts.add(other, card_of(number=NADIA.phone_number), now=NOON)

    assert names(other) == ["Inès"]


def test_a_relative_that_nothing_reaches_is_refused(desk: Client) -> None:
    nothing = desk.post(reverse("alerts:contact_add"), {"name": "Inès", "language": "fr"})
    unticked = desk.post(
        reverse("alerts:contact_add"), {"name": "Inès", "language": "fr", "phone_number": "06 39 98 00 20"}
    )

    assert "Donnez un téléphone, ou une adresse" in nothing.content.decode()
    assert "Cochez au moins un moyen" in unticked.content.decode()


def test_a_fixed_line_is_called_and_gets_no_sms(marie: Victim, desk: Client) -> None:
    desk.post(reverse("alerts:contact_add"), CARD | {"phone_number": "01 99 00 12 34"})

    ines = contact_named(marie, "Inès")
    assert (ines.by_sms, ines.by_voice) == (False, True)


@pytest.mark.parametrize("name", ["Na\u202edia", "Na\x00dia", "Na\x1b[31mdia", ""])
def test_a_name_with_invisible_characters_is_refused(marie: Victim, desk: Client, name: str) -> None:
    desk.post(reverse("alerts:contact_add"), CARD | {"name": name})

    assert len(names(marie)) == 3


def test_a_name_is_inert_on_every_page(marie: Victim, desk: Client) -> None:
    desk.post(reverse("alerts:contact_add"), CARD | {"name": "<script>x</script>"})

    for page in (reverse("alerts:contacts"), reverse("alerts:profile")):
        assert "<script>x" not in desk.get(page).content.decode()
        assert "&lt;script&gt;x" in desk.get(page).content.decode()


def test_she_orders_her_relatives_with_plain_buttons(marie: Victim, desk: Client) -> None:
    awa = contact_named(marie, "Awa")
    for _ in range(4):
        desk.post(reverse("alerts:contact_shift", args=[awa.pk]), {"to": "up"})
    assert names(marie) == ["Awa", "Nadia", "Thomas"]

    desk.post(reverse("alerts:contact_shift", args=[awa.pk]), {"to": "down"})
    assert names(marie) == ["Nadia", "Awa", "Thomas"]


def test_a_changed_card_keeps_the_relative_and_her_place(marie: Victim, desk: Client) -> None:
    thomas = contact_named(marie, "Thomas")
    card = CARD | {"name": "Tom", "phone_number": THOMAS.phone_number}

    desk.post(reverse("alerts:contact", args=[thomas.pk]), card)

    thomas.refresh_from_db()
    assert (thomas.name, thomas.rank, thomas.state) == ("Tom", 2, ContactState.ACCEPTED)
    assert names(marie) == ["Nadia", "Tom", "Awa"]


def test_another_number_is_somebody_who_has_not_agreed_yet(marie: Victim, desk: Client) -> None:
    thomas = contact_named(marie, "Thomas")

    desk.post(reverse("alerts:contact", args=[thomas.pk]), CARD | {"name": "Thomas"})

    thomas.refresh_from_db()
    asked = contacts.relatives(marie)[1]
    assert thomas.state == ContactState.REMOVED
    assert (asked.name, asked.phone_number, asked.state) == ("Thomas", "+33639980020", ContactState.INVITED)


def test_a_removed_relative_comes_back_within_a_minute_where_she_stood(marie: Victim, desk: Client) -> None:
    desk.post(reverse("alerts:contact_remove", args=[contact_named(marie, "Thomas").pk]))
    assert names(marie) == ["Nadia", "Awa"]
    assert reverse("alerts:contact_take_back") in desk.get(reverse("alerts:contacts")).content.decode()

    desk.post(reverse("alerts:contact_take_back"))

    assert names(marie) == ["Nadia", "Thomas", "Awa"]
    assert contact_named(marie, "Thomas").state == ContactState.ACCEPTED


def test_a_removal_tells_the_contact_nothing(marie: Victim, desk: Client) -> None:
    thomas = contact_named(marie, "Thomas")

    desk.post(reverse("alerts:contact_remove", args=[thomas.pk]))

    assert thomas.deliveries.count() == 0


def test_after_a_minute_a_removal_stays(marie: Victim) -> None:
    removal = contacts.remove(contact_named(marie, "Thomas"), now=NOON)

    with pytest.raises(contacts.TooLateError):
        contacts.take_back(marie, removal, now=NOON + timedelta(seconds=61))

    assert names(marie) == ["Nadia", "Awa"]


def test_a_removal_is_not_taken_back_when_the_number_or_the_place_is_gone(marie: Victim) -> None:
    removal = contacts.remove(contact_named(marie, "Thomas"), now=NOON)
    contacts.add(marie, card_of(number=THOMAS.phone_number), now=NOON)
    with pytest.raises(contacts.NumberKnownError):
        contacts.take_back(marie, removal, now=NOON)

    second = contacts.remove(contact_named(marie, "Awa"), now=NOON)
    for digit in (1, 2, 3):
        contacts.add(marie, card_of(number=f"+3363998003{digit}"), now=NOON)
    with pytest.raises(contacts.FullError):
        contacts.take_back(marie, second, now=NOON)


@pytest.mark.parametrize("state", [ContactState.DECOY, ContactState.DECLINED, ContactState.WITHDRAWN])
def test_who_is_not_told_does_not_come_back_by_an_undo(marie: Victim, state: ContactState) -> None:
    paul = make_contact(marie, PAUL, rank=4, state=state)

    removal = contacts.remove(paul, now=NOON)

    assert not contacts.can_take_back(removal, now=NOON)


def test_a_gap_in_the_ranks_is_closed_by_the_next_relative(marie: Victim) -> None:
    contacts.remove(contact_named(marie, "Nadia"), now=NOON)

    added = contacts.add(marie, card_of(), now=NOON)

    assert [contact.rank for contact in contacts.relatives(marie)] == [1, 2, 3]
    assert added.rank == 3


def test_during_an_alert_nothing_in_the_list_changes(marie: Victim, desk: Client) -> None:
    before = list(marie.contacts.order_by("pk").values_list("pk", "rank", "state", "by_sms"))
    removed = contacts.remove(make_contact(marie, LUCIE, rank=4), now=timezone.now())
    open_alert(marie)
    thomas = contact_named(marie, "Thomas")

    answers = [
        desk.post(reverse("alerts:contact_add"), CARD, follow=True),
        desk.post(reverse("alerts:contact", args=[thomas.pk]), CARD, follow=True),
        desk.post(reverse("alerts:contact_shift", args=[thomas.pk]), {"to": "up"}, follow=True),
        desk.post(reverse("alerts:contact_remove", args=[thomas.pk]), follow=True),
    ]
    with pytest.raises(contacts.FrozenError):
        contacts.take_back(marie, removed, now=timezone.now())

    assert all(FROZEN in answer.content.decode() for answer in answers)
    kept = marie.contacts.exclude(pk=removed.contact).order_by("pk").values_list("pk", "rank", "state", "by_sms")
    assert list(kept) == before


def test_after_the_cap_the_list_changes_again_before_the_sweeper_came(marie: Victim) -> None:
    alert = open_alert(marie, NOON)

    contacts.add(marie, card_of(), now=alert.expires_at + timedelta(seconds=1))

    assert "Inès" in names(marie)


def test_paul_cannot_tell_an_alert_closed_under_duress_from_a_closed_one() -> None:
    pages = []
    for username, state in (("marie", AlertState.CLOSED), ("leila", AlertState.CLOSED_UNDER_DURESS)):
        victim = make_marie(username, relatives=(NADIA,))
        make_phone(victim, token=username, osmand_id=username)
        alerting.close(open_alert(victim), state, reason="safe", now=timezone.now())
        desk = with_password(victim.account)
        answers = [
            desk.get(reverse("alerts:profile")),
            desk.get(reverse("alerts:contacts")),
            desk.post(reverse("alerts:contact_add"), CARD, follow=True),
            desk.post(reverse("alerts:contact_remove", args=[contact_named(victim, "Inès").pk]), follow=True),
        ]
        pages.append([(one.status_code, readable(one.content.decode().replace(username, "?"))) for one in answers])

    assert pages[0] == pages[1]


def readable(page: str) -> list[str]:
    """The page without what differs from one account to the next: pseudonym, numbers of rows and form tokens."""
    own = ("csrfmiddlewaretoken", "/profile/contacts/", "Pseudonyme : ")
    return [line for line in page.splitlines() if not any(part in line for part in own)]


def test_paul_at_an_open_session_is_asked_the_password_before_any_change(marie: Victim) -> None:
    session = signed_in(marie.account)
    thomas = contact_named(marie, "Thomas")
    tries = [
        session.get(reverse("alerts:contact_add")),
        session.get(reverse("alerts:contact", args=[thomas.pk])),
        session.post(reverse("alerts:contact_add"), CARD),
        session.post(reverse("alerts:contact", args=[thomas.pk]), CARD),
        session.post(reverse("alerts:contact_shift", args=[thomas.pk]), {"to": "up"}),
        session.post(reverse("alerts:contact_remove", args=[thomas.pk])),
    ]

    assert all(answer["Location"].startswith(reverse("account_reauthenticate")) for answer in tries)
    assert names(marie) == ["Nadia", "Thomas", "Awa"]


def test_paul_at_an_open_session_reads_no_number(marie: Victim) -> None:
    page = signed_in(marie.account).get(reverse("alerts:contacts")).content.decode()

    assert "Nadia" in page
    for relative in RELATIVES:
        assert relative.phone_number[3:] not in page.replace(" ", "")
        assert relative.email not in page


def test_a_form_sent_too_late_goes_on_after_the_password(marie: Victim) -> None:
    session = signed_in(marie.account)
    asked = session.post(reverse("alerts:contact_add"), CARD)
    held = str(dict(session.session))

    session.post(asked["Location"], {"password": PASSWORD, "next": reverse("alerts:contact_add")}, follow=True)

    assert names(marie) == ["Nadia", "Thomas", "Awa", "Inès"]
    assert "held" in held
    assert not any(part in held for part in ("39+98", "639980020", "ines", "In%C3%A8s"))


def test_a_held_form_is_forgotten_when_the_password_is_wrong_or_another_page_is_asked(marie: Victim) -> None:
    session = signed_in(marie.account)
    asked = session.post(reverse("alerts:contact_add"), CARD)
    session.post(asked["Location"], {"password": "devine", "next": reverse("alerts:contact_add")}, follow=True)
    assert names(marie) == ["Nadia", "Thomas", "Awa"]

    session.get(reverse("alerts:codes"))
    session.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": reverse("alerts:contact_add")})
    session.get(reverse("alerts:contact_add"))

    assert names(marie) == ["Nadia", "Thomas", "Awa"]


def test_another_victim_an_advocate_and_a_stranger_read_the_same_nothing(marie: Victim) -> None:
    thomas = contact_named(marie, "Thomas")
    leila = with_password(make_marie("leila", relatives=()).account)
    karim = with_password(make_karim().account)
    addresses = [
        reverse("alerts:contact", args=[thomas.pk]),
        reverse("alerts:contact_remove", args=[thomas.pk]),
        reverse("alerts:contact_shift", args=[thomas.pk]),
    ]

    for address in addresses:
        foreign, absent = leila.get(address), leila.get(address.replace(str(thomas.pk), "987654"))
        assert foreign.status_code == absent.status_code == 404
        assert foreign.content == absent.content
        assert leila.post(address, CARD).status_code == 404
        assert karim.get(address).status_code == karim.post(address, CARD).status_code == 404
        assert Client().get(address)["Location"].startswith(reverse("account_login"))
    assert karim.get(reverse("alerts:contacts")).status_code == 404
    assert "Nadia" not in karim.get(reverse("alerts:profile")).content.decode()
    assert "Nadia" not in leila.get(reverse("alerts:contacts")).content.decode()
    assert names(marie) == ["Nadia", "Thomas", "Awa"]


def test_the_on_call_line_is_shown_apart_and_leaves_only_by_her_will(marie: Victim, desk: Client) -> None:
    line = make_contact(marie, LUCIE, rank=6)

    assert "Ligne d'astreinte" in desk.get(reverse("alerts:contacts")).content.decode()
    assert desk.get(reverse("alerts:contact", args=[line.pk])).status_code == 404
    desk.post(reverse("alerts:contact_remove", args=[line.pk]))

    assert contacts.on_call_line(marie) is None
    assert names(marie) == ["Nadia", "Thomas", "Awa"]


def test_neither_a_number_nor_a_name_reaches_the_log(desk: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    for number in ("06 39 98 00 20", "06 39 98 00 20", "17", "06 39"):
        desk.post(reverse("alerts:contact_add"), CARD | {"phone_number": number})

    assert not any(part in caplog.text for part in ("39 98", "39980020", "Inès", "ines@"))


def test_a_plain_visit_of_the_remove_address_removes_nobody(marie: Victim, desk: Client) -> None:
    desk.get(reverse("alerts:contact_remove", args=[contact_named(marie, "Thomas").pk]))

    assert names(marie) == ["Nadia", "Thomas", "Awa"]
