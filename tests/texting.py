"""Texts to our number as Twilio hands them over, and what their senders get back."""

from datetime import timedelta
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

from django.urls import reverse
from django.utils import timezone

from alerts.domain import alerting
from alerts.models import Alert, Contact, Event, Phone, Victim
from alerts.models.fields import digest
from alerts.states import Gesture
from tests import hooks, twilio
from tests.people import (
    Person,
)

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
