"""Texts to our number: Marie without data, Nadia on her way, and everybody to whom silence is the only answer."""

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import alerting, claiming, contacts, deliveries, inbound, throttling, timeline, tracking
from alerts.domain.messages import gsm, replies, wording
from alerts.domain.responding import Act, take_charge
from alerts.models import Alert, Click, Contact, Event, Hook, Link, Phone, Victim
from alerts.models.fields import digest
from alerts.providers.base import Standing
from alerts.states import AlertKind, AlertState, Channel, ContactState, DeliveryState, EventKind, Gesture
from tests import hooks, twilio
from tests.people import (
    AWA,
    LUCIE,
    MARIES_NUMBER,
    NADIA,
    PAUL,
    THOMAS,
    YANN,
    Person,
    make_marie,
    make_phone,
)

pytestmark = pytest.mark.django_db

NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
OUR_NUMBER = "+33644600000"
HOSTILE = (
    "\x00",
    "\u202e1\u202c" * 300,
    "<Message>1</Message>",
    "\U0001f600" * 800,
    "'; DROP TABLE alerts_alert; --",
    "\r\n1",
)


@pytest.fixture(autouse=True)
def _number(settings: Settings) -> None:
    settings.SHERIF = replace(
        settings.SHERIF,
        public_url=hooks.PUBLIC_URL,
        inbound_number=OUR_NUMBER,
        twilio_auth_token=twilio.TOKEN,
        twilio_auth_token_secondary=twilio.SECOND_TOKEN,
    )


@pytest.fixture
def rescue(phone: Phone) -> Alert:
    return called_for_help(phone)


def called_for_help(phone: Phone, gesture: Gesture = Gesture.DOUBLE, *, drill: bool = False) -> Alert:
    """An alert of hers, given by her telephone a minute ago."""
    at = timezone.now() - timedelta(minutes=1)
    report = alerting.ClickReport(uid=uuid4(), gesture=gesture, clicked_at=at, sent_at=at)
    return alerting.receive_click(phone, report, now=at, drill=drill).alert


def texted(body: str, *, by: str, sid: str = "", token: str = twilio.TOKEN, **more: str) -> Any:
    """A text as Twilio hands it over, and what we answer to Twilio."""
    form = {
        "MessageSid": sid or f"SM{uuid4().hex}",
        "AccountSid": twilio.ACCOUNT,
        "From": by,
        "To": OUR_NUMBER,
        "Body": body,
        "NumMedia": "0",
        **more,
    }
    return hooks.post(reverse("alerts:twilio_sms"), form, token=token)


def heard(body: str, *, by: str, sid: str = "", **more: str) -> str:
    """What the sender of a text gets back: the words of an SMS, or nothing."""
    answer = texted(body, by=by, sid=sid, **more)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    words = ET.fromstring(answer.content.decode()).find("Message")  # noqa: S314 - our own
    if words is None:
        assert answer.content.decode() == NOTHING
        return ""
    assert words.attrib["to"] == by
    return str(words.text)


def contact_named(victim: Victim, person: Person) -> Contact:
    return victim.contacts.get(phone_digest=digest("number", person.phone_number))


def lines(alert: Alert) -> list[tuple[str, str]]:
    """The kinds of lines and which way they came."""
    return list(Event.objects.filter(alert=alert).values_list("kind", "by").order_by("sequence"))


def in_charge(alert: Alert) -> str:
    """Who is in charge now."""
    now = Alert.objects.select_related("in_charge").get(pk=alert.pk).in_charge
    return now.name if now else ""


# ---- Marie's own telephone ----


@pytest.mark.parametrize(
    ("body", "kind"),
    [("1", AlertKind.PREVENTION), ("2", AlertKind.RESCUE), ("À l'aide", AlertKind.RESCUE), ("3", AlertKind.ALARM)],
)
def test_a_text_from_her_telephone_is_a_click(phone: Phone, body: str, kind: AlertKind) -> None:
    heard(body, by=MARIES_NUMBER)

    alert = Alert.objects.get()
    assert (alert.kind, alert.state, alert.drill) == (kind, AlertState.OPEN, False)
    assert Click.objects.get().phone == phone
    assert alert.deliveries.values("contact").distinct().count() == 5
    assert lines(alert) == [(EventKind.OPENED, "sms")]
    assert timeline.words(Event.objects.get()) == "Marie a donné l'alerte (par SMS)"


