"""What travels: who, what kind, when, where, what to do; one segment, the link early, nothing hostile."""

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain import messages
from alerts.domain.messages import Place, Telling, gsm
from alerts.states import ON_CALLS, ROUNDS, AlertKind, Channel, Occasion

NINE = datetime(2026, 6, 1, 19, 4, tzinfo=UTC)  # 21:04 in Paris
LINK = "https://sos.exmpl.fr/r/" + "3fK9-_aZ" * 2 + "3fK9-_"
LONGEST_NAME = "Maximilienne"
LONGEST_PLACE = Place(text="Saint-Maximin-la-Sainte-Ba (83)"[:30])
ALERTING = (Occasion.CLICK, Occasion.UPGRADE, Occasion.UPGRADE_2, Occasion.DRILL, *ROUNDS, *ON_CALLS)
OVER = (Occasion.END, Occasion.CORRECTION)
HEADLINES = {
    ("fr", Occasion.CLICK): "SECOURS",
    ("fr", Occasion.UPGRADE): "PLUS GRAVE SECOURS",
    ("fr", Occasion.UPGRADE_2): "PLUS GRAVE SECOURS",
    ("fr", Occasion.DRILL): "EXERCICE SECOURS",
    ("fr", Occasion.END): "FIN",
    ("fr", Occasion.CORRECTION): "FIN",
    ("en", Occasion.CLICK): "RESCUE",
    ("en", Occasion.UPGRADE): "WORSE RESCUE",
    ("en", Occasion.UPGRADE_2): "WORSE RESCUE",
    ("en", Occasion.DRILL): "DRILL RESCUE",
    ("en", Occasion.END): "END",
    ("en", Occasion.CORRECTION): "END",
    **{("fr", occasion): "RAPPEL SECOURS" for occasion in ROUNDS},
    **{("en", occasion): "REMINDER RESCUE" for occasion in ROUNDS},
    **{("fr", occasion): "ASTREINTE SECOURS" for occasion in ON_CALLS},
    **{("en", occasion): "ON-CALL RESCUE" for occasion in ON_CALLS},
}


def telling(occasion: Occasion = Occasion.CLICK, language: str = "fr", **facts: object) -> Telling:
    """Marie, 21:04, Compiègne."""
    told = Telling(
        occasion=occasion,
        kind=AlertKind.RESCUE,
        name="Marie",
        at=NINE,
        time_zone="Europe/Paris",
        language=language,
        place=Place(text="49.4179,2.8261"),
        link="" if occasion in OVER else LINK,
        drill=occasion is Occasion.DRILL,
    )
    return replace(told, **facts)  # type: ignore[arg-type]


def test_a_rescue_says_who_what_kind_when_where_and_what_to_do() -> None:
    assert messages.sms(telling()) == (
        f"SECOURS Marie 21:04 49.4179,2.8261 {LINK} "
        "Ouvrez, dites qui fait quoi, appelez le 17 si danger. N'appelez pas Marie."
    )


@pytest.mark.parametrize(("language", "occasion"), HEADLINES)
def test_every_sms_begins_with_kind_name_and_her_time(language: str, occasion: Occasion) -> None:
    text = messages.sms(telling(occasion, language))

    assert text.startswith(f"{HEADLINES[language, occasion]} Marie 21:04 ")
    assert gsm.segments(text) == 1


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("occasion", ALERTING)
@pytest.mark.parametrize("kind", AlertKind)
def test_the_longest_ordinary_sms_is_one_segment_with_the_link_early(
    kind: AlertKind, occasion: Occasion, language: str
) -> None:
    text = messages.sms(telling(occasion, language, kind=kind, name=LONGEST_NAME, place=LONGEST_PLACE))

    assert gsm.segments(text) == 1
    assert gsm.is_gsm(text)
    assert LINK in text
    assert text.index(LINK) < 100
    assert LONGEST_PLACE.text in text


@pytest.mark.parametrize(
    "name", ["Marie-Antoinette de La Tour d'Auvergne", "\u9673" * 40, "\u0394\u03ae\u03bc\u03b7\u03c4\u03c1\u03b1 " * 9]
)
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("occasion", ALERTING)
@pytest.mark.parametrize("kind", AlertKind)
def test_the_longest_name_in_the_longest_commune_is_one_segment_and_keeps_its_link(
    kind: AlertKind, occasion: Occasion, language: str, name: str
) -> None:
    there = Place(text="Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson (51)", street="12 rue des Lombards")
    facts = {"kind": kind, "name": name, "place": there, "in_charge": name, "association": name}
    text = messages.sms(telling(occasion, language, **facts))

    assert gsm.segments(text) == 1
    assert gsm.is_gsm(text)
    assert LINK in text
    assert re.search(r"Saint-Remy-en-Bouze[^ ]* \(51\)", text)


def test_the_on_call_line_reads_whose_she_is_and_not_the_words_for_her_relatives() -> None:
    text = messages.sms(telling(Occasion.ON_CALL, own_text="Viens vite", association="Contre Vents"))

    assert "Contre Vents" in text
    assert "Viens vite" not in text
    assert gsm.segments(text) == 1


def test_a_reminder_with_her_own_words_says_that_nobody_is_in_charge() -> None:
    text = messages.sms(telling(Occasion.ROUND_1, own_text="Viens vite"))

    assert "Personne n'est en charge pour l'instant. Viens vite" in text


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("occasion", OVER)
def test_an_end_is_one_segment_without_a_link(occasion: Occasion, language: str) -> None:
    text = messages.sms(telling(occasion, language, name=LONGEST_NAME))

    assert gsm.segments(text) == 1
    assert "http" not in text


