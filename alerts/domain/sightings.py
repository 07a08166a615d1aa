"""What a telephone of hers shows of itself, however quiet: that it lives, and what has stopped working on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Q

from alerts.models import Phone

RARELY = timedelta(hours=1)


class Permission(StrEnum):
    """Whether its page may know where she is, as browsers say it (Permissions, W3C); absent: the page never can."""

    GRANTED = "granted"
    PROMPT = "prompt"
    DENIED = "denied"
    ABSENT = "absent"


class Joined(StrEnum):
    """Her Bluetooth button as its page hears it."""

    YES = "yes"
    NO = "no"
    NONE = "none"  # she uses none


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a telephone stands: batteries in percent, None where its page does not know."""

    position: Permission
    battery: int | None
    button: Joined
    button_battery: int | None


def note(phone: Phone, *, now: datetime) -> None:
    """Remember it once an hour: a row is written rarely, for others wait meanwhile on SQLite."""
    if phone.seen_at is None or now - phone.seen_at > RARELY:
        due = Q(seen_at=None) | Q(seen_at__lte=now - RARELY)
        Phone.objects.filter(due, pk=phone.pk).update(seen_at=now)


def report(phone: Phone, standing: Standing, *, now: datetime) -> None:
    """Remember how it stands; a row is written only where something differs, and once an hour."""
    told: dict[str, Any] = {
        "position_allowed": _allowed(standing.position, before=phone.position_allowed),
        **_of_button(phone, standing, now=now),
    }
    if standing.battery is not None:
        told["battery"] = standing.battery
    if _is_due(phone.seen_at, now=now):
        told["seen_at"] = now
    if any(getattr(phone, name) != value for name, value in told.items()):
        Phone.objects.filter(pk=phone.pk).update(**told)


def _allowed(position: Permission, *, before: bool | None) -> bool | None:
    """A permission that has to be asked for again is lost; one that was never asked for is not."""
    if position is Permission.PROMPT:
        return None if before is None else False
    return position is Permission.GRANTED


def _of_button(phone: Phone, standing: Standing, *, now: datetime) -> dict[str, Any]:
    if standing.button is Joined.NONE:
        return {"button_seen_at": None, "button_battery": None}
    if standing.button is Joined.NO:
        return {}
    seen = now if _is_due(phone.button_seen_at, now=now) else phone.button_seen_at
    return {"button_seen_at": seen, "button_battery": standing.button_battery}


def _is_due(seen_at: datetime | None, *, now: datetime) -> bool:
    return seen_at is None or now - seen_at > RARELY
