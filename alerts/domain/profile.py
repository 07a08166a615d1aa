"""What she says of herself: codes, messages, what a long press does. Codes stand still during an alert."""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise

from django.contrib.auth.hashers import make_password
from django.db import transaction

from alerts import access
from alerts.domain import changes
from alerts.models import ChangeKind, Phone, Victim
from alerts.models.fields import digest

CODE_DIGITS = range(4, 9)


class AlertOpenError(Exception):
    """An alert is open: this does not change now, whoever asks."""


class CodeRefusedError(Exception):
    """A code that somebody would guess, or that is not 4 to 8 digits."""


def check_code(code: str) -> None:
    """Raises CodeRefusedError unless the code is 4 to 8 digits that are neither a run nor a repetition."""
    if not (code.isascii() and code.isdigit() and len(code) in CODE_DIGITS):
        raise CodeRefusedError
    steps = {(int(after) - int(digit)) % 10 for digit, after in pairwise(code)}
    repeated = any(code == code[:size] * (len(code) // size) for size in (1, 2) if len(code) % size == 0)
    if repeated or steps in ({1}, {9}):
        raise CodeRefusedError


def set_codes(victim: Victim, *, code: str, duress_code: str, now: datetime) -> None:
    """The code that ends an alert, and the one that only seems to.

    Refused during an alert: who knows her password must not be able to end it. Raises AlertOpenError,
    CodeRefusedError (also for two equal codes).
    """
    check_code(code)
    check_code(duress_code)
    if code == duress_code:
        raise CodeRefusedError
    hashes = {"pin_hash": make_password(code), "duress_pin_hash": make_password(duress_code)}
    with transaction.atomic():
        _refuse_during_alert(victim, now=now)
        Victim.objects.filter(pk=victim.pk).update(**hashes)
        changes.record(victim, ChangeKind.CODES, now=now)


def save(victim: Victim, fields: dict[str, object], *, now: datetime, kind: ChangeKind = ChangeKind.SETTINGS) -> None:
    """Store what a form of hers says, those fields alone, and that it changed. Raises AlertOpenError."""
    with transaction.atomic():
        _refuse_during_alert(victim, now=now)
        Victim.objects.filter(pk=victim.pk).update(**fields, **_found_by(fields))
        changes.record(victim, kind, now=now)


def save_safe_address(victim: Victim, *, email: str, number: str, now: datetime) -> bool:
    """Where she hears of changes: the address before hears of this one, and the new one too, as a proof.

    Returns whether there is one now. Raises AlertOpenError.
    """
    with transaction.atomic():
        save(victim, {"safe_email": email, "safe_number": number}, now=now, kind=ChangeKind.SAFE_ADDRESS)
        victim.safe_email, victim.safe_number = email, number
        if email or number:
            changes.record(victim, ChangeKind.SAFE_ADDRESS, now=now)
    return bool(email or number)


def _found_by(fields: Mapping[str, object]) -> dict[str, str]:
    """The digest by which a text from her number finds her, whenever the number changes."""
    if "phone_number" not in fields:
        return {}
    number = str(fields["phone_number"] or "")
    return {"phone_digest": digest("number", number) if number else ""}


def has_phone(victim: Victim) -> bool:
    """Whether a telephone is paired."""
    return Phone.objects.active().filter(victim=victim).exists()


def _refuse_during_alert(victim: Victim, *, now: datetime) -> None:
    victim = Victim.objects.select_for_update().get(pk=victim.pk)
    if access.open_alert_of(victim, now=now):
        raise AlertOpenError