@pytest.mark.parametrize(("language", "words"), [("fr", "C'est noté."), ("en", "Got it.")])
def test_she_is_answered_in_words_that_tell_nothing_to_who_reads_over_her_shoulder(
    phone: Phone, language: str, words: str
) -> None:
    Victim.objects.update(language=language)
    assert heard("2", by=MARIES_NUMBER) == words


def test_where_no_number_of_ours_can_be_written_to_nothing_is_answered_and_the_click_counts(
    settings: Settings, phone: Phone
) -> None:
    settings.SHERIF = replace(settings.SHERIF, inbound_number="")
    assert heard("2", by=MARIES_NUMBER) == ""
    assert Alert.objects.count() == 1


def test_a_position_in_the_text_is_where_she_is(phone: Phone) -> None:
    heard("2 https://maps.google.com/?q=48.8566,2.3522", by=MARIES_NUMBER)

    newest = tracking.newest(Alert.objects.get())
    assert newest is not None
    assert (newest.latitude, newest.longitude, newest.accuracy) == (48.8566, 2.3522, None)
    assert tracking.freshness(newest, now=timezone.now()) is tracking.Freshness.LIVE


def test_a_wrong_position_never_costs_the_click(phone: Phone) -> None:
    heard("2 4885.66,2.3522", by=MARIES_NUMBER)
    assert tracking.newest(Alert.objects.get()) is None


def test_the_same_text_again_is_one_click(phone: Phone) -> None:
    for _ in range(3):
        texted("2", by=MARIES_NUMBER, sid="SM1")
    Hook.objects.all().delete()  # two days later
    texted("2", by=MARIES_NUMBER, sid="SM1")

    assert Click.objects.count() == 1
    assert lines(Alert.objects.get()) == [(EventKind.OPENED, "sms")]


def test_a_text_and_a_tap_are_one_alert(phone: Phone, rescue: Alert) -> None:
    heard("3", by=MARIES_NUMBER)

    rescue.refresh_from_db()
    assert rescue.kind == AlertKind.ALARM
    assert lines(rescue)[-1] == (EventKind.UPGRADED, "sms")
    assert Alert.objects.count() == 1


def test_a_text_during_a_drill_is_no_part_of_it(phone: Phone) -> None:
    drill = called_for_help(phone, drill=True)
    heard("1", by=MARIES_NUMBER)

    assert Alert.objects.get(state=AlertState.OPEN).drill is False
    assert Alert.objects.get(pk=drill.pk).state == AlertState.EXPIRED


@pytest.mark.parametrize("body", ["0", "STOP", "fin", "4711", "4712", "je suis en sécurité", "ok", "9", ""])
def test_no_text_of_hers_ends_an_alert_or_sends_anything(phone: Phone, rescue: Alert, body: str) -> None:
    before = (rescue.deliveries.count(), lines(rescue))

    assert heard(body, by=MARIES_NUMBER) == ""

    rescue.refresh_from_db()
    assert rescue.state == AlertState.OPEN
    assert (rescue.deliveries.count(), lines(rescue)) == before


def test_a_telephone_that_is_not_paired_any_more_gives_no_alert(phone: Phone) -> None:
    Phone.objects.update(revoked_at=timezone.now())
    assert heard("2", by=MARIES_NUMBER) == ""
    assert not Alert.objects.exists()


def test_her_click_is_that_of_the_telephone_seen_last(marie: Victim, phone: Phone) -> None:
    other = make_phone(marie, "another token", "another osmand")
    Phone.objects.filter(pk=phone.pk).update(seen_at=timezone.now())
    heard("2", by=MARIES_NUMBER)
    assert Click.objects.get().phone == phone != other


def test_paul_who_registers_her_number_neither_takes_her_click_away_nor_learns_where_she_is(
    marie: Victim, phone: Phone
) -> None:
    """Nothing proves the number of an account: hers is served first, and his gets no place."""
    pauls = make_marie("paul", relatives=(PAUL,))
    Phone.objects.filter(pk=make_phone(pauls, "pauls token", "pauls osmand").pk).update(seen_at=timezone.now())

    assert heard("2 48.8566,2.3522", by=MARIES_NUMBER) == "C'est noté."

    hers, his = Alert.objects.get(victim=marie), Alert.objects.get(victim=pauls)
    assert hers.deliveries.values("contact").distinct().count() == 5
    assert tracking.newest(hers) is not None
    assert tracking.newest(his) is None


