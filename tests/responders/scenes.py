"""Scenes that the tests of the response begin with."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.test import Client
from django.utils import timezone

from alerts import links
from alerts.domain import alerting, deliveries, timeline, tracking
from alerts.models import Alert, Delivery, Link
from alerts.states import Channel, DeliveryState, EventKind, Gesture, Occasion
from tests.people import RELATIVES, Person, make_marie, make_phone

KEY = "k" * 43
COMPIEGNE = (49.41790, 2.82610)


def rescue(username: str = "marie", *, gesture: Gesture = Gesture.DOUBLE, drill: bool = False) -> Alert:
    """Marie pressed the button just now, in Compiègne."""
    victim = make_marie(username)
    phone = make_phone(victim, token=f"phone of {username}", osmand_id=f"osmand of {username}")
    now = timezone.now()
    report = alerting.ClickReport(
        uid=uuid4(), gesture=gesture, clicked_at=now, sent_at=now, fix=fix(at=now), battery=63
    )
    return alerting.receive_click(phone, report, now=now, drill=drill).alert


def fix(*, at: datetime, place: tuple[float, float] = COMPIEGNE, uid: UUID | None = None) -> tracking.Fix:
    """One fix of her phone, to 12 metres, on foot."""
    return tracking.Fix(
        uid=uid or uuid4(),
        latitude=place[0],
        longitude=place[1],
        accuracy=12.0,
        speed=1.2,
        battery=63,
        recorded_at=at,
    )


def walk(alert: Alert, steps: int, *, now: datetime) -> None:
    """She walks north-east, a step of about 3 metres each second, the last one now."""
    fixes = [
        fix(at=now - timedelta(seconds=steps - n), place=(COMPIEGNE[0] + n * 2e-5, COMPIEGNE[1] + n * 2e-5))
        for n in range(1, steps + 1)
    ]
    with transaction.atomic():
        tracking.store(alert, fixes, sent_at=now, now=now)


def climb(alert: Alert) -> None:
    """Nobody takes charge: three rounds of calls to five people, each with its receipts."""
    now = timezone.now()
    rounds = (Occasion.ROUND_1, Occasion.ROUND_2, Occasion.ROUND_3)
    for number, occasion in enumerate(rounds, start=1):
        names = timeline.names(person.name for person in RELATIVES)
        timeline.append(alert, EventKind(f"round_{number}"), at=now, note=names)
        told = [(link_of(alert, person).contact, [Channel.VOICE, Channel.SMS]) for person in RELATIVES]
        deliveries.write(alert, told, occasion=occasion, now=now)
        for message in Delivery.objects.filter(alert=alert, occasion=occasion):
            for kind in (EventKind.ACCEPTED, EventKind.DELIVERED):
                timeline.append(alert, kind, at=now, delivery=message)


def link_of(alert: Alert, person: Person) -> Link:
    """This relative's place in the alert."""
    by_name = {link.contact.name: link for link in Link.objects.filter(alert=alert).select_related("contact")}
    return by_name[person.name]


def token_of(alert: Alert, person: Person) -> str:
    """The token that the SMS to this relative carries; the network took the message."""
    told = Delivery.objects.filter(alert=alert, contact=link_of(alert, person).contact, channel=Channel.SMS)
    with transaction.atomic():
        told.filter(state=DeliveryState.DUE).update(state=DeliveryState.ACCEPTED)
        sms = told[0]
        return links.draw([sms], at=timezone.now())[sms.pk]


def open_place(alert: Alert, person: Person, browser: Client | None = None) -> tuple[str, Client]:
    """This relative opens the link in a browser: the address of the place, and the browser."""
    browser = browser or Client(headers={"accept-language": "fr"})
    return browser.post(f"/r/{token_of(alert, person)}").headers["Location"], browser


def cut_off(alert: Alert, person: Person) -> None:
    """Marie took this relative out of the alert."""
    Link.objects.filter(pk=link_of(alert, person).pk).update(cut_off_at=timezone.now())
