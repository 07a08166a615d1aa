"""The video room of an alert: who may sit down, who has to leave, what pages are told. The room lives with the alert.

Who sits where is known to the media process alone: when it dies the seats are empty, and everybody sits down again.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore
from uuid import UUID

from alerts.models import Alert, Link
from alerts.states import AlertState
from responders import mediaclient, rooms
from responders.domain.relays import IceServer, ice_servers
from responders.mediaclient import AwayError, Claim, MediaClient, NoSeatError, Sitting

_LINES = BoundedSemaphore(4)  # a media process that hangs must not hold every desk of the web
_LINE_SECONDS = 1.0

HER = "her"
HER_SEAT = 6
_RANKS = range(1, 7)  # five relatives sit at 0 to 4, the on-call line at 5
_CONTACT = "contact-"
_CONNECTED = "connected"
_SOUND = "audio"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who may sit down in the room of an alert."""

    alert_id: UUID
    name: str
    wanted: int | None


@dataclass(frozen=True, kw_only=True)
class Which:
    """Which seat of a person is meant: with nothing, whichever it is; with `taking`, only that very taking of it."""

    seat: int | None = None
    taking: str | None = None


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A seat, the offer (SDP) that its browser answers, and the relays that it may use."""

    seat: int
    offer: str
    taking: str
    ice_servers: list[IceServer]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A seat as this process has heard of it: `taking` is empty and nobody listens where this person does not sit."""

    up: bool
    taking: str
    heard: bool
    listeners: int
    ice_servers: list[IceServer]


def responder(link: Link) -> Person:
    """The contact at this place, whichever browser: one seat for one person."""
    rank = link.contact.rank
    return Person(alert_id=link.alert_id, name=_named(link.contact_id), wanted=rank - 1 if rank in _RANKS else None)


def herself(alert: Alert) -> Person:
    """She, at the telephone that she holds."""
    return Person(alert_id=alert.pk, name=HER, wanted=HER_SEAT)


def join(person: Person, *, now: datetime) -> Taken:
    """Sit down; who sits already gets up first. The alert must go on: ask before.

    Raises mediaclient.FullError, mediaclient.AwayError.
    """
    with _line_to_media() as media:
        offer = media.join(person.alert_id, person.name, wanted=person.wanted)
    return Taken(
        seat=offer.seat,
        offer=offer.sdp,
        taking=offer.taking,
        ice_servers=ice_servers(person.alert_id, offer.seat, now=now),
    )


def answer(person: Person, sdp: str, which: Which) -> None:
    """What this person's browser says to the offer. Raises any MediaError."""
    with _line_to_media() as media:
        media.answer(person.alert_id, _claim(media, person, which), sdp)


def leave(person: Person, which: Which) -> None:
    """Get up; nothing happens to whoever does not sit. Raises mediaclient.AwayError."""
    with _line_to_media() as media, suppress(NoSeatError):
        media.leave(person.alert_id, _claim(media, person, which))


def seat_of(person: Person) -> int | None:
    """Where this person sits, as far as this process has heard."""
    held = (one.seat for one in rooms.here().sittings(person.alert_id) if one.person == person.name)
    return next(held, None)


def standing(person: Person, *, now: datetime) -> Standing:
    """How this person's seat stands, and relays for whoever sits."""
    board = rooms.here()
    sittings = board.sittings(person.alert_id)
    own = next((one for one in sittings if one.person == person.name), None)
    others = [one for one in sittings if one.person != person.name and one.state == _CONNECTED]
    return Standing(
        up=board.is_up,
        taking=own.taking if own else "",
        heard=own is not None and _SOUND in own.publishes,
        listeners=len(others) if own else 0,
        ice_servers=ice_servers(person.alert_id, own.seat, now=now) if own else [],
    )


def line(alert_id: UUID) -> dict[str, object]:
    """Who sits where, for the pages: `{"up", "seats"}`; contacts by number, as in the snapshot. Never an address."""
    board = rooms.here()
    return {"up": board.is_up, "seats": [_seat_line(sitting) for sitting in board.sittings(alert_id)]}


def end_what_is_over(media: MediaClient, occupied: Mapping[UUID, Sequence[Sitting]], *, now: datetime) -> None:
    """End the rooms of alerts that are over, free the seats of those who may not sit there (any more).

    Raises mediaclient.AwayError.
    """
    live = dict(Alert.objects.live_for_contacts(now).filter(pk__in=list(occupied)).values_list("pk", "state"))
    welcome = {(alert_id, HER) for alert_id, state in live.items() if state == AlertState.OPEN}
    links = Link.objects.filter(alert__in=live, cut_off_at=None)
    welcome |= {(alert_id, _named(contact_id)) for alert_id, contact_id in links.values_list("alert_id", "contact_id")}
    for alert_id, sittings in occupied.items():
        if alert_id not in live:
            media.end(alert_id)
            continue
        for sitting in sittings:
            if (alert_id, sitting.person) not in welcome:
                _dismiss(media, alert_id, sitting)


def _dismiss(media: MediaClient, alert_id: UUID, sitting: Sitting) -> None:
    with suppress(NoSeatError):  # gone already
        media.leave(alert_id, Claim(seat=sitting.seat, person=sitting.person))


@contextmanager
def _line_to_media() -> Iterator[MediaClient]:
    """One of few lines at a time. Raises AwayError when all of them wait for an answer."""
    if not _LINES.acquire(timeout=_LINE_SECONDS):
        raise AwayError("too many wait")
    try:
        yield mediaclient.of_installation()
    finally:
        _LINES.release()


def _claim(media: MediaClient, person: Person, which: Which) -> Claim:
    """The seat that is named, else wherever this person sits. Raises NoSeatError, AwayError."""
    seat = which.seat
    if seat is None:
        sittings = media.rooms().rooms.get(person.alert_id, ())
        seat = next((one.seat for one in sittings if one.person == person.name), None)
    if seat is None:
        raise NoSeatError
    return Claim(seat=seat, person=person.name, taking=which.taking)


def _named(contact_id: int) -> str:
    return f"{_CONTACT}{contact_id}"


def _seat_line(sitting: Sitting) -> dict[str, object]:
    contact = sitting.person.removeprefix(_CONTACT)
    return {
        "seat": sitting.seat,
        "contact": int(contact) if contact.isdigit() else None,
        "her": sitting.person == HER,
        "state": sitting.state,
        "publishes": list(sitting.publishes),
        "hears": sitting.hears,
        "taking": sitting.taking,
    }
