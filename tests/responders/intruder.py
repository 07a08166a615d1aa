"""Paul among her contacts: how he came there, and every hand that he or Marie lays on something."""

from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import alerting, consenting
from alerts.models import Alert, Contact, Phone, Victim
from alerts.states import ContactState, Gesture
from tests.desks import with_password
from tests.people import AWA, NADIA, PAUL, PHONE_TOKEN, THOMAS, make_contact

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

OTHERS = (NADIA, THOMAS, AWA)


def enrolled(marie: Victim, state: ContactState = ContactState.ACCEPTED) -> Contact:
    """Paul in her list, his own page answered with yes."""
    paul = make_contact(marie, PAUL, rank=4, state=ContactState.INVITED)
    consenting.accept(consenting.of(paul), now=timezone.now())
    Contact.objects.filter(pk=paul.pk).update(state=state)
    return Contact.objects.get(pk=paul.pk)


def click(phone: Phone, gesture: Gesture = Gesture.DOUBLE) -> Alert:
    """Her hand on the button."""
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=gesture, clicked_at=now, sent_at=now)
    return alerting.receive_click(phone, report, now=now).alert


def his_page(paul: Contact) -> tuple[str, Client]:
    """The consent page in Paul's own browser."""
    his = Client(headers={"accept-language": "fr"})
    with transaction.atomic():
        token = consenting.draw(paul, None, at=timezone.now())
    return his.post(f"/c/{token}").headers["Location"], his


def holds_nothing_of_the_others(html: str) -> bool:
    """No number and no address of anybody else."""
    digits = html.replace(" ", "")
    return not any(
        part in html or part.removeprefix("+33") in digits
        for person in OTHERS
        for part in (person.phone_number, person.email)
    )


def read(answer: "Answer") -> list[str]:
    """A page of hers without what is drawn anew each time."""
    html = answer.content.decode()
    return [line for line in html.splitlines() if "csrfmiddlewaretoken" not in line]


def cut(alert: Alert, contact: Contact, pin: str) -> "Answer":
    """Two taps on her telephone, and a code."""
    body = {"alert": str(alert.pk), "contact": contact.pk, "pin": pin}
    return her_telephone().post("/api/v1/alert/cut-off", body, content_type="application/json")


def told_on_her_phone() -> list[dict[str, object]]:
    """Who is told, as her telephone lists them."""
    told: list[dict[str, object]] = her_telephone().get("/api/v1/alert").json()["alert"]["contacts"]
    return told


def her_telephone() -> Client:
    """Her telephone, in whoever's hand."""
    return Client(headers={"authorization": f"Bearer {PHONE_TOKEN}"})


def reception(marie: Victim, contact: Contact, code: str) -> str:
    """What the page behind her code says of this contact."""
    desk = with_password(marie.account)
    return desk.post(reverse("alerts:contact_reception", args=[contact.pk]), {"code": code}).content.decode()
