"""The cast. Marie wears the button; Paul holds her phone. Numbers are the regulator's fiction ranges."""

from dataclasses import dataclass
from datetime import UTC, datetime

from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password

from alerts.links import fingerprint
from alerts.models import Account, Advocate, Association, Contact, Phone, Victim
from alerts.models.fields import digest
from alerts.states import ContactState

PIN = "4711"
DURESS_PIN = "4712"
PASSWORD = "une phrase longue et calme"
PHONE_TOKEN = "phone-token-of-marie-for-tests"
OSMAND_ID = "osmand-of-marie"
MARIES_NUMBER = "+33639980000"
NOON = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Person:
    """A relative of Marie."""

    name: str
    phone_number: str
    email: str
    language: str = "fr"


NADIA = Person(name="Nadia", phone_number="+33639980001", email="nadia@example.org")
THOMAS = Person(name="Thomas", phone_number="+33639980002", email="thomas@example.org")
AWA = Person(name="Awa", phone_number="+33639980003", email="awa@example.org")
LUCIE = Person(name="Lucie", phone_number="+33639980004", email="lucie@example.org")
YANN = Person(name="Yann", phone_number="+33639980005", email="yann@example.org", language="en")
PAUL = Person(name="Paul", phone_number="+33639980009", email="paul@example.org")
LINE = Person(name="Astreinte", phone_number="+33639980006", email="astreinte@example.org")  # of her association
RELATIVES = (NADIA, THOMAS, AWA, LUCIE, YANN)


def make_marie(username: str = "marie", *, relatives: tuple[Person, ...] = RELATIVES) -> Victim:
    """Marie with her accepted relatives, a PIN and a duress PIN."""
    victim = Victim.objects.create(
        account=Account.objects.create_user(username, PASSWORD),
        name="Marie",
        phone_number=MARIES_NUMBER,
        phone_digest=digest("number", MARIES_NUMBER),
        pin_hash=make_password(PIN),
        duress_pin_hash=make_password(DURESS_PIN),
    )
    for rank, person in enumerate(relatives, start=1):
        make_contact(victim, person, rank=rank)
    return victim


def make_contact(victim: Victim, person: Person, *, rank: int, state: ContactState = ContactState.ACCEPTED) -> Contact:
    """One relative in her list."""
    return Contact.objects.create(
        victim=victim,
        rank=rank,
        name=person.name,
        phone_number=person.phone_number,
        phone_digest=digest("number", person.phone_number),
        email=person.email,
        language=person.language,
        state=state,
    )


def make_phone(victim: Victim, token: str = PHONE_TOKEN, osmand_id: str = OSMAND_ID) -> Phone:
    """Her paired telephone."""
    return Phone.objects.create(
        victim=victim,
        label="Pixel",
        token_hash=fingerprint(token),
        osmand_id=osmand_id,
        osmand_digest=digest("osmand", osmand_id),
    )


def make_operator(username: str = "olga") -> Account:
    """Somebody who runs the installation, with an application of codes."""
    operator = Account.objects.create_superuser(username, PASSWORD)
    TOTP.activate(operator, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    return operator


def make_karim(association: str = "Contre Vents") -> Advocate:
    """Karim, advocate of an association."""
    return Advocate.objects.create(
        account=Account.objects.create_user("karim", PASSWORD), association=Association.objects.create(name=association)
    )
