"""Her three texts, and the SMS as her relatives read it."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from alerts.models import Victim
from tests.desks import with_password

pytestmark = pytest.mark.django_db
PAGE = "alerts:messages"


@pytest.fixture
def desk(marie: Victim) -> Client:
    return with_password(marie.account)


def previews(page: str) -> list[str]:
    return [html.unescape(text) for text in re.findall(r"data-preview>([^<]*)<", page)]


def test_without_words_of_hers_the_advice_of_the_service_is_read(desk: Client) -> None:
    prevention, _, rescue, _, alarm, _ = previews(desk.get(reverse(PAGE)).content.decode())

    assert prevention.startswith("PREVENTION Marie ")
    assert rescue.startswith("SECOURS Marie ")
    assert alarm.startswith("ALARME Marie ")
    assert all("/r/" in text and "17" in text for text in (prevention, rescue, alarm))


def test_her_words_are_read_where_the_advice_stood(marie: Victim, desk: Client) -> None:
    desk.post(reverse(PAGE), {"text_prevention": "Je rentre seule, gardez\nvotre téléphone."})

    marie.refresh_from_db()
    prevention, _, rescue, *_ = previews(desk.get(reverse(PAGE)).content.decode())
    assert marie.text_prevention == "Je rentre seule, gardez votre téléphone."
    assert "Je rentre seule, gardez votre téléphone. N'appelez pas Marie." in prevention
    assert "Je rentre seule" not in rescue


def test_a_look_without_scripts_stores_nothing(marie: Victim, desk: Client) -> None:
    page = desk.post(reverse(PAGE), {"text_rescue": "Venez vite", "preview": "1"}).content.decode()

    marie.refresh_from_db()
    assert "Venez vite" in previews(page)[2]
    assert marie.text_rescue == ""


def test_the_parts_around_her_words_are_handed_to_the_page(desk: Client) -> None:
    page = desk.post(reverse(PAGE), {"text_rescue": "Venez vite", "preview": "1"}).content.decode()

    before = [html.unescape(text) for text in re.findall(r'data-sms data-before="([^"]*)"', page)]
    after = [html.unescape(text) for text in re.findall(r'data-sms data-before="[^"]*" data-after="([^"]*)"', page)]
    assert f"{before[2]}Venez vite.{after[2]}" == previews(page)[2], "her words are a sentence of their own"


def test_yann_reads_her_message_in_english_and_the_others_in_french(desk: Client) -> None:
    page = html.unescape(desk.get(reverse(PAGE)).content.decode())

    assert "Lu par Nadia, Thomas, Awa, Lucie (français)" in page
    assert "Lu par Yann (anglais)" in page
    assert [text.split()[0] for text in previews(page)] == [
        "PREVENTION", "PREVENTION", "SECOURS", "RESCUE", "ALARME", "ALARM",
    ]  # fmt: skip


def test_who_is_not_told_of_a_single_click_is_not_named_there(marie: Victim, desk: Client) -> None:
    marie.contacts.filter(language="en").update(on_single=False)

    page = html.unescape(desk.get(reverse(PAGE)).content.decode())

    assert page.count("Lu par Yann (anglais)") == 2


def test_the_call_is_written_as_it_will_be_heard(desk: Client) -> None:
    page = desk.post(reverse(PAGE), {"text_alarm": "Les enfants sont à l'étage.", "preview": "1"}).content.decode()

    calls = [html.unescape(text) for text in re.findall(r"data-said>([^<]*)<", page)]
    keys = [html.unescape(text) for text in re.findall(r"data-keys>([^<]*)<", page)]
    assert len(calls) == 4
    assert calls[0].startswith("Marie appelle au secours.")
    assert "Les enfants sont à l'étage." in calls[2]
    assert calls[3].startswith("Marie raised the alarm")
    assert keys[0].startswith("Pour prendre en charge, tapez 1.")


def test_what_would_double_the_price_is_named(desk: Client) -> None:
    page = desk.post(reverse(PAGE), {"text_rescue": "Hôtel, 10 €", "preview": "1"}).content.decode()

    assert "coûterait le double : ô<" in page
    assert "Comptent pour deux : €<" in page


def test_a_text_that_makes_two_sms_says_so(desk: Client) -> None:
    page = desk.post(reverse(PAGE), {"text_rescue": "Venez vite. " * 10, "preview": "1"}).content.decode()

    assert "2 SMS, plus lents" in page


@pytest.mark.parametrize("text", ["x" * 121, "a\u202eb"])
def test_a_text_that_cannot_travel_is_refused(marie: Victim, desk: Client, text: str) -> None:
    page = desk.post(reverse(PAGE), {"text_alarm": text})

    marie.refresh_from_db()
    assert page.status_code == 200
    assert 'class="error"' in page.content.decode()
    assert marie.text_alarm == ""


def test_a_text_of_hers_is_inert_in_the_page(desk: Client) -> None:
    page = desk.post(reverse(PAGE), {"text_alarm": "</textarea><script>x</script>", "preview": "1"}).content.decode()

    assert "<script>x" not in page


@pytest.mark.parametrize(
    ("own", "sent"), [("Venez vite", "Venez vite."), ("Venez !", "Venez !"), ("Vite...", "Vite...")]
)
def test_her_words_are_a_sentence_of_their_own_in_the_text_and_in_the_call(desk: Client, own: str, sent: str) -> None:
    page = html.unescape(desk.post(reverse(PAGE), {"text_rescue": own, "preview": "1"}).content.decode())

    assert page.count(f"{sent} N'appelez pas Marie.") == 2
