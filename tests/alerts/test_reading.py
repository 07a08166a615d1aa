"""What a trembling hand writes, and what it means: any text is read, none is misread as an answer."""

import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain import placing, reading
from alerts.domain.placing import Place
from alerts.domain.reading import Answer, Choice, Meaning
from alerts.states import Gesture

PARIS = Place(latitude=48.8566, longitude=2.3522)
LATITUDES = st.floats(-90, 90).map(lambda degrees: round(degrees, 5))
LONGITUDES = st.floats(-180, 180).map(lambda degrees: round(degrees, 5))


@pytest.mark.parametrize(
    "text", ["1", " 1 ", "1.", "un", "UN", "one", "Simple", "1 je rentre", "(1)", "\uff11", "\u0661"]
)
def test_one_is_a_single_click(text: str) -> None:
    assert reading.read(text).gesture is Gesture.SINGLE


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2",
            "2!!",
            "\t2\r\n",
            "2 2 2",
            "deux",
            "Deux",
            "two",
            "2 venez vite",
            "2,",
            "2\ufe0f\u20e3",
            "\u202e2\u202c",
        ),
        *(
            "SOS",
            "sos sos",
            "s\u00f3s",
            "\U0001f198",
            "aide",
            "Aidez-moi",
            "\u00c0 l'aide !",
            "au secours",
            "besoin d'aide",
        ),
        *("Help", "HELP ME", "urgence", "Urgent", "\x002\x00", "2\u200b", "\u200b 2", "2 90.1,200"),
    ],
)
def test_two_and_every_cry_for_help_is_a_double_click(text: str) -> None:
    assert reading.read(text).gesture is Gesture.DOUBLE


@pytest.mark.parametrize("text", ["3", "trois", "three", "long", "ALARME", "alarm", "3 vite"])
def test_three_is_a_long_press(text: str) -> None:
    assert reading.read(text).gesture is Gesture.LONG


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "0", "4", "12", "22", "2e", "1,5 km", "2.3522,48.8566", "3919", "17", "bonjour", "long time no see"),
        *("un souci", "double clic", "fin", "STOP", "je suis en s\u00e9curit\u00e9", "\u2160"),
    ],
)
def test_anything_else_is_no_click(text: str) -> None:
    assert reading.read(text).gesture is None


@pytest.mark.parametrize(
    "written",
    [
        *(
            "48.8566,2.3522",
            "48.8566, 2.3522",
            "48.8566 2.3522",
            "48,8566 2,3522",
            "48,8566,2,3522",
            "48,8566 ; 2,3522",
        ),
        *(
            "48.8566\u00b0 N, 2.3522\u00b0 E",
            "48,8566\u00ba N 2,3522\u00ba E",
            "lat 48.8566 lon 2.3522",
            "+48.8566,+2.3522",
        ),
        *("geo:48.8566,2.3522", "geo:48.8566,2.3522;u=35", "geo:48.8566,2.3522?q=48.8566,2.3522(Moi)"),
        *("https://maps.google.com/?q=48.8566,2.3522", "https://maps.google.com/maps?q=48.8566%2C2.3522&z=17"),
        *("https://www.google.com/maps/@48.8566,2.3522,17z", "https://www.google.com/maps?q=loc:48.8566,2.3522"),
        "https://www.google.com/maps/place/Ici/@48.1,2.1,15z/data=!4m6!3m5!8m2!3d48.8566!4d2.3522",
        *(
            "https://maps.apple.com/?ll=48.8566,2.3522",
            "https://maps.apple.com/place?coordinate=48.8566,2.3522&name=Ici",
        ),
        "https://www.openstreetmap.org/?mlat=48.8566&mlon=2.3522#map=12/48.1/2.1",
        *("https://www.openstreetmap.org/#map=17/48.8566/2.3522", "j'y suis 48.8566,2.3522 venez"),
    ],
)
def test_a_position_is_read_as_people_copy_it(written: str) -> None:
    assert reading.read(f"2 {written}") == Meaning(gesture=Gesture.DOUBLE, place=PARIS)
    assert reading.read(f"2,{written}").place == PARIS


def test_south_and_west_are_read_in_both_languages() -> None:
    assert reading.read("2 12.9789\u00b0 S, 38.4539\u00b0 W").place == Place(latitude=-12.9789, longitude=-38.4539)
    assert reading.read("2 16,2411 N 61,5331 O").place == Place(latitude=16.2411, longitude=-61.5331)
    assert reading.read("2 -21.1151,55.5364").place == Place(latitude=-21.1151, longitude=55.5364)