# ---- Her contacts ----


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


# ---- One number, two people ----


@pytest.fixture
def nadia_too(rescue: Alert) -> Phone:
    """Nadia is told of Marie's alert, and wears a button of her own."""
    nadia = make_marie("nadia", relatives=(AWA,))
    Victim.objects.filter(pk=nadia.pk).update(
        name="Nadia", phone_number=NADIA.phone_number, phone_digest=digest("number", NADIA.phone_number)
    )
    return make_phone(nadia, "nadias token", "nadias osmand")


def test_a_bare_one_is_her_own_click_even_while_she_is_told_of_another_alert(nadia_too: Phone, rescue: Alert) -> None:
    """A needless warning is a nuisance; a lost one, or calls that stop by a misunderstanding, may be a death."""
    assert heard("1", by=NADIA.phone_number) == "C'est noté. Si vous répondiez à un message, écrivez OK."
    assert Alert.objects.get(victim=nadia_too.victim).kind == AlertKind.PREVENTION
    assert in_charge(rescue) == ""


@pytest.mark.parametrize("body", ["ok", "J'y vais", "1 j'y vais", "oui"])
def test_what_is_written_out_is_an_answer(nadia_too: Phone, rescue: Alert, body: str) -> None:
    heard(body, by=NADIA.phone_number)
    assert in_charge(rescue) == "Nadia"
    assert not Alert.objects.filter(victim=nadia_too.victim).exists()


@pytest.mark.parametrize("body", ["2", "3", "SOS", "1 48.8566,2.3522"])
def test_what_can_only_be_a_click_is_one(nadia_too: Phone, rescue: Alert, body: str) -> None:
    assert heard(body, by=NADIA.phone_number) == "C'est noté."
    assert Alert.objects.filter(victim=nadia_too.victim).exists()
    assert in_charge(rescue) == ""


def test_without_a_live_alert_of_somebody_else_one_is_a_click_like_any_other(nadia_too: Phone, rescue: Alert) -> None:
    alerting.close(rescue, AlertState.CLOSED, reason="safe", now=timezone.now())
    assert heard("1", by=NADIA.phone_number) == "C'est noté."
    assert Alert.objects.filter(victim=nadia_too.victim).exists()


# ---- Everybody else ----


def cut_off(alert: Alert) -> None:
    Link.objects.filter(alert=alert, contact__rank=1).update(cut_off_at=timezone.now())


def became(state: ContactState) -> Callable[[Alert], None]:
    def change(alert: Alert) -> None:
        Contact.objects.filter(victim=alert.victim, rank=1).update(state=state)

    return change


def removed_before(alert: Alert) -> None:
    alert.deliveries.filter(contact__rank=1).delete()
    Link.objects.filter(alert=alert, contact__rank=1).delete()
    Contact.objects.filter(victim=alert.victim, rank=1).update(state=ContactState.REMOVED)


@pytest.mark.parametrize("body", ["1", "2", "ok", "non", "SOS", "STOP", "START", "qui êtes-vous ?", *HOSTILE])
def test_paul_learns_nothing_whatever_he_writes(rescue: Alert, body: str) -> None:
    before = lines(rescue)
    answer = texted(body, by=PAUL.phone_number)

    assert (answer.status_code, answer.content.decode()) == (200, NOTHING)
    assert lines(rescue) == before
    assert in_charge(rescue) == ""
    assert Alert.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        cut_off,
        became(ContactState.DECLINED),
        became(ContactState.WITHDRAWN),
        became(ContactState.DECOY),
        removed_before,
    ],
)
@pytest.mark.parametrize("body", ["1", "ok", "9"])
def test_who_is_not_told_gets_the_silence_of_a_stranger(
    rescue: Alert, change: Callable[[Alert], None], body: str
) -> None:
    change(rescue)
    before = lines(rescue)

    answer, strangers = texted(body, by=NADIA.phone_number), texted(body, by=PAUL.phone_number)

    assert (answer.status_code, answer.content) == (strangers.status_code, strangers.content)
    assert dict(answer.headers) == dict(strangers.headers)
    assert lines(rescue) == before


