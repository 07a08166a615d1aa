"""What is each relative's own: a word by which our calls are known, and whether to ring her during an alert."""

from datetime import timedelta

import pytest
from django.urls import reverse

from alerts.domain import codewords, composing, contacts
from alerts.domain.messages import gsm
from alerts.models import Contact, Delivery
from alerts.providers.base import Message
from alerts.states import AlertState, Channel, Occasion
from tests.alerts.test_profile_contacts import CARD, card_of
from tests.desks import with_password
from tests.night import Night
from tests.people import NADIA, NOON, THOMAS, Person

pytestmark = pytest.mark.django_db
CALM = "N'appelez pas Marie"


def message(night: Night, person: Person, channel: Channel) -> Message:
    return composing.message_of(night.newest(person, channel), night.alert, None, token="t" * 22)


def test_calls_and_mails_say_the_word_of_this_very_relative(night: Night) -> None:
    Contact.objects.filter(pk=night.contact(NADIA).pk).update(code_word="tournesol")
    night.click()

    assert "Mot convenu : tournesol." in message(night, NADIA, Channel.VOICE).text
    mail = message(night, NADIA, Channel.EMAIL)
    assert "tournesol" in mail.text
    assert "tournesol" in mail.html
    assert "Mot convenu" not in message(night, THOMAS, Channel.VOICE).text


def test_an_ending_says_it_too_and_a_text_has_no_room_for_it(night: Night) -> None:
    Contact.objects.update(code_word="tournesol", by_sms=False)
    night.click()
    night.closes(AlertState.CLOSED)
    ending = Delivery.objects.filter(occasion=Occasion.END, channel=Channel.EMAIL).first()

    assert ending is not None
    assert "tournesol" in composing.message_of(ending, night.alert, None, token="").text
    Contact.objects.update(by_sms=True)
    night.now += timedelta(minutes=1)
    night.click()
    assert "tournesol" not in message(night, NADIA, Channel.SMS).text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_words_are_short_distinct_and_travel_in_the_alphabet_of_texts(language: str) -> None:
    words = codewords._WORDS[language]

    assert len(words) == len(set(words)) >= 50
    assert all(gsm.is_gsm(word) and word.isalpha() and len(word) <= 12 for word in words)
    assert codewords.draw(language) in words
    assert codewords.draw("xx") in codewords._WORDS["fr"]


def test_every_relative_she_adds_has_a_word(night: Night) -> None:
    night.contact(NADIA).delete()

    assert contacts.add(night.marie, card_of(), now=NOON).code_word


def test_only_whom_she_chose_may_ring_her_during_an_alert(night: Night) -> None:
    Contact.objects.filter(pk=night.contact(NADIA).pk).update(may_ring=True)
    night.click()

    for channel in (Channel.SMS, Channel.VOICE, Channel.EMAIL):
        assert CALM not in message(night, NADIA, channel).text
        assert CALM in message(night, THOMAS, channel).text


def test_she_chooses_it_on_the_card_of_each(night: Night) -> None:
    thomas = night.contact(THOMAS)
    card = CARD | {"phone_number": THOMAS.phone_number, "may_ring": "on"}
    desk = with_password(night.marie.account)

    desk.post(reverse("alerts:contact", args=[thomas.pk]), card)
    assert Contact.objects.get(pk=thomas.pk).may_ring

    desk.post(reverse("alerts:contact", args=[thomas.pk]), CARD | {"phone_number": THOMAS.phone_number})
    assert not Contact.objects.get(pk=thomas.pk).may_ring


def test_a_relative_is_invited_as_she_is_added_if_she_leaves_the_tick(night: Night) -> None:
    for contact in night.marie.contacts.all():
        contact.delete()
    desk = with_password(night.marie.account)

    said = desk.post(reverse("alerts:contact_add"), CARD | {"invite": "on"}, follow=True).content.decode()
    assert "invitation part par SMS" in said
    assert Delivery.objects.get(occasion=Occasion.INVITATION).channel == Channel.SMS

    desk.post(reverse("alerts:contact_add"), CARD | {"phone_number": "06 39 98 00 21", "name": "Zoé"})
    assert Delivery.objects.count() == 1


def test_who_can_be_neither_written_nor_mailed_to_is_told_by_mouth(night: Night) -> None:
    night.contact(NADIA).delete()
    fixed = CARD | {"phone_number": "01 99 00 12 34", "email": "", "invite": "on"}

    said = with_password(night.marie.account).post(reverse("alerts:contact_add"), fixed, follow=True)

    assert "lisez-lui vous-même" in said.content.decode()
    assert Delivery.objects.count() == 0