@pytest.mark.parametrize(
    "written",
    [
        *("91.0,2.0", "48.85,181.5", "0.0,0.0", "48.8566", "48,2", "nan,nan", "1e999,1.0", "999.9,999.9"),
        *("https://maps.app.goo.gl/AbCdEf", "https://osm.org/go/0BOdUs9f", "06 39 98 00 01", "geo:,"),
    ],
)
def test_a_wrong_position_is_left_out_and_the_click_stays(written: str) -> None:
    assert reading.read(f"2 {written}") == Meaning(gesture=Gesture.DOUBLE)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1",
            "un",
            "ok",
            "OK",
            "Ok!",
            "okay",
            "d'accord",
            "oui",
            "Oui merci",
            "yes",
            "YES",
            "J'y vais",
            "j\u2019y vais",
        ),
        *("jy vais", "JY VAIS", "Ok j'y vais !", "je m'en occupe", "Oui, je m'en occupe tout de suite", "j'arrive"),
        *(
            "on my way",
            "On my way!",
            "I'm on it",
            "i\u2019m on it, thanks",
            "1 ok",
            "1 j'y vais",
            "je prends en charge",
        ),
    ],
)
def test_a_contact_takes_charge_in_few_words(text: str) -> None:
    assert reading.read(text).answer is Answer.TAKE_CHARGE


@pytest.mark.parametrize(
    "text",
    [
        "9",
        "neuf",
        "non",
        "Non d\u00e9sol\u00e9e",
        "je ne peux pas",
        "Je peux pas",
        "no",
        "I can't",
        "sorry, no",
        "impossible",
    ],
)
def test_a_contact_who_cannot_help_says_so(text: str) -> None:
    assert reading.read(text).answer is Answer.DECLINE


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ok mais je ne peux pas",
            "oui mais non",
            "ok ?? c'est qui",
            "je n'y vais pas",
            "pas ok",
            "merci",
            "vite",
            "2",
        ),
        *(
            "qui est en charge",
            "je crois que oui",
            "oui, appelez Thomas",
            "no way",
            "not on my way",
            "",
            "0",
            "99",
            "11",
        ),
    ],
)
def test_what_is_not_understood_whole_is_no_answer(text: str) -> None:
    """A wrong take-charge would stop the calls to everybody else."""
    assert reading.read(text).answer is None


@pytest.mark.parametrize(
    "text", ["STOP", "stop", "Stop.", "ARRET", "Arr\u00eat", "STOP 36180", "stop sms", "UNSUBSCRIBE", "StopAll"]
)
def test_stop_is_understood_in_both_languages(text: str) -> None:
    assert reading.read(text).choice is Choice.STOP


@pytest.mark.parametrize("text", ["stop j'arrive", "ne pas s'arr\u00eater", "stop ou encore", "non stop", "arretez-le"])
def test_a_sentence_with_stop_in_it_stops_nothing(text: str) -> None:
    assert reading.read(text).choice is None


@pytest.mark.parametrize("text", ["START", "unstop", "Reprendre"])
def test_start_takes_a_stop_back(text: str) -> None:
    assert reading.read(text).choice is Choice.START


def test_only_a_lone_figure_leaves_open_what_it_answers() -> None:
    assert all(reading.read(text).is_bare for text in ("1", " 1! ", "un", "9"))
    assert not any(reading.read(text).is_bare for text in ("ok", "1 j'y vais", "1 ok", "2", "1 1", ""))


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert isinstance(reading.read(text), Meaning)


@given(st.text(alphabet="0123456789.,;+- \u00b0nsewo!@:/=&%#qdglmaptx3", max_size=80))
def test_a_position_that_is_read_is_on_earth(text: str) -> None:
    place = reading.read(f"2 {text}").place
    assert place is None or (abs(place.latitude) <= 90 and abs(place.longitude) <= 180)


@given(latitude=LATITUDES, longitude=LONGITUDES)
def test_every_place_on_earth_can_be_written(latitude: float, longitude: float) -> None:
    point, comma = f"{latitude:.5f},{longitude:.5f}", f"{latitude:.5f} {longitude:.5f}".replace(".", ",")
    expected = None if (latitude, longitude) == (0, 0) else Place(latitude=latitude, longitude=longitude)
    for written in (point, comma, f"geo:{point}", f"https://maps.google.com/?q={quote(point)}"):
        assert reading.read(f"2 {written}").place == expected


@pytest.mark.parametrize(
    "part", ["1.1,", "ok ", "merci ", "%25", "48.8566 ", "!3d", "\u202e", "a ", "-", "1", "((((", "\U0001f198"]
)
def test_the_longest_hostile_text_is_read_at_once(part: str) -> None:
    began = time.perf_counter()
    reading.read("2 " + part * 20_000)
    placing.read(part * (reading.MOST_CHARACTERS // len(part)))
    assert time.perf_counter() - began < 1