def test_a_contact_of_a_quiet_day_gets_the_silence_of_a_stranger(phone: Phone) -> None:
    assert heard("ok", by=NADIA.phone_number) == heard("ok", by=PAUL.phone_number) == ""


@pytest.mark.parametrize("body", ["qui est-ce ?", "merci", "ok mais je ne peux pas", *HOSTILE])
def test_a_text_of_a_contact_that_does_not_fit_changes_nothing(rescue: Alert, body: str) -> None:
    before = lines(rescue)
    answer = heard(body, by=LUCIE.phone_number)
    if "1" not in body:
        assert answer == ""
        assert lines(rescue) == before


@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_texts_from_her_number_break_nothing(phone: Phone, body: str) -> None:
    assert texted(body, by=MARIES_NUMBER).status_code == 200


@pytest.mark.parametrize(
    "number", ["", "17", "36180", "MonSherif", "whatsapp:+33639980001", "+33", "\x00", "+" + "9" * 40, "client:nadia"]
)
def test_a_sender_that_is_no_telephone_is_nobody(rescue: Alert, number: str) -> None:
    assert texted("1", by=number).content.decode() == NOTHING
    assert in_charge(rescue) == ""


def test_a_text_without_the_networks_signature_does_nothing(phone: Phone) -> None:
    path = reverse("alerts:twilio_sms")
    form = {"MessageSid": "SM1", "From": MARIES_NUMBER, "To": OUR_NUMBER, "Body": "2"}
    for token in ("another token", ""):
        assert hooks.post(path, form, token=token).status_code == 403
    assert hooks.post(path, form, signature="").status_code == 403
    assert not Alert.objects.exists()


def test_neither_text_nor_number_nor_name_reaches_a_log(rescue: Alert, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    for number in (MARIES_NUMBER, NADIA.phone_number, PAUL.phone_number):
        for body in ("2 48.8566,2.3522", "j'y vais", "STOP", "zebra"):
            texted(body, by=number)
    said = caplog.text
    for secret in (MARIES_NUMBER, NADIA.phone_number, PAUL.phone_number, "48.85", "vais", "STOP", "zebra", "Nadia"):
        assert secret not in said


# ---- Floods ----


def test_a_flood_of_answers_is_bounded(rescue: Alert) -> None:
    now = timezone.now()
    for count in range(60):
        body = ("ok", "9")[count % 2]
        inbound.receive(inbound.Text(number=NADIA.phone_number, body=body, sid=f"SM{count}"), now=now)

    assert len(lines(rescue)) <= 1 + 2 * throttling.MOST
    after = inbound.receive(inbound.Text(number=THOMAS.phone_number, body="ok", sid="SMT"), now=now)
    assert after is not None, "another number is not held back"


def test_a_flood_from_her_number_never_holds_back_a_click_that_tells_somebody(phone: Phone) -> None:
    now = timezone.now()

    def text(body: str, count: int) -> inbound.Reply | None:
        return inbound.receive(inbound.Text(number=MARIES_NUMBER, body=body, sid=f"{body}{count}"), now=now)

    for count in range(60):
        text("1", count)
    alert = Alert.objects.get()
    assert [kind for kind, _ in lines(alert)].count(EventKind.CLICKED) == throttling.MOST
    assert text("2", 61) is not None
    assert text("3", 62) is not None
    alert.refresh_from_db()
    assert alert.kind == AlertKind.ALARM

    alerting.close(alert, AlertState.CLOSED, reason="safe", now=now)
    assert text("1", 63) is not None
    assert Alert.objects.count() == 2


def test_after_ten_minutes_a_number_is_listened_to_again(rescue: Alert) -> None:
    now, number = timezone.now(), digest("number", NADIA.phone_number)
    assert [throttling.passes(number, now=now) for _ in range(21)] == [True] * 20 + [False]
    assert throttling.passes(number, now=now + throttling.WITHIN)


def test_the_counter_holds_no_number(rescue: Alert) -> None:
    heard("ok", by=NADIA.phone_number)
    assert all(re.fullmatch(r"[0-9a-f]{64}", hook.fingerprint) for hook in Hook.objects.all())


# ---- Words ----


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
