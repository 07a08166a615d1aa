"""What to say to 17, in the order in which the operator asks (interior ministry, service-public), line by line.

Whoever answers speaks French: every line is in French, with what it means beside it for who reads another language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, override

from alerts import places
from alerts.domain import tracking
from alerts.models import Link, Victim
from alerts.places import Place
from alerts.states import AlertKind, AlertState
from responders.domain import geometry, home, sayings, spoken, units, wording
from responders.domain.home import Home
from responders.domain.sayings import Facts, Line, Nearness, Part
from responders.models import Unit

BESIDE = 200  # metres: closer than that the caller's own position leads the police to her
SPOKEN = "fr"
State = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where somebody was: degrees (WGS 84), metres, UTC."""

    degrees: tuple[float, float]
    accuracy: float
    at: datetime
    place: Place | None


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Everything that the sheet shows."""

    opening: Line
    hint: str
    parts: tuple[Part, ...]
    measured: tuple[str, str]  # the line of the newest fix, with {time} and {distance} to be filled
    text: str  # to 114, with {time} and {place} to be filled
    sms: str  # the same, filled, as an address
    unit: Unit | None  # of her commune: a desk, no emergency line
    unit_number: str


def read(link: Link, state: State, *, now: datetime, apple: bool) -> Sheet:
    """The sheet for the contact at this place, in her or his language; `apple`: its telephone writes sms: otherwise."""
    facts = _facts(link, state, now=now)
    with override(SPOKEN):
        says = [*sayings.parts(facts)]
        opening, text, measured = sayings.opening(facts), sayings.text_114(facts), spoken.measured()
        filled = text.replace("{time}", facts.fixed, 1).replace(
            "{place}", spoken.written(facts.position, facts.place), 1
        )
    means = [*sayings.parts(facts)]
    unit = units.unit_of(facts.place.insee) if facts.place else None
    return Sheet(
        opening=_beside(opening, sayings.opening(facts)),
        hint=sayings.hint(facts.nearness),
        parts=tuple(_join(one, other) for one, other in zip(says, means, strict=True)),
        measured=measured,
        text=text,
        sms=f"sms:114{'&' if apple else '?'}body={quote(filled)}",
        unit=unit,
        unit_number=spoken.number(unit.phone_number) if unit else "",
    )


def preview(victim: Victim, answers: Home, *, language: str, now: datetime) -> tuple[Part, ...]:
    """What a contact who reads this language would see of her sheet if these were her answers. No alert is needed."""
    facts = Facts(
        name=victim.name,
        kind=AlertKind.RESCUE,
        opened=wording.clock(now, victim.time_zone),
        duress=False,
        phone_allowed=victim.phone_allowed,
        home=answers,
        her_number=spoken.number(victim.phone_number),
        own_number="",
        position=None,
        fixed="",
        place=None,
        nearness=Nearness.UNKNOWN,
        own_place=None,
    )
    with override(SPOKEN):
        says = [*sayings.hers(facts)]
    with override(language):
        means = [*sayings.hers(facts)]
        return tuple(_join(one, other) for one, other in zip(says, means, strict=True))


def nearness(own: Spot | None, hers: Spot | None, *, now: datetime) -> Nearness:
    """How this responder stands to her; a position of either that is older than five minutes says nothing."""
    if own is None or hers is None or any(now - spot.at > tracking.LOST_AFTER for spot in (own, hers)):
        return Nearness.UNKNOWN
    exact = max(own.accuracy, hers.accuracy) <= BESIDE
    if exact and geometry.distance(own.degrees, hers.degrees) <= BESIDE:
        return Nearness.BESIDE
    if own.place is None or hers.place is None:
        return Nearness.UNKNOWN
    same = own.place.departement.code == hers.place.departement.code
    return Nearness.SAME if same else Nearness.ELSEWHERE


def _facts(link: Link, state: State, *, now: datetime) -> Facts:
    victim, position, zone = link.alert.victim, state["position"], link.alert.victim.time_zone
    shared = next((person["position"] for person in state["responders"] if person["you"]), None)
    hers = _spot(position, "fixed_at") if position else None
    own = _spot(shared, "at") if shared else None
    return Facts(
        name=victim.name,
        kind=state["alert"]["kind"],
        opened=wording.clock(link.alert.opened_at, zone),
        duress=state["alert"]["state"] == AlertState.CLOSED_UNDER_DURESS,
        phone_allowed=victim.phone_allowed or link.contact.may_ring,
        home=home.of(victim),
        her_number=spoken.number(victim.phone_number),
        own_number=spoken.number(link.contact.phone_number),
        position=position,
        fixed=wording.clock(hers.at, zone) if hers else "",
        place=hers.place if hers else None,
        nearness=nearness(own, hers, now=now),
        own_place=own.place if own else None,
    )


def _spot(line: State, moment: str) -> Spot:
    """A position of the snapshot, and where it lies in words."""
    at = parse_datetime(line[moment])
    if at is None:
        raise ValueError(moment)
    degrees = (line["latitude"], line["longitude"])
    return Spot(degrees=degrees, accuracy=line["accuracy"] or 0.0, at=at, place=places.find(*degrees))


def _join(one: Part, other: Part) -> Part:
    """Two languages of one part: the titles and hints of the reader's, the lines of both."""
    lines = tuple(_beside(a.says, b.says, key=a.key) for a, b in zip(one.lines, other.lines, strict=True))
    return Part(title=other.title, lines=lines, hint=other.hint)


def _beside(says: str, means: str, *, key: str = "") -> Line:
    is_foreign = means != says and get_language() != SPOKEN and key != "fix"  # its state stands below in their words
    return Line(says=says, means=means if is_foreign else "", key=key)
