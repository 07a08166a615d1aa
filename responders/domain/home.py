"""What she wrote in advance for the police: where she lives, who lives there, who threatens her. Nothing is guessed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from alerts.domain import sheets
from alerts.domain.sheets import Protection, Sheet
from alerts.models import Victim

_HOUSE = re.compile(r"\d{1,4}\s?(?:[a-z]|bis|ter|quater)?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Home:
    """Her home sheet. None: she was not asked. The empty text: she was asked and did not say."""

    address: str | None = None
    building: str | None = None
    floor: str | None = None
    code: str | None = None
    residents: str | None = None
    person: str | None = None  # her age, whether she is pregnant, a disability
    children: str | None = None
    aggressor: str | None = None
    weapons: str | None = None
    vehicle: str | None = None
    protections: tuple[Protection, ...] = ()
    order: str | None = None  # its date, court and number


def of(victim: Victim) -> Home:
    """Her sheet, or the address alone where she was never asked for more."""
    sheet = sheets.of(victim)
    return told(sheet) if sheet else Home(address=victim.home)


def told(sheet: Sheet) -> Home:
    """The same answers as the operator is told them, stored or not."""
    return Home(
        address=sheet.home,
        building=sheet.building,
        floor=sheet.floor,
        code=sheet.code,
        residents=sheet.residents,
        person=sheet.person,
        children=sheet.children,
        aggressor=sheet.aggressor,
        weapons=sheet.weapons,
        vehicle=sheet.vehicle,
        protections=tuple(Protection(word) for word in sheet.protections),
        order=sheet.order,
    )


def lines(text: str | None) -> list[str]:
    """A text that she wrote, as lines that one reads aloud one after the other: each ends at a break or at a comma."""
    return [part for line in (text or "").splitlines() for part in _parts(line)]


def _parts(line: str) -> Iterator[str]:
    number = ""
    for part in (" ".join(one.split()).strip(" ,") for one in line.split(", ")):
        if _HOUSE.fullmatch(part):
            number = f"{number}{part}, "  # 12 bis, rue des Lombards
        elif part:
            yield f"{number}{part}"
            number = ""
    if number:
        yield number.removesuffix(", ")
