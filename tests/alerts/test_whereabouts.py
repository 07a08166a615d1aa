"""Where she is, in words: in a text, by voice, by mail, on the page, in the timeline; in French and in English."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from alerts import places
from alerts.domain import composing, messages, timeline, tracking, whereabouts
from alerts.domain.messages import Place, Telling, gsm
from alerts.models import Alert, Event, Position
from alerts.states import AlertKind, Channel, EventKind, Occasion
from responders.domain import snapshot
from tests.people import NADIA, Person
from tests.responders.scenes import fix, link_of, open_place, rescue

NINE = datetime(2026, 6, 1, 19, 4, tzinfo=UTC)  # 21:04 in Paris
LINK = "https://sos.exmpl.fr/r/" + "3fK9-_aZ" * 2 + "3fK9-_"
COMPIEGNE, HAVRE, OLONNE = (49.4179, 2.8261), (49.4944, 0.1079), (46.4969, -1.7832)
BEAUCAIRE, PARIS, OUESSANT = (43.8060, 4.6450), (48.8412, 2.3876), (48.4000, -5.2000)
OFF_THE_HAVRE, REUNION, BRUSSELS = (49.5100, 0.0300), (-20.8823, 55.4504), (50.8467, 4.3525)


def at(where: tuple[float, float]) -> places.Place:
    """The place of a position that lies in or near France."""
    found = places.find(*where)
    assert found is not None
    return found


def telling(place: Place | None, **facts: object) -> Telling:
    """Marie, 21:04."""
    told = Telling(
        occasion=Occasion.CLICK,
        kind=AlertKind.RESCUE,
        name="Marie",
        at=NINE,
        time_zone="Europe/Paris",
        place=place,
        link=LINK,
    )
    return replace(told, **facts)  # type: ignore[arg-type]


def told(where: tuple[float, float], channel: Channel, language: str = "fr") -> str:
    """What a message of this way says about a position."""
    place = composing.place_of(Position(latitude=where[0], longitude=where[1]), language)
    return messages.compose(telling(place, language=language), channel).text


@pytest.mark.parametrize(
    ("where", "brief", "full", "sentence"),
    [
        (COMPIEGNE, "Compiègne (60)", "Compiègne, Oise (60)", "à Compiègne, dans l'Oise"),
        (HAVRE, "Le Havre (76)", "Le Havre, Seine-Maritime (76)", "au Havre, dans la Seine-Maritime"),
        (
            OFF_THE_HAVRE,
            "près de Sainte-Adresse (76)",
            "près de Sainte-Adresse, Seine-Maritime (76)",
            "près de Sainte-Adresse, dans la Seine-Maritime",
        ),
        (
            OUESSANT,
            "près d'Ouessant (29)",
            "près d'Ouessant, Finistère (29)",
            "près d'Ouessant, dans le Finistère",
        ),
        (OLONNE, "Les Sables-d'Olonne (85)", "Les Sables-d'Olonne, Vendée (85)", "aux Sables-d'Olonne, dans la Vendée"),
        (PARIS, "Paris 12e (75)", "Paris 12e arrondissement (75)", "à Paris 12e"),
        (REUNION, "Saint-Denis (974)", "Saint-Denis, La Réunion (974)", "à Saint-Denis, à La Réunion"),
        (
            BEAUCAIRE,
            "Beaucaire (30)",
            "Beaucaire, Gard (30)",
            "à Beaucaire, dans le Gard",
        ),
    ],
)
def test_a_place_is_named_as_french_people_say_it(
    where: tuple[float, float], brief: str, full: str, sentence: str
) -> None:
    assert whereabouts.brief(at(where), "fr") == brief
    assert whereabouts.full(at(where), "fr") == full
    assert whereabouts.sentence(at(where), "fr") == sentence


@pytest.mark.parametrize(
    ("where", "full", "beside", "sentence"),
    [
        (COMPIEGNE, "Compiègne, Oise (60)", "", "in Compiègne, Oise"),
        (OUESSANT, "near Ouessant, Finistère (29)", "7 km away", "near Ouessant, Finistère"),
        (BEAUCAIRE, "Beaucaire, Gard (30)", "less than 1 km from Bouches-du-Rhône (13)", "in Beaucaire, Gard"),
    ],
)
def test_an_english_sister_reads_english(where: tuple[float, float], full: str, beside: str, sentence: str) -> None:
    assert whereabouts.full(at(where), "en-GB") == full
    assert whereabouts.beside(at(where), "en-GB") == beside
    assert whereabouts.sentence(at(where), "en-GB") == sentence


@pytest.mark.parametrize(
    ("where", "beside"),
    [
        (COMPIEGNE, ""),
        (OUESSANT, "à 7 km"),
        (BEAUCAIRE, "à moins de 1 km des Bouches-du-Rhône (13)"),
    ],
)
def test_the_distance_and_another_police_nearby_are_said_apart(where: tuple[float, float], beside: str) -> None:
    assert whereabouts.beside(at(where), "fr") == beside


def test_a_text_names_the_commune_and_gives_the_coordinates_to_a_telephone_without_internet() -> None:
    assert told(COMPIEGNE, Channel.SMS) == (
        f"SECOURS Marie 21:04 Compiègne (60) 49.4179,2.8261 {LINK} "
        "Ouvrez. Si danger, appelez le 17. N'appelez pas Marie."
    )


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", ["Maximilienne", "Marie-Antoinette de La Tour d'Auvergne"])
def test_every_commune_of_france_fits_into_one_segment(language: str, name: str) -> None:
    atlas = places.load()
    assert atlas is not None
    longest = sorted(atlas.codes, key=lambda insee: -len((places.commune(insee) or at(PARIS)).commune))[:200]
    for insee in [*longest, "94038", "60703", "66104", "76351", "14591"]:
        place = places.commune(insee)
        assert place is not None
        for near in (False, True):
            there = Place(text=whereabouts.brief(replace(place, near=near), language), coordinates="-20.8823,55.4504")
            text = messages.sms(telling(there, language=language, name=name))
            assert gsm.segments(text) == 1
            assert gsm.is_gsm(text)
            assert f"({place.departement.code})" in text
            assert text.index(LINK) < 100
            assert "17" in text


def test_coordinates_give_way_before_the_last_words_on_what_to_do() -> None:
    there = Place(text="Saint-Maximin-la-Ste-Baume (83)", coordinates="43.4528,5.8610")
    text = messages.sms(telling(there, occasion=Occasion.UPGRADE, name="Maximilienne"))

    assert "Saint-Maximin-la-Ste-Baume (83) https" in text
    assert text.endswith("Danger : 17. N'appelez pas Maximilienne.")
    assert gsm.segments(text) == 1


def test_a_long_commune_is_cut_and_keeps_its_departement() -> None:
    there = Place(text="près de Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson (51)", coordinates="48.6300,4.6500")
    text = messages.sms(telling(there, occasion=Occasion.UPGRADE, name="Maximilienne"))

    assert " près de Saint-Remy-en-Bo. (51) https" in text
    assert text.endswith("N'appelez pas Maximilienne.")
    assert gsm.segments(text) == 1


def test_a_voice_says_commune_and_departement_and_no_digit_of_the_coordinates() -> None:
    assert "Sa dernière position : à Compiègne, dans l'Oise." in told(COMPIEGNE, Channel.VOICE)
    assert "49" not in told(COMPIEGNE, Channel.VOICE)
    assert "Her last position: in Compiègne, Oise." in told(COMPIEGNE, Channel.VOICE, "en")
    assert "Sa position est dans votre message." in told(BRUSSELS, Channel.VOICE)


def test_a_mail_has_room_for_all_of_it() -> None:
    assert "Où : Beaucaire, Gard (30), à moins de 1 km des Bouches-du-Rhône (13), 43.8060,4.6450\n" in told(
        BEAUCAIRE, Channel.EMAIL
    )
    assert "Où : 50.8467,4.3525\n" in told(BRUSSELS, Channel.EMAIL)


@pytest.mark.django_db
def test_the_page_is_told_the_contract_s_place() -> None:
    position = _position(rescue(), NADIA)

    assert (position["commune"], position["insee"], position["near"]) == ("Compiègne", "60159", False)
    assert position["departement"] == {"code": "60", "name": "Oise"}
    assert position["neighbour"] is None
    assert position["beside"] == {"fr": "", "en": ""}
    assert position["where"] == {"fr": "Compiègne, Oise (60)", "en": "Compiègne, Oise (60)"}


@pytest.mark.django_db
def test_abroad_the_page_has_coordinates_alone() -> None:
    alert = rescue()
    now = timezone.now()
    tracking.store(alert, [fix(at=now, place=BRUSSELS)], sent_at=now, now=now)
    place, nadia = open_place(alert, NADIA)

    page = nadia.get(place).content.decode()

    assert _position(alert, NADIA)["commune"] is None
    assert '<p class="commune" id="where"></p>' in page
    assert "50.84670, 4.35250" in page


@pytest.mark.django_db
def test_the_page_names_the_commune_without_scripts() -> None:
    place, nadia = open_place(rescue(), NADIA)

    page = nadia.get(place).content.decode()

    assert '<p class="commune" id="where">Compiègne, Oise (60)</p>' in page


@pytest.mark.django_db
def test_of_a_whole_queue_only_the_newest_fix_is_named() -> None:
    alert, now = rescue(), timezone.now()
    lines = [
        tracking.position_line(position, now=now, named=named)
        for position in Position.objects.filter(alert=alert)
        for named in (True, False)
    ]

    assert [line["insee"] for line in lines] == ["60159", None]
    assert lines[0].keys() == lines[1].keys()


@pytest.mark.django_db
def test_the_timeline_says_where_the_click_was_in_each_language() -> None:
    opened = Event.objects.get(alert=rescue(), kind=EventKind.OPENED)

    assert timeline.words(opened) == "Marie a donné l'alerte à Compiègne (60)"
    with override("en"):
        assert timeline.words(opened).endswith(" in Compiègne (60)")


@pytest.mark.parametrize(
    ("where", "note", "spoken"),
    [
        (HAVRE, "76351", "au Havre (76)"),
        (OUESSANT, "~29155", "près d'Ouessant (29)"),
        (PARIS, "75112", "à Paris 12e (75)"),
        (BRUSSELS, "", ""),
    ],
)
def test_a_line_of_the_timeline_keeps_the_code_and_not_the_position(
    where: tuple[float, float], note: str, spoken: str
) -> None:
    assert whereabouts.note(*where) == note
    assert whereabouts.noted(note, "fr") == spoken


def test_a_commune_that_is_no_more_leaves_the_line_without_a_place() -> None:
    assert whereabouts.noted("99999", "fr") == ""


def _position(alert: Alert, person: Person) -> dict[str, Any]:
    position = snapshot.read(link_of(alert, person), now=timezone.now())["position"]
    assert isinstance(position, dict)
    return position
