"""Her sheet for the police: what she wrote in advance. The pages of the response read it aloud, in an alert alone."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from alerts.domain import profile
from alerts.models import ChangeKind, PoliceSheet, Victim

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Protection(StrEnum):
    """What a judge or a prosecutor ordered."""

    ORDER = "order"  # ordonnance de protection, code civil 515-9
    TGD = "tgd"  # téléphone grave danger, code de procédure pénale 41-3-1
    BRACELET = "bracelet"  # bracelet anti-rapprochement, code civil 515-11-1
    CONTACT_FORBIDDEN = "contact_forbidden"


PROTECTION_NAMES: Mapping[Protection, "_StrPromise"] = {
    Protection.ORDER: _("Ordonnance de protection en cours"),
    Protection.TGD: _("Téléphone grave danger"),
    Protection.BRACELET: _("Bracelet anti-rapprochement"),
    Protection.CONTACT_FORBIDDEN: _("Interdiction de la rencontrer"),
}


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Every answer; the empty text where she did not say."""

    home: str = ""
    building: str = ""
    floor: str = ""
    code: str = ""
    residents: str = ""
    person: str = ""
    children: str = ""
    aggressor: str = ""
    weapons: str = ""
    vehicle: str = ""
    protections: tuple[str, ...] = ()
    order: str = ""

    def fingerprint(self) -> str:
        """The same for the same answers: what is stored is what was shown before."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


_OWN = tuple(one.name for one in fields(Sheet) if one.name not in {"home", "protections"})


def of(victim: Victim) -> Sheet | None:
    """Her sheet, or None where she was never asked: then there is at most an address."""
    kept = PoliceSheet.objects.filter(victim=victim).first()
    if kept is None:
        return None
    known = set(Protection)
    protections = tuple(word for word in kept.protections.split(",") if word in known)
    return Sheet(home=victim.home, protections=protections, **{name: getattr(kept, name) for name in _OWN})


def save(victim: Victim, sheet: Sheet, *, now: datetime) -> None:
    """Store it in the place of the one before. Raises profile.AlertOpenError."""
    answers = {name: getattr(sheet, name) for name in _OWN} | {"protections": ",".join(sheet.protections)}
    with transaction.atomic():
        profile.save(victim, {"home": sheet.home}, now=now, kind=ChangeKind.SHEET)
        PoliceSheet.objects.update_or_create(victim=victim, defaults={**answers, "written_at": now})
