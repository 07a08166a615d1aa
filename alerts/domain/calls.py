"""What a key pressed during a call does, whichever network carried it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from alerts.domain import composing, messages, responding, tracking
from alerts.domain.messages import wording
from alerts.domain.responding import Act, OverError, TakenError
from alerts.models import Alert, Delivery, Event, Link
from alerts.states import Channel

TAKE_CHARGE, REPEAT, DECLINE = "1", "2", "9"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the voice says next; `again` asks for a key once more."""

    text: str
    prompt: str
    language: str
    again: bool


def call_of(delivery_id: UUID) -> Delivery | None:
    """The call of this alert, or None."""
    return (
        Delivery.objects.select_related("contact", "alert__victim", "alert__in_charge")
        .filter(pk=delivery_id, channel=Channel.VOICE, alert__isnull=False)
        .first()
    )


def press(call: Delivery, key: str, *, now: datetime) -> Said:
    """1 takes charge, 2 (or a slip of the finger) says it again, 9 says that this person cannot help.

    No key ends the call and says nothing of anybody: a voicemail presses none. Nor does a slip, for tones are now and
    then heard in a voice. After the end, and for who was cut off, only the end is said.
    """
    if not key:
        return _end(call, "")
    if not _may_hear(call, now=now):
        return _end(call, wording.of(call.contact.language).alert_over)
    if key == TAKE_CHARGE:
        return _end(call, _take_charge(call, now=now))
    if key == DECLINE:
        return _end(call, _decline(call, now=now))
    if key == REPEAT:
        responding.answer(call, now=now)
    return _again(call)


def _may_hear(call: Delivery, *, now: datetime) -> bool:
    cut_off = Link.objects.filter(alert=call.alert_id, contact=call.contact_id, cut_off_at__isnull=False)
    return call.alert is not None and call.alert.is_live(now) and not cut_off.exists()


def _take_charge(call: Delivery, *, now: datetime) -> str:
    said = wording.of(call.contact.language)
    responding.answer(call, now=now)
    act = Act(by="voice", uid=uuid5(call.pk, TAKE_CHARGE))  # a key reported twice is one act
    try:
        responding.take_charge(_alert_id(call), call.contact, act, now=now)
    except TakenError as error:
        return said.taken_by % {"name": messages.clean_name(error.name)}
    except OverError:
        return said.alert_over
    return said.taken


def _decline(call: Delivery, *, now: datetime) -> str:
    said = wording.of(call.contact.language)
    responding.answer(call, now=now)
    try:
        responding.decline(_alert_id(call), call.contact, Act(by="voice", uid=uuid5(call.pk, DECLINE)), now=now)
    except OverError:
        return said.alert_over
    return said.declined


def _again(call: Delivery) -> Said:
    alert = call.alert
    if alert is None:
        raise ValueError("a call without an alert")
    language = call.contact.language
    alert.graver_since = Event.objects.graver_since(alert)
    telling = composing.telling_of(call, alert, tracking.newest(alert), token="")
    return Said(
        text=f"{_taken_by_another(call, alert)}{messages.spoken(telling)}",
        prompt=messages.keys_spoken(language, drill=alert.drill),
        language=language,
        again=True,
    )


def _taken_by_another(call: Delivery, alert: Alert) -> str:
    """Who is in charge already, as a sentence before the others; nothing where it is nobody, or this very person."""
    if alert.in_charge is None or alert.in_charge == call.contact:
        return ""
    said = wording.of(call.contact.language)
    return said.taken_by % {"name": messages.clean_name(alert.in_charge.name)} + " "


def _end(call: Delivery, text: str) -> Said:
    return Said(text=text, prompt="", language=call.contact.language, again=False)


def _alert_id(call: Delivery) -> UUID:
    if call.alert_id is None:
        raise ValueError("a call without an alert")
    return call.alert_id
