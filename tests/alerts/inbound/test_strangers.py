"""Everybody to whom silence is the only answer, and floods."""

import logging
import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone

from alerts.domain import alerting, inbound, throttling
from alerts.models import Alert, Contact, Hook, Link, Phone
from alerts.models.fields import digest
from alerts.states import AlertKind, AlertState, ContactState, EventKind
from tests import hooks
from tests.people import (
    LUCIE,
    MARIES_NUMBER,
    NADIA,
    PAUL,
    THOMAS,
)
from tests.texting import HOSTILE, NOTHING, OUR_NUMBER, heard, in_charge, lines, texted

pytestmark = pytest.mark.django_db


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
