"""Her sheet for the police: shown to her before it is stored, read aloud in an alert, and by nobody otherwise."""

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import alerting, sheets
from alerts.domain.sheets import Protection, Sheet
from alerts.models import Alert, Change, ChangeKind, Contact, PoliceSheet, Victim
from alerts.states import AlertState, ContactState
from tests.desks import with_password
from tests.people import NADIA, THOMAS, make_marie
from tests.responders.scenes import open_place, rescue

pytestmark = pytest.mark.django_db
PAGE = "responders:her_sheet"
ANSWERS: dict[str, Any] = {
    "home": "12, rue des Lombards\n60200 Compiègne",
    "building": "Bâtiment C, interphone Morel",
    "floor": "2e, porte gauche",
    "code": "41B7",
    "residents": "Ma mère, Jeanne",
    "person": "34 ans, enceinte",
    "children": "Léo, 4 ans\nZoé, 7 ans",
    "aggressor": "Paul Martin, mon mari",
    "weapons": "Un fusil de chasse, garage",
    "vehicle": "Clio grise AB-123-CD",
    "protections": ["order", "bracelet"],
    "order": "3 mai, tribunal de Compiègne",
}


def read(page: Any) -> str:
    return html.unescape(page.content.decode())


def seen_in(page: Any) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', read(page))
    assert found
    return found[1]


def write(desk: Client, answers: dict[str, Any]) -> Any:
    """Look, then store."""
    seen = seen_in(desk.post(reverse(PAGE), answers))
    return desk.post(reverse(PAGE), answers | {"seen": seen, "save": "1"}, follow=True)


@pytest.fixture
def marie() -> Victim:
    return make_marie()


@pytest.fixture
def desk(marie: Victim) -> Client:
    return with_password(marie.account)


def test_she_sees_what_each_contact_will_see_before_anything_is_stored(marie: Victim, desk: Client) -> None:
    page = read(desk.post(reverse(PAGE), ANSWERS))

    marie.refresh_from_db()
    assert "Lu par Nadia, Thomas, Awa, Lucie" in page
    assert "Lu par Yann" in page
    assert '<span lang="fr">Code de la porte : 41B7</span>' in page
    assert "Armes : Un fusil de chasse, garage" in page
    assert marie.home == ""
    assert not PoliceSheet.objects.exists()


def test_what_is_stored_is_what_she_looked_at(marie: Victim, desk: Client) -> None:
    seen = seen_in(desk.post(reverse(PAGE), ANSWERS))

    again = desk.post(reverse(PAGE), ANSWERS | {"code": "9999", "seen": seen, "save": "1"})

    assert again.status_code == 200
    assert "Code de la porte : 9999" in read(again)
    assert not PoliceSheet.objects.exists()
    assert "Votre fiche est enregistrée." in read(write(desk, ANSWERS))
    kept = sheets.of(marie)
    assert kept is not None
    assert (kept.code, kept.protections) == ("41B7", (Protection.ORDER, Protection.BRACELET))


def test_who_was_cut_out_of_her_list_is_not_among_those_who_will_see(marie: Victim, desk: Client) -> None:
    states = (ContactState.DECOY, ContactState.WITHDRAWN, ContactState.REMOVED, ContactState.DECLINED)
    for contact, state in zip(marie.contacts.order_by("rank"), states, strict=False):
        Contact.objects.filter(pk=contact.pk).update(state=state)

    page = read(desk.post(reverse(PAGE), ANSWERS))

    assert "Lu par Yann" in page
    assert "Nadia" not in page


def keep(victim: Victim) -> None:
    """Her sheet as it was stored weeks ago."""
    words = {name: text for name, text in ANSWERS.items() if name not in {"home", "protections"}}
    PoliceSheet.objects.create(victim=victim, protections="order,bracelet", written_at=timezone.now(), **words)


def test_a_relative_who_calls_the_17_reads_it() -> None:
    alert = rescue()
    keep(alert.victim)
    place, nadia = open_place(alert, NADIA)

    page = read(nadia.get(place))

    for line in ("Étage : 2e, porte gauche", "Code de la porte : 41B7", "Y vivent : Ma mère, Jeanne", "34 ans"):
        assert line in page, line
    for line in ("Paul Martin", "Véhicule : Clio grise AB-123-CD", "Ordonnance de protection en cours"):
        assert line in page, line


def test_once_the_alert_is_over_no_relative_reads_it() -> None:
    alert = rescue()
    keep(alert.victim)
    place, thomas = open_place(alert, THOMAS)
    assert "Paul Martin" in read(thomas.get(place))

    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())

    assert "Paul Martin" not in read(thomas.get(place))


def test_yann_reads_beside_the_french_what_it_means(desk: Client) -> None:
    page = read(desk.post(reverse(PAGE), ANSWERS))

    of_yann = page.split("Lu par Yann")[1]
    assert '<span lang="fr">Code de la porte : 41B7</span> <span class="quiet">' in of_yann


def test_nothing_of_it_can_be_read_in_the_database(desk: Client) -> None:
    write(desk, ANSWERS)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM alerts_policesheet")
        kept = str(cursor.fetchall())
        cursor.execute("SELECT home FROM alerts_victim")
        kept += str(cursor.fetchall())
    for word in ("Lombards", "41B7", "Paul", "fusil", "Clio", "bracelet", "Léo", "Compiègne", "enceinte"):
        assert word not in kept, word


def test_nothing_of_it_stands_in_a_session_that_waits_for_the_password(marie: Victim) -> None:
    desk = with_password(marie.account)
    session = desk.session
    session["account_authentication_methods"] = []
    session.save()

    desk.post(reverse(PAGE), ANSWERS)

    assert "held" in desk.session
    assert "Lombards" not in str(dict(desk.session))


def test_during_an_alert_it_stands_still(desk: Client, marie: Victim) -> None:
    seen = seen_in(desk.post(reverse(PAGE), ANSWERS))
    Alert.objects.filter(pk=rescue("muguet").pk).update(victim=marie)

    page = desk.post(reverse(PAGE), ANSWERS | {"seen": seen, "save": "1"}, follow=True)

    assert "ne peuvent pas changer en ce moment" in read(page)
    assert not PoliceSheet.objects.exists()


def test_a_change_of_it_is_announced(desk: Client) -> None:
    write(desk, ANSWERS)

    assert Change.objects.filter(kind=ChangeKind.SHEET).count() == 1


def test_a_hostile_sheet_is_text(desk: Client) -> None:
    hostile = "<script>alert(1)</script> {place} %(where)s"
    page = desk.post(reverse(PAGE), ANSWERS | {"aggressor": hostile, "vehicle": hostile}).content.decode()

    assert "<script>alert" not in page
    assert "{place} %(where)s" in html.unescape(page)


@pytest.mark.parametrize("wrong", [{"home": "x" * 301}, {"protections": ["x"]}, {"floor": "a\u202eb"}])
def test_what_cannot_be_is_refused_before_it_is_shown(desk: Client, wrong: dict[str, Any]) -> None:
    page = desk.post(reverse(PAGE), ANSWERS | wrong)

    assert 'class="error"' in page.content.decode()
    assert 'name="seen"' not in page.content.decode()


def test_the_same_answers_have_the_same_fingerprint_and_others_another() -> None:
    one = Sheet(home="12 rue des Lombards", floor="2")

    assert one.fingerprint() == Sheet(home="12 rue des Lombards", floor="2").fingerprint()
    assert one.fingerprint() != Sheet(home="12 rue des Lombards", code="2").fingerprint()
