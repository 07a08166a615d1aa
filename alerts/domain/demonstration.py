"""The invented people of the demonstration: created once, refused beside a real telephone network."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from alerts.links import fingerprint
from alerts.models import Account, Advocate, Association, Contact, Phone, Victim
from alerts.models.fields import digest
from alerts.states import ContactState

# Numbers that the regulator keeps for fiction (ARCEP, 06 39 98 xx xx): they ring nowhere.
_RELATIVES = (
    ("Nadia", "+33639980001", "fr"),
    ("Thomas", "+33639980002", "fr"),
    ("Awa", "+33639980003", "fr"),
    ("Lucie", "+33639980004", "fr"),
    ("Yann", "+33639980005", "en"),
)
_MARIE = "+33639980010"
_HOME = "12 rue des Lombards, 60200 Compiègne, 2e étage, code 41B7"


class RefusedError(Exception):
    """This installation reaches real telephones, or is public: no invented people here."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """A web account of the demonstration."""

    username: str
    password: str


@dataclass(frozen=True, kw_only=True)
class VictimLogin(Login):
    """Marie's account and the PINs that she types on her phone."""

    pin: str
    duress_pin: str


@dataclass(frozen=True, kw_only=True)
class PhoneLogin:
    """The credentials of her paired telephone."""

    token: str
    osmand_id: str


@dataclass(frozen=True, kw_only=True)
class Relative:
    """One of her accepted contacts."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """Everything that somebody needs to play all the parts."""

    victim: VictimLogin
    phone: PhoneLogin
    contacts: tuple[Relative, ...]
    advocate: Login
    base_url: str

    def as_json(self) -> dict[str, Any]:
        """The form that `manage.py demo --json` prints."""
        return asdict(self)


def allowed() -> bool:
    """Whether this installation may hold invented people."""
    return bool(settings.SHERIF.demonstration)


def load() -> Demonstration | None:
    """The demonstration, if it was created here and its phone is still paired."""
    if not allowed() or not _path().exists():
        return None
    kept = json.loads(_path().read_text(encoding="utf-8"))
    kept["base_url"] = settings.SHERIF.public_url
    found = Demonstration(
        victim=VictimLogin(**kept["victim"]),
        phone=PhoneLogin(**kept["phone"]),
        contacts=tuple(Relative(**relative) for relative in kept["contacts"]),
        advocate=Login(**kept["advocate"]),
        base_url=kept["base_url"],
    )
    paired = Phone.objects.active().filter(token_hash=fingerprint(found.phone.token)).exists()
    return found if paired else None


def create() -> Demonstration:
    """The demonstration, created on the first call. Raises RefusedError beside a real telephone network."""
    if not allowed():
        raise RefusedError
    if found := load():
        return found
    drawn = Demonstration(
        victim=VictimLogin(username="marie", password=_password(), pin=_pin(even=True), duress_pin=_pin(even=False)),
        phone=PhoneLogin(token=secrets.token_urlsafe(32), osmand_id=secrets.token_urlsafe(16)),
        contacts=tuple(
            Relative(name=name, phone=number, email=f"{name.lower()}@example.org") for name, number, _ in _RELATIVES
        ),
        advocate=Login(username="karim", password=_password()),
        base_url=settings.SHERIF.public_url,
    )
    with transaction.atomic():
        _store(drawn)
        _keep(drawn)
    return drawn


def _store(drawn: Demonstration) -> None:
    association, _ = Association.objects.get_or_create(name="Contre Vents (démonstration)")
    Advocate.objects.get_or_create(account=_account(drawn.advocate), association=association)
    victim, _ = Victim.objects.update_or_create(
        account=_account(drawn.victim),
        defaults={
            "association": association,
            "name": "Marie",
            "phone_number": _MARIE,
            "phone_digest": digest("number", _MARIE),
            "home": _HOME,
            "pin_hash": make_password(drawn.victim.pin),
            "duress_pin_hash": make_password(drawn.victim.duress_pin),
        },
    )
    if not victim.contacts.exists():
        for rank, (name, number, language) in enumerate(_RELATIVES, start=1):
            Contact.objects.create(
                victim=victim,
                rank=rank,
                name=name,
                phone_number=number,
                phone_digest=digest("number", number),
                email=f"{name.lower()}@example.org",
                language=language,
                state=ContactState.ACCEPTED,
            )
    Phone.objects.create(
        victim=victim,
        label="Démonstration",
        token_hash=fingerprint(drawn.phone.token),
        osmand_id=drawn.phone.osmand_id,
        osmand_digest=digest("osmand", drawn.phone.osmand_id),
    )


def _account(login: Login) -> Account:
    account, _ = Account.objects.get_or_create(username=login.username)
    account.set_password(login.password)
    account.save(update_fields=["password"])
    return account


def _path() -> Path:
    return Path(settings.SHERIF.data_dir) / "demo.json"


def _keep(drawn: Demonstration) -> None:
    draft = _path().with_suffix(".draft")
    with open(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        json.dump(drawn.as_json(), file)
    draft.replace(_path())


def _password() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(4))


def _pin(*, even: bool) -> str:
    """Four digits; even for the PIN and odd for the duress PIN, so that the two always differ."""
    return f"{secrets.randbelow(4500) * 2 + 1000 + (0 if even else 1)}"