def test_a_false_alarm_and_an_end_differ() -> None:
    assert "Fausse alerte" in messages.sms(telling(Occasion.CORRECTION))
    assert "en sécurité" in messages.sms(telling(Occasion.END))


def test_what_does_not_fit_is_dropped_advice_first_then_the_street() -> None:
    street = "12 rue des Lombards"
    short = messages.sms(telling(place=Place(text="Compiègne (60)", street=street)))
    worse = telling(Occasion.UPGRADE, kind=AlertKind.PREVENTION, name=LONGEST_NAME)
    long = messages.sms(replace(worse, place=replace(LONGEST_PLACE, street=street * 3)))

    assert street in short
    assert "dites qui fait quoi" not in short
    assert street not in long
    assert LINK in short
    assert LINK in long
    assert gsm.segments(short) == gsm.segments(long) == 1


def test_without_a_position_the_message_says_so() -> None:
    assert "position inconnue" in messages.sms(telling(place=None))
    assert "position unknown" in messages.sms(telling(place=None, language="en"))


def test_her_own_words_replace_the_advice_and_may_lengthen() -> None:
    own = "Je rentre par le parc. " * 8
    text = messages.sms(telling(own_text=own))

    assert own.strip() in text
    assert "dites qui fait quoi" not in text
    assert text.index(LINK) < 100
    assert gsm.segments(text) == 2


def test_a_drill_never_offers_the_17() -> None:
    for language in ("fr", "en"):
        for channel in Channel:
            drill = telling(Occasion.DRILL, language, own_text="appelez le 17", place=Place(text="Compiègne (60)"))
            assert "17" not in messages.compose(drill, channel).text.replace(LINK, "")
        assert "17" not in messages.keys_spoken(language, drill=True)


def test_nobody_is_asked_not_to_call_if_she_allowed_it() -> None:
    assert "N'appelez pas" not in messages.sms(telling(phone_allowed=True))


def test_the_time_is_hers() -> None:
    assert "23:04" in messages.sms(telling(time_zone="Indian/Reunion"))


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "\x00"])
def test_a_machine_that_does_not_know_her_time_zone_tells_everybody_all_the_same(zone: str) -> None:
    for channel in Channel:
        assert "19:04 UTC" in messages.compose(telling(time_zone=zone), channel).text


def test_a_call_says_who_and_when_without_a_link() -> None:
    for occasion in (*ALERTING, *OVER):
        for language in ("fr", "en"):
            text = messages.compose(telling(occasion, language), Channel.VOICE).text
            assert "Marie" in text
            assert "http" not in text
    assert "21:04" in messages.spoken(telling())
    assert "Compiègne" in messages.spoken(telling(place=Place(text="Compiègne (60)", spoken="Compiègne, Oise")))
    assert "49.4179" not in messages.spoken(telling())
    assert "inconnue" in messages.spoken(telling(place=None))


@pytest.mark.parametrize(("language", "occasion"), HEADLINES)
def test_a_mail_carries_everything_and_a_subject_of_one_line(language: str, occasion: Occasion) -> None:
    mail = messages.compose(telling(occasion, language, name="Ma\r\nBcc: paul@example.org"), Channel.EMAIL)

    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    assert mail.subject.startswith(HEADLINES[language, occasion])
    assert (LINK in mail.text) == (occasion not in OVER)
    if occasion not in OVER:
        assert "49.4179,2.8261" in mail.text


def test_a_language_that_nobody_translated_is_french() -> None:
    assert messages.sms(telling(language="br")) == messages.sms(telling(language="fr"))


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("François", "Francois"),
        ("Anaïs, Zoë", "Anais, Zoe"),
        ("l’été « là » …", 'l\'été " là " ...'),
        ("cœur À È ê ô", "coeur A E e o"),
        ("Łucja", "Lucja"),
        ("Фатима", "Fatima"),
        ("é è à ù É Ç", "é è à ù É Ç"),
    ],
)
def test_an_sms_keeps_the_meaning_in_its_own_alphabet(written: str, sent: str) -> None:
    assert gsm.to_gsm(written) == sent


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the euro sign is not cut in two
        ("ê" * 70, 1),
        ("ê" * 71, 2),
        ("ê" * 134, 2),
        ("ê" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments_are_counted_as_the_network_counts(text: str, segments: int) -> None:
    assert gsm.segments(text) == segments


hostile = st.text(max_size=200)


@given(texts=st.tuples(hostile, hostile, hostile, hostile), occasion=st.sampled_from(ALERTING))
def test_no_text_of_people_costs_the_link_or_the_alphabet(texts: tuple[str, str, str, str], occasion: Occasion) -> None:
    name, own, street, place = texts
    told = telling(occasion, name=name, own_text=own, place=Place(text=place, street=street))
    for channel in (Channel.SMS, Channel.EMAIL):
        assert LINK in messages.compose(told, channel).text
    text = messages.sms(told)
    assert gsm.is_gsm(text)
    assert not any(unicodedata.category(character) == "Cc" for character in text)
    assert not any(unicodedata.category(character)[0] == "C" for character in messages.spoken(told))
    assert "\n" not in messages.compose(told, Channel.EMAIL).subject


@given(name=hostile)
def test_a_name_is_never_a_link_nor_a_second_line(name: str) -> None:
    clean = messages.clean_name(name)
    assert not set(clean) & set("./:@<>&\n\r\u202e\u200f")
    assert len(clean) <= 40
    assert gsm.segments(messages.sms(telling(name=name))) <= 2


def test_a_name_of_nothing_is_somebody() -> None:
    assert messages.sms(telling(name="\u202e\n")).startswith("SECOURS Une personne 21:04")
