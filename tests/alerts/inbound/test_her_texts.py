"""Marie without data: a text of hers is a click."""

from dataclasses import replace

import pytest
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import alerting, timeline, tracking
from alerts.models import Alert, Click, Event, Hook, Phone, Victim
from alerts.models.fields import digest
from alerts.states import AlertKind, AlertState, EventKind
from tests.people import (
    AWA,
    MARIES_NUMBER,
    NADIA,
    PAUL,
    make_marie,
    make_phone,
)
from tests.texting import called_for_help, heard, in_charge, lines, texted

pytestmark = pytest.mark.django_db


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


def test_a_position_in_the_text_is_named_in_the_timeline(phone: Phone) -> None:
    heard("2 https://maps.google.com/?q=48.8566,2.3522", by=MARIES_NUMBER)

    opened = Event.objects.get(kind=EventKind.OPENED)
    assert timeline.words(opened) == "Marie a donné l'alerte à Paris 4e (75) (par SMS)"


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
