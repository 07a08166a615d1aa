"""What to say to 17: in the operator's order, in French, true for where the caller is, and never in a drill."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import override

from alerts.domain import alerting
from alerts.domain.messages.gsm import is_gsm
from alerts.models import Alert, Position, Victim
from alerts.states import Action, AlertState
from responders.domain import coordinating, home, sayings, sheet, snapshot, spoken
from responders.domain.deeds import Deed, Place
from responders.domain.home import Home
from responders.domain.sayings import Facts, Nearness
from responders.domain.sheet import Sheet
from responders.models import Territory, Unit
from tests.people import NADIA, THOMAS, YANN, Person
from tests.responders.scenes import link_of, open_place, rescue

pytestmark = pytest.mark.django_db
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/128.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 15_8 like Mac OS X) AppleWebKit/605.1.15 Version/15.6 Safari/604.1"
IPAD = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/16.6 Safari/605.1.15"
AMIENS, NEXT_DOOR, SAME_TOWN = (49.8941, 2.2958), (49.4183, 2.8265), (49.4000, 2.8000)
HOSTILE = "<script>alert(1)</script> {place} {time} %(where)s"


def _sheet(alert: Alert, person: Person = NADIA, *, apple: bool = False) -> Sheet:
    link = link_of(alert, person)
    now = timezone.now()
    with override(person.language):
        return sheet.read(link, snapshot.read(link, now=now), now=now, apple=apple)


def _lines(of: Sheet) -> list[str]:
    return [line.says for part in of.parts for line in part.lines]


def _shares(alert: Alert, person: Person, degrees: tuple[float, float]) -> None:
    place = Place(latitude=degrees[0], longitude=degrees[1], accuracy=10)
    coordinating.share(link_of(alert, person), place, now=timezone.now())


@pytest.fixture
def alert() -> Alert:
    made = rescue()
    Victim.objects.update(home="12, rue des Lombards, 60200 Compiègne, 2e étage, code 41B7")
    return made


# ---- Order and truth ----


def test_the_operator_is_told_where_before_anything_else(alert: Alert) -> None:
    told = _sheet(alert)

    assert [part.title for part in told.parts] == [
        "Où", "Son domicile, si elle y est", "Ce qui se passe", "Qui est en danger", "Des enfants", "L'agresseur",
        "Protection", "Rappel", "Restez en ligne",
    ]  # fmt: skip
    lines = _lines(told)
    assert lines[:2] == ["À Compiègne, dans l'Oise (60)", "49.41790, 2.82610"]
    assert re.fullmatch(r"Position relevée à \d\d:\d\d, à 12 m près", lines[2])
    assert lines[3:7] == ["12, rue des Lombards", "60200 Compiègne", "2e étage", "code 41B7"]
    assert "Son numéro : 06 39 98 00 00" in [line.replace("\u00a0", " ") for line in lines]
    assert lines[-1].replace("\u00a0", " ") == "Mon numéro : 06 39 98 00 01"


def test_what_nobody_knows_is_not_invented(alert: Alert) -> None:
    Victim.objects.update(home="", phone_number="")
    Position.objects.all().delete()
    told = _sheet(alert)

    assert told.opening.says == "« Une personne est en danger. Elle n'est pas avec moi et je n'ai pas sa position. »"
    assert _lines(told)[0] == "Je ne connais pas sa position."
    assert "Son domicile, si elle y est" not in [part.title for part in told.parts]
    assert [part.hint for part in told.parts if part.title == "L'agresseur"] == ["Nom, lien, armes, alcool, voiture ?"]
    assert "position n'est pas connue" in unquote(told.sms)


def test_a_floor_that_she_was_asked_for_and_did_not_give_is_said_to_be_unknown() -> None:
    facts = _facts(home=Home(address="12 rue des Lombards", floor="", code="41B7", children="Léo, 4 ans\nZoé, 7 ans"))

    with override("fr"):
        lines = [line.says for part in sayings.parts(facts) for line in part.lines]

    assert lines[1:4] == ["12 rue des Lombards", "Étage : pas connu.", "Code de la porte : 41B7"]
    assert {"Léo, 4 ans", "Zoé, 7 ans"} & set(lines) == set()  # commas end lines: an age is read on its own
    assert [line for line in lines if line in {"Léo", "4 ans", "Zoé", "7 ans"}] == ["Léo", "4 ans", "Zoé", "7 ans"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "12 bis, rue des Lombards, Compiègne\r\n3e étage ,  code 45A7",
            ["12 bis, rue des Lombards", "Compiègne", "3e étage", "code 45A7"],
        ),
        ("Résidence B, 7, allée des Ifs", ["Résidence B", "7, allée des Ifs"]),
        ("12", ["12"]),
        ("", []),
        (None, []),
        (" , ,\n,", []),
    ],
)  # fmt: skip
def test_an_address_is_read_line_by_line_and_a_number_stays_with_its_street(text: str | None, lines: list[str]) -> None:
    assert home.lines(text) == lines


def test_an_end_under_duress_is_said_to_the_operator(alert: Alert) -> None:
    alerting.close(alert, AlertState.CLOSED_UNDER_DURESS, reason="safe", now=timezone.now())

    assert "Elle a été forcée d'arrêter l'alerte." in _lines(_sheet(alert))


# ---- Where the caller is ----


def test_who_does_not_show_a_position_says_that_she_is_elsewhere(alert: Alert) -> None:
    told = _sheet(alert)

    assert told.opening.says == "« La personne en danger n'est pas avec moi : elle est à Compiègne, dans l'Oise (60). »"
    assert "demandez à être transféré" in told.hint


def test_who_calls_from_another_departement_asks_to_be_transferred(alert: Alert) -> None:
    _shares(alert, NADIA, AMIENS)

    opening = _sheet(alert).opening.says

    assert "elle est à Compiègne, dans l'Oise (60). Moi, je suis à Amiens, dans la Somme (80)." in opening
    assert "transférer" in opening
    assert "Moi, je suis" not in _sheet(alert, THOMAS).opening.says


def test_who_calls_from_her_departement_or_beside_her_says_so(alert: Alert) -> None:
    _shares(alert, NADIA, SAME_TOWN)
    assert _sheet(alert).opening.says.endswith("dans l'Oise (60). Elle n'est pas avec moi. »")

    _shares(alert, NADIA, NEXT_DOOR)
    assert _sheet(alert).opening.says == "« Une personne est en danger à Compiègne, dans l'Oise (60). Je suis à côté. »"


@pytest.mark.parametrize("whose", ["own", "hers"])
def test_an_old_or_a_rough_position_puts_nobody_beside_her(alert: Alert, whose: str) -> None:
    now = timezone.now()
    near = sheet.Spot(degrees=NEXT_DOOR, accuracy=10, at=now, place=None)
    spots = {"own": near, "hers": near}

    assert sheet.nearness(**spots, now=now) is Nearness.BESIDE
    old = {**spots, whose: replace(near, at=now - timedelta(minutes=6))}
    rough = {**spots, whose: replace(near, accuracy=1500)}
    assert sheet.nearness(**old, now=now) is sheet.nearness(**rough, now=now) is Nearness.UNKNOWN


# ---- What is known besides ----


def test_the_unit_of_her_commune_comes_second_with_its_warning_and_rings_by_no_touch(alert: Alert) -> None:
    unit = Unit.objects.create(force="GN", name="Brigade <b>de", address="1 rue X", phone_number="+33344000000")
    Territory.objects.create(insee="60159", unit=unit)
    place, nadia = open_place(alert, NADIA)

    html = nadia.get(place).content.decode()

    assert html.index("Restez en ligne") < html.index("Brigade &lt;b&gt;de") < html.index("d'abord le 17")
    assert "03\u00a044\u00a000\u00a000\u00a000" in html
    assert "tel:+33" not in html


def test_the_street_is_said_first_where_the_installation_asks_for_it(alert: Alert) -> None:
    link, now = link_of(alert, NADIA), timezone.now()
    state = snapshot.read(link, now=now)
    known: dict[str, Any] = {
        **state,
        "position": {**_position(state), "street": {"fr": "près du 3 rue A", "en": "near 3 rue A"}},
    }

    with override("fr"):
        told = sheet.read(link, known, now=now, apple=False)

    assert _lines(told)[0] == "Près du 3 rue A"


# ---- Languages ----


def test_an_english_reader_gets_the_french_sentence_and_what_it_means(alert: Alert) -> None:
    told = _sheet(alert, YANN)

    assert told.opening.says.startswith("« La personne en danger")
    assert told.opening.means
    assert told.opening.means != told.opening.says
    assert [line.means for line in told.parts[0].lines[1:]] == ["", ""]  # numbers are the same in every language
    assert all(line.means == "" for part in _sheet(alert).parts for line in part.lines)

    place, yann = open_place(alert, YANN)
    for page in (place, f"{place}seventeen"):
        html = yann.get(page).content.decode()
        assert '<p class="say" lang="fr">« La personne en danger' in html
        assert f'<p class="means">{escape(told.opening.means)}</p>' in html


# ---- 114 ----


@pytest.mark.parametrize(
    ("agent", "start"),
    [
        (ANDROID, "sms:114?body="),
        (IPHONE, "sms:114&amp;body="),
        (IPAD, "sms:114&amp;body="),
        ("", "sms:114?body="),
    ],
)
def test_114_is_written_as_this_telephone_wants_it_and_holds_the_place(alert: Alert, agent: str, start: str) -> None:
    place, nadia = open_place(alert, NADIA)

    html = nadia.get(place, headers={"user-agent": agent}).content.decode()

    links = re.findall(r'href="(sms:114[^"]*)"', html)
    assert len(links) == 2
    assert all(link.startswith(start) for link in links)
    body = unquote(links[0].split("body=")[1])
    assert re.search(r"Lieu, par son téléphone à \d\d:\d\d : Compiègne, Oise \(60\), 49\.41790, 2\.82610\.", body)
    assert "Domicile : 12, rue des Lombards, 60200 Compiègne, 2e étage, code 41B7." in body
    assert "&" not in links[0].removeprefix(start)


@pytest.mark.parametrize("kind", ["prevention", "rescue", "alarm"])
def test_114_is_written_in_the_alphabet_of_sms(kind: str) -> None:
    with override("fr"):
        assert is_gsm(sayings.text_114(_facts(kind=kind, duress=True, home=Home(floor="", code=""))))


def test_her_words_change_nothing_of_the_message_around_them(alert: Alert) -> None:
    Victim.objects.update(home=HOSTILE, name=HOSTILE)
    told = _sheet(alert)

    body = unquote(told.sms.split("body=")[1])
    assert body.count("{place}") == body.count("{time}") == 2  # hers, untouched
    assert "par son téléphone à" in body
    place, nadia = open_place(alert, NADIA)
    assert "<script>alert" not in nadia.get(f"{place}seventeen").content.decode()


# ---- Its own page ----


def test_without_scripts_calling_leads_to_the_sheet_and_back(alert: Alert) -> None:
    place, nadia = open_place(alert, NADIA)

    there = nadia.post(f"{place}act", {"action": "call_17"}).headers["Location"]
    html = nadia.get(there).content.decode()

    assert there == f"{place}seventeen"
    assert "Nadia appelle le 17 depuis" in html
    assert "17 prévenu ?" in html
    assert f'href="{place}"' in html
    assert nadia.post(f"{place}act", {"action": "reached_17", "note": "ils viennent"}).headers["Location"] == place
    assert "Nadia a eu le 17" in nadia.get(place).content.decode()


def test_who_would_be_the_second_to_call_is_told_first_and_may_still_call(alert: Alert) -> None:
    place, thomas = open_place(alert, THOMAS)
    assert '<div class="also" id="also" hidden>' in thomas.get(place).content.decode()
    nadia = link_of(alert, NADIA)
    coordinating.act(nadia, Deed(action=Action.CALL_17), now=timezone.now())

    html = thomas.get(place).content.decode()

    assert '<div class="also" id="also"><p id="also-said" role="status">Nadia appelle le 17 depuis' in html
    assert html.count('href="tel:17"') == 2
    assert '<small id="key-17">Nadia appelle</small>' in html


def test_strangers_find_no_sheet_and_the_end_leads_back(alert: Alert) -> None:
    place, nadia = open_place(alert, NADIA)

    assert Client().get(f"{place}seventeen").status_code == 404
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    assert nadia.get(f"{place}seventeen").headers["Location"] == place


def _position(state: dict[str, object]) -> dict[str, Any]:
    position = state["position"]
    assert isinstance(position, dict)
    return position


def _facts(**more: Any) -> Facts:
    known = Facts(
        name="Marie",
        kind="rescue",
        opened="21:04",
        duress=False,
        phone_allowed=False,
        home=Home(),
        her_number="",
        own_number=spoken.number(NADIA.phone_number),
        position=None,
        fixed="",
        place=None,
        nearness=Nearness.UNKNOWN,
        own_place=None,
    )
    return replace(known, **more)
