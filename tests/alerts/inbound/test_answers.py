"""Nadia on her way: a text of a contact's takes charge."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.domain import alerting, claiming, contacts, deliveries, inbound, timeline
from alerts.domain.messages import gsm, replies, wording
from alerts.domain.responding import Act, take_charge
from alerts.models import Alert, Event, Phone, Victim
from alerts.providers.base import Standing
from alerts.states import AlertState, Channel, DeliveryState, EventKind
from tests.people import (
    NADIA,
    THOMAS,
    YANN,
    make_marie,
    make_phone,
)
from tests.texting import called_for_help, contact_named, heard, in_charge, lines

pytestmark = pytest.mark.django_db


def test_a_contact_takes_charge_by_sms_and_everybody_reads_how(rescue: Alert) -> None:
    words = heard("J'y vais !", by=NADIA.phone_number)

    assert words == (
        "Noté par SMS : vous prenez en charge l'alerte de Marie. Ce n'est pas vous ? Ouvrez le lien de votre message."
    )
    assert in_charge(rescue) == "Nadia"
    assert lines(rescue)[-1] == (EventKind.TAKE_CHARGE, "sms")
    assert timeline.words(Event.objects.order_by("sequence").last() or Event()) == "Nadia prend en charge (par SMS)"


def test_a_contact_is_answered_in_her_or_his_own_language(rescue: Alert) -> None:
    assert heard("ok", by=YANN.phone_number) == (
        "Noted by SMS: you are in charge of the alert of Marie. Not you? Open the link in your message."
    )


def test_who_comes_second_reads_who_was_first(rescue: Alert) -> None:
    heard("1", by=NADIA.phone_number)
    words = heard("oui", by=THOMAS.phone_number)

    assert words == "Nadia a déjà pris en charge l'alerte de Marie. Ouvrez le lien de votre message pour aider."
    assert in_charge(rescue) == "Nadia"


def test_saying_it_twice_is_one_line(rescue: Alert) -> None:
    first, again = heard("ok", by=NADIA.phone_number), heard("ok j'y vais", by=NADIA.phone_number)

    assert first == again
    assert [kind for kind, _ in lines(rescue)].count(EventKind.TAKE_CHARGE) == 1


def test_a_reply_shows_that_a_human_got_the_text(rescue: Alert) -> None:
    claiming.claim(rescue.pk, worker="w", now=timezone.now())
    texts = rescue.deliveries.filter(channel=Channel.SMS)
    for text in texts:
        deliveries.receive_receipt(text.pk, Standing(state=DeliveryState.DELIVERED), now=timezone.now())

    heard("non", by=NADIA.phone_number)

    states = dict(texts.values_list("contact__rank", "state"))
    assert states == {1: DeliveryState.ANSWERED, **dict.fromkeys(range(2, 6), DeliveryState.DELIVERED)}


def test_a_contact_who_cannot_help_is_a_line_for_the_others(rescue: Alert) -> None:
    words = heard("Je ne peux pas, désolée", by=NADIA.phone_number)

    assert words == "Noté par SMS : vous ne pouvez pas aider Marie. Si c'est faux, répondez OK."
    assert lines(rescue)[-1] == (EventKind.DECLINED, "sms")
    assert timeline.words(Event.objects.order_by("sequence").last() or Event()) == "Nadia a répondu non (par SMS)"


def test_who_is_in_charge_and_cannot_any_more_gives_it_back(rescue: Alert) -> None:
    heard("ok", by=NADIA.phone_number)
    heard("9", by=NADIA.phone_number)

    assert in_charge(rescue) == ""
    assert [kind for kind, _ in lines(rescue)][-3:] == [
        EventKind.TAKE_CHARGE,
        EventKind.RELEASE,
        EventKind.DECLINED,
    ]


def test_two_from_a_contact_says_nothing_again(rescue: Alert) -> None:
    """A link travels once: to send it again a new one would have to be drawn, by whoever writes from this number."""
    assert heard("2", by=NADIA.phone_number) == ""
    assert in_charge(rescue) == ""


def test_under_duress_a_contact_still_takes_charge(rescue: Alert) -> None:
    alerting.close(rescue, AlertState.CLOSED_UNDER_DURESS, reason="safe", now=timezone.now())
    heard("ok", by=NADIA.phone_number)
    assert in_charge(rescue) == "Nadia"


def test_whoever_holds_her_telephone_and_removes_a_contact_does_not_silence_that_contact(rescue: Alert) -> None:
    alerting.close(rescue, AlertState.CLOSED_UNDER_DURESS, reason="safe", now=timezone.now())
    contacts.remove(contact_named(rescue.victim, NADIA), now=timezone.now())
    heard("ok", by=NADIA.phone_number)
    assert in_charge(rescue) == "Nadia"


def test_an_answer_after_the_end_is_told_so_for_a_day_and_then_no_more(rescue: Alert) -> None:
    alerting.close(rescue, AlertState.CLOSED, reason="safe", now=timezone.now())
    assert heard("ok", by=NADIA.phone_number) == "L'alerte de Marie est terminée. Dans le doute, appelez le 17."

    Alert.objects.update(ended_at=timezone.now() - timedelta(hours=25))
    assert heard("ok", by=NADIA.phone_number) == ""
    assert in_charge(rescue) == ""


def test_after_a_drill_nobody_reads_of_the_17(phone: Phone) -> None:
    drill = called_for_help(phone, drill=True)
    assert heard("ok", by=NADIA.phone_number).startswith("EXERCICE. ")
    alerting.close(drill, AlertState.CLOSED, reason="safe", now=timezone.now())
    assert heard("ok", by=THOMAS.phone_number) == "L'exercice de Marie est terminé. Merci."


def test_the_same_answer_again_is_never_an_answer_to_another_alert(rescue: Alert) -> None:
    text = inbound.Text(number=NADIA.phone_number, body="ok", sid="SM9")
    inbound.receive(text, now=timezone.now())
    lucies = make_marie("lucie", relatives=(NADIA,))
    other = called_for_help(make_phone(lucies, "lucies token", "lucies osmand"))

    inbound.receive(text, now=timezone.now())

    assert in_charge(rescue) == "Nadia"
    assert in_charge(other) == ""


def test_the_on_call_line_answers_the_newest_alert_that_nobody_took(rescue: Alert) -> None:
    """One number is told of many alerts; a drill of another woman never stands before a danger."""
    others = [
        called_for_help(
            make_phone(make_marie(name, relatives=(NADIA,)), f"{name} token", f"{name} osmand"), drill=drill
        )
        for name, drill in (("ines", False), ("lea", True))
    ]
    newest, drill = others

    heard("ok", by=NADIA.phone_number)
    assert (in_charge(newest), in_charge(rescue), in_charge(drill)) == ("Nadia", "", "")
    heard("ok", by=NADIA.phone_number)
    assert (in_charge(rescue), in_charge(drill)) == ("Nadia", "")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "name", ["Marie", "Maximilienne-Charlotte d'Artagnan", "王小明王小明王小明", "Łukasz", "\u202e", "Ж" * 40]
)
@pytest.mark.parametrize("drill", [False, True])
def test_every_reply_is_one_segment_without_a_link(language: str, name: str, *, drill: bool) -> None:
    say = replies.Speaker(language=language, name=name, drill=drill)
    told = [
        *(replies.clicked(language, or_answered=answered) for answered in (False, True)),
        *(say.taken(), say.taken_by(name), say.declined(), say.over()),
    ]
    assert all(gsm.is_gsm(words) for key, words in vars(wording.of(language)).items() if key.startswith("reply_"))
    for words in told:
        assert gsm.is_gsm(words)
        assert gsm.segments(words) == 1
        assert "http" not in words


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_reaches_her_own_telephone_names_nobody_and_nothing(language: str) -> None:
    for answered in (False, True):
        words = replies.clicked(language, or_answered=answered).lower()
        assert not re.search("alert|secours|help|sos|danger|17|marie|urgen|emergen|police|proche", words)


def test_a_name_that_is_markup_stays_a_name(rescue: Alert) -> None:
    Victim.objects.update(name="Marie</Message><Message to='+33639980009'>1")
    assert heard("ok", by=NADIA.phone_number).startswith(
        "Noté par SMS : vous prenez en charge l'alerte de Marie Message"
    )


def test_a_take_charge_on_the_page_is_found_by_a_text_that_comes_later(rescue: Alert) -> None:
    take_charge(rescue.pk, contact_named(rescue.victim, THOMAS), Act(by="page"), now=timezone.now())
    assert "Thomas a déjà pris en charge" in heard("1", by=NADIA.phone_number)
