"""What Twilio tells us: believed only when signed, and it never moves a delivery back."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from alerts.domain import alerting, claiming
from alerts.models import Alert, Delivery, Event, Hook, Link
from alerts.providers.twilio_words import CALL_STATUS, MESSAGE_STATUS
from alerts.states import DELIVERY_MOVES, AlertState, Channel, DeliveryState, EventKind, Gesture
from tests import hooks, twilio
from tests.people import NOON, make_marie, make_phone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tokens(settings: Settings) -> None:
    settings.SHERIF = replace(
        settings.SHERIF,
        public_url=hooks.PUBLIC_URL,
        twilio_auth_token=twilio.TOKEN,
        twilio_auth_token_secondary=twilio.SECOND_TOKEN,
    )


@pytest.fixture
def rescue() -> Alert:
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=NOON, sent_at=NOON)
    marie = make_marie()
    alert = alerting.receive_click(make_phone(marie), report, now=NOON).alert
    alert.expires_at = NOON.replace(year=2126)
    alert.save(update_fields=["expires_at"])
    return alert


def sent(alert: Alert, channel: Channel, rank: int = 1) -> Delivery:
    """A delivery that is with the network."""
    claiming.claim(alert.pk, worker="w", now=NOON)
    return alert.deliveries.select_related("contact").get(channel=channel, contact__rank=rank)


def post(name: str, delivery: UUID, form: dict[str, str], *, token: str = twilio.TOKEN) -> Any:
    """A hook as Twilio posts it."""
    return hooks.post(reverse(name, args=[delivery]), form, token=token)


def receipt(delivery: Delivery, word: str, *, token: str = twilio.TOKEN) -> Any:
    """One receipt."""
    kind = "Call" if delivery.channel == Channel.VOICE else "Message"
    return post("alerts:twilio_status", delivery.pk, {f"{kind}Status": word, f"{kind}Sid": "SM1"}, token=token)


def press(call: Delivery, key: str) -> str:
    """One key; what the voice says next."""
    answer = post("alerts:twilio_keys", call.pk, {"Digits": key, "CallSid": "CA1"})
    assert answer.status_code == 200
    return str(answer.content.decode())


def state(delivery: Delivery) -> str:
    return Delivery.objects.get(pk=delivery.pk).state


@pytest.mark.parametrize("name", ["alerts:twilio_status", "alerts:twilio_keys"])
def test_a_hook_without_the_networks_signature_is_refused(name: str, rescue: Alert) -> None:
    delivery = sent(rescue, Channel.VOICE)
    path = reverse(name, args=[delivery.pk])
    form = {"CallStatus": "completed", "Digits": "1"}
    forged = twilio.signature(f"https://sos.exmpl.fr{path}", form, "another token")
    elsewhere = twilio.signature(f"https://other.exmpl.fr{path}", form)
    other = twilio.signature(f"https://sos.exmpl.fr{path}", {**form, "Digits": "9"})

    for signature in ("", forged, elsewhere, other):
        assert hooks.post(path, form, signature=signature).status_code == 403
    signed_get = twilio.signature(f"https://sos.exmpl.fr{path}", {})
    assert Client().get(path, headers={"X-Twilio-Signature": signed_get}).status_code == 405
    assert state(delivery) == DeliveryState.SENDING
    rescue.refresh_from_db()
    assert rescue.in_charge is None


def test_an_installation_without_a_token_believes_nobody(settings: Settings, rescue: Alert) -> None:
    settings.SHERIF = replace(settings.SHERIF, twilio_auth_token="", twilio_auth_token_secondary="")
    assert receipt(sent(rescue, Channel.SMS), "delivered", token="").status_code == 403


def test_the_secondary_token_is_believed_while_keys_change(rescue: Alert) -> None:
    text = sent(rescue, Channel.SMS)
    assert receipt(text, "delivered", token=twilio.SECOND_TOKEN).status_code == 204
    assert state(text) == DeliveryState.DELIVERED


def test_a_receipt_moves_the_delivery_and_writes_a_line(rescue: Alert) -> None:
    text = sent(rescue, Channel.SMS)
    receipt(text, "sent")
    receipt(text, "delivered")

    assert state(text) == DeliveryState.DELIVERED
    lines = Event.objects.filter(delivery=text).values_list("kind", flat=True)
    assert list(lines) == [EventKind.ACCEPTED, EventKind.DELIVERED]


def test_a_doubled_receipt_is_one_line(rescue: Alert) -> None:
    text = sent(rescue, Channel.SMS)
    answers = [receipt(text, "delivered").status_code for _ in range(5)]
    assert answers == [204, 200, 200, 200, 200]
    assert Event.objects.filter(delivery=text).count() == 1


def test_a_failure_keeps_its_code(rescue: Alert) -> None:
    text = sent(rescue, Channel.SMS)
    post("alerts:twilio_status", text.pk, {"MessageStatus": "undelivered", "MessageSid": "SM1", "ErrorCode": "30005"})
    assert Delivery.objects.get(pk=text.pk).error_code == "30005"


def test_an_unknown_word_changes_nothing_and_is_logged_without_its_content(
    rescue: Alert, caplog: pytest.LogCaptureFixture
) -> None:
    text = sent(rescue, Channel.SMS)
    assert receipt(text, "teleported to +33639980001").status_code == 422
    assert state(text) == DeliveryState.SENDING
    assert "is not known" in caplog.text
    assert "teleported" not in caplog.text


RANK = {
    DeliveryState.SENDING: 0,
    DeliveryState.ACCEPTED: 1,
    DeliveryState.DELIVERED: 2,
    DeliveryState.FAILED: 2,
}


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.sampled_from(sorted(MESSAGE_STATUS)), max_size=8))
def test_receipts_in_any_order_never_go_back(words: list[str], rescue: Alert) -> None:
    Hook.objects.all().delete()  # every example is another text
    Delivery.objects.filter(alert=rescue).update(
        state=DeliveryState.SENDING, leased_until=NOON, leased_by="w", error_code=""
    )
    text = rescue.deliveries.get(channel=Channel.SMS, contact__rank=1)
    before = DeliveryState.SENDING
    for word in words:
        assert receipt(text, word).status_code in {200, 204}
        after = DeliveryState(state(text))
        assert after is before or after in DELIVERY_MOVES[before]
        assert RANK[after] >= RANK[before]
        before = after


@pytest.mark.parametrize("word", CALL_STATUS)
def test_no_receipt_undoes_a_pressed_key(word: str, rescue: Alert) -> None:
    call = sent(rescue, Channel.VOICE)
    press(call, "1")
    receipt(call, word)
    assert state(call) == DeliveryState.ANSWERED


def test_a_contact_takes_charge_by_pressing_one(rescue: Alert) -> None:
    call = sent(rescue, Channel.VOICE)
    said = press(call, "1")

    rescue.refresh_from_db()
    assert rescue.in_charge == call.contact
    assert state(call) == DeliveryState.ANSWERED
    line = Event.objects.get(alert=rescue, kind=EventKind.TAKE_CHARGE)
    assert (line.contact, line.by) == (call.contact, "voice")
    assert "vous prenez en charge" in said
    assert "<Hangup" in said


def test_a_key_reported_twice_is_one_act(rescue: Alert) -> None:
    call = sent(rescue, Channel.VOICE)
    press(call, "1")
    press(call, "1")
    press(call, "9")
    press(call, "9")
    assert Event.objects.filter(alert=rescue, kind=EventKind.TAKE_CHARGE).count() == 1
    assert Event.objects.filter(alert=rescue, kind=EventKind.DECLINED).count() == 1


def test_the_second_to_press_one_hears_the_name_of_the_first(rescue: Alert) -> None:
    press(sent(rescue, Channel.VOICE), "1")
    assert "Nadia a déjà pris en charge" in press(sent(rescue, Channel.VOICE, rank=2), "1")


@pytest.mark.parametrize(
    ("key", "heard"),
    [("2", DeliveryState.ANSWERED), *((slip, DeliveryState.SENDING) for slip in ("5", "0", "#", "*", "w", "\u0661"))],
)
def test_two_or_a_slip_of_the_finger_says_it_again(key: str, heard: DeliveryState, rescue: Alert) -> None:
    call = sent(rescue, Channel.VOICE)
    for _ in range(3):
        said = ET.fromstring(press(call, key))  # noqa: S314 - our own
        assert [child.tag for child in said] == ["Gather", "Redirect"]
        assert "Marie appelle au secours" in str(said[0][1].text)
        assert said[0].get("action") == f"{hooks.PUBLIC_URL}{reverse('alerts:twilio_keys', args=[call.pk])}"
    assert state(call) == heard
    assert not Event.objects.filter(alert=rescue, by="voice").exists()


def test_no_key_and_a_voicemail_never_count_as_reached(rescue: Alert) -> None:
    call = sent(rescue, Channel.VOICE)
    for word in ("initiated", "ringing", "in-progress"):
        receipt(call, word)
    for form in ({"Digits": "", "CallSid": "CA1"}, {"CallSid": "CA1", "AnsweredBy": "machine_end_beep"}):
        answer = post("alerts:twilio_keys", call.pk, form)
        assert [child.tag for child in ET.fromstring(answer.content)] == ["Hangup"]  # noqa: S314 - our own
    receipt(call, "completed")

    assert state(call) == DeliveryState.DELIVERED
    rescue.refresh_from_db()
    assert rescue.in_charge is None


def test_nine_says_that_this_person_cannot_help(rescue: Alert) -> None:
    call = sent(rescue, Channel.VOICE)
    assert "C'est noté" in press(call, "9")
    rescue.refresh_from_db()
    assert rescue.in_charge is None
    assert state(call) == DeliveryState.ANSWERED
    line = Event.objects.get(alert=rescue, kind=EventKind.DECLINED)
    assert (line.contact, line.by) == (call.contact, "voice")


@pytest.mark.parametrize("key", ["1", "2", "9", "5"])
def test_after_the_end_every_key_hears_that_it_is_over(key: str, rescue: Alert) -> None:
    call = sent(rescue, Channel.VOICE)
    alerting.close(rescue, AlertState.CLOSED, reason="safe", now=NOON)
    said = press(call, key)
    assert "terminée" in said
    assert "Marie" not in said
    assert not Event.objects.filter(alert=rescue, by="voice").exists()


@pytest.mark.parametrize("key", ["1", "2", "9", "5"])
def test_who_was_cut_off_hears_nothing_of_her_any_more(key: str, rescue: Alert) -> None:
    call = sent(rescue, Channel.VOICE)
    Link.objects.filter(alert=rescue, contact=call.contact).update(cut_off_at=NOON)
    said = press(call, key)
    assert "terminée" in said
    assert "Marie" not in said


def test_closed_under_duress_the_call_goes_on(rescue: Alert) -> None:
    call = sent(rescue, Channel.VOICE)
    alerting.close(rescue, AlertState.CLOSED_UNDER_DURESS, reason="safe", now=NOON)
    press(call, "1")
    rescue.refresh_from_db()
    assert rescue.in_charge == call.contact


def test_who_listens_again_hears_who_is_in_charge_already(rescue: Alert) -> None:
    press(sent(rescue, Channel.VOICE), "1")
    assert "Nadia a déjà pris en charge" in press(sent(rescue, Channel.VOICE, rank=2), "2")
    assert "déjà" not in press(sent(rescue, Channel.VOICE), "2")


def test_yann_is_answered_in_his_language(rescue: Alert) -> None:
    call = sent(rescue, Channel.VOICE, rank=5)
    assert "Marie is calling for help" in press(call, "2")
    taken = press(call, "1")
    assert "you are in charge" in taken
    assert 'language="en-GB"' in taken


def test_a_name_that_wants_to_be_markup_is_read_aloud(rescue: Alert) -> None:
    contact = rescue.victim.contacts.get(rank=1)
    contact.name = "</Say><Dial>17</Dial>"
    contact.save()
    rescue.victim.name = "Marie<Redirect>https://paul.example</Redirect>"
    rescue.victim.save()
    press(sent(rescue, Channel.VOICE), "1")
    for key in ("1", "2"):
        said = ET.fromstring(press(sent(rescue, Channel.VOICE, rank=2), key))  # noqa: S314 - our own
        assert {element.tag for element in said.iter()} <= {"Response", "Say", "Hangup", "Gather", "Pause", "Redirect"}
        assert all("paul.example" not in str(going.text) for going in said.iter("Redirect"))


def test_the_end_of_a_call_says_how_long_it_was_also_after_a_key(rescue: Alert) -> None:
    call = sent(rescue, Channel.VOICE)
    press(call, "1")
    post("alerts:twilio_status", call.pk, {"CallStatus": "completed", "CallSid": "CA1", "CallDuration": "42"})
    call.refresh_from_db()
    assert (call.state, call.seconds) == (DeliveryState.ANSWERED, 42)


def test_a_failure_of_an_earlier_copy_does_not_undo_the_one_that_left(rescue: Alert) -> None:
    text = sent(rescue, Channel.SMS)
    Delivery.objects.filter(pk=text.pk).update(
        state=DeliveryState.ACCEPTED, leased_until=None, provider="twilio", provider_id="SM2"
    )
    form = {"MessageStatus": "undelivered", "ErrorCode": "30003"}
    post("alerts:twilio_status", text.pk, {**form, "MessageSid": "SM1"})
    assert state(text) == DeliveryState.ACCEPTED
    post("alerts:twilio_status", text.pk, {**form, "MessageSid": "SM2"})
    assert state(text) == DeliveryState.FAILED


@pytest.mark.parametrize("sid", ["", "../Calls", "17", "SM" + "x" * 200])
def test_a_strange_name_of_a_text_is_not_kept(sid: str, rescue: Alert) -> None:
    text = sent(rescue, Channel.SMS)
    post("alerts:twilio_status", text.pk, {"MessageStatus": "delivered", "MessageSid": sid})
    assert Delivery.objects.get(pk=text.pk).provider_id == ""
    assert state(text) == DeliveryState.DELIVERED


def test_a_text_has_no_keys(rescue: Alert) -> None:
    text = sent(rescue, Channel.SMS)
    assert post("alerts:twilio_keys", text.pk, {"Digits": "1"}).status_code == 404
    assert post("alerts:twilio_keys", uuid4(), {"Digits": "1"}).status_code == 404
