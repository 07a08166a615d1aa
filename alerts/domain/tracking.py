"""Where she is: fixes stored once, in order of the phone's clock, aged on the server's."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from uuid import UUID

from django.db import transaction

from alerts.domain import streets, timeline, whereabouts
from alerts.models import Alert, Position
from alerts.states import EventKind

LATE_AFTER = timedelta(seconds=30)
LOST_AFTER = timedelta(minutes=5)
MOST_ANNOUNCED = 50


class Freshness(StrEnum):
    """How much a fix still says; neither a state nor an end."""

    LIVE = "live"
    LATE = "late"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class Fix:
    """One fix as the phone reports it: degrees (WGS 84), metres, metres per second, percent."""

    uid: UUID
    latitude: float
    longitude: float
    accuracy: float | None = None
    speed: float | None = None
    heading: float | None = None
    altitude: float | None = None
    battery: int | None = None
    recorded_at: datetime


def store(alert: Alert, fixes: Sequence[Fix], *, sent_at: datetime | None, now: datetime) -> list[Position]:
    """Store the fixes that are not known yet and tell the pages; call it in a transaction.

    Age of a fix = server now - received + (sent_at - recorded_at); without sent_at the server's clock decides.
    """
    if not fixes:
        return []
    known = set(Position.objects.filter(alert=alert, uid__in=[fix.uid for fix in fixes]).values_list("uid", flat=True))
    fresh: dict[UUID, Fix] = {}
    for fix in fixes:
        if fix.uid not in known:
            fresh.setdefault(fix.uid, fix)
    positions = [
        Position(alert=alert, fixed_at=_fixed_at(fix, sent_at=sent_at, now=now), received_at=now, **asdict(fix))
        for fix in fresh.values()
    ]
    if positions:
        before = newest(alert)
        Position.objects.bulk_create(positions, ignore_conflicts=True)
        _announce(alert, positions, now=now)
        current = any(freshness(position, now=now) is not Freshness.LOST for position in positions)
        if current and alert.is_live(now):
            _tell(alert, before, _latest(positions), now=now)
    return positions


def _latest(positions: Iterable[Position]) -> Position:
    return max(positions, key=lambda position: position.recorded_at)


def _tell(alert: Alert, before: Position | None, latest: Position, *, now: datetime) -> None:
    """A line for the first position of a click that had none, and for one that comes after a silence of minutes."""
    if before is None and now > alert.opened_at:
        where = whereabouts.note(latest.latitude, latest.longitude)
        event = timeline.append(alert, EventKind.POSITION_FIRST, at=now, note=where)
    elif before is not None and freshness(before, now=now) is Freshness.LOST:
        event = timeline.append(alert, EventKind.POSITION_BACK, at=now, note=before.fixed_at.isoformat())
    else:
        return
    timeline.announce(alert, "action", event=event)


def _announce(alert: Alert, positions: Sequence[Position], *, now: datetime) -> None:
    """Tell the pages. A queue that was emptied at once does not fit in one message: the newest fixes travel, and
    the number grows by two, so that every page sees a gap and reads the whole track.
    """
    alert.grow()
    if len(positions) > MOST_ANNOUNCED:
        alert.grow()
        positions = sorted(positions, key=lambda position: position.recorded_at)[-MOST_ANNOUNCED:]
    latest = _latest(positions)
    lines = [position_line(position, now=now, named=position is latest) for position in positions]
    timeline.announce(alert, "position", positions=lines)
    transaction.on_commit(partial(streets.wonder, alert.pk, latest.latitude, latest.longitude))


def _fixed_at(fix: Fix, *, sent_at: datetime | None, now: datetime) -> datetime:
    if sent_at is None:
        return min(fix.recorded_at, now)
    return now - max(sent_at - fix.recorded_at, timedelta(0))


def newest(alert: Alert) -> Position | None:
    """The newest fix by the phone's clock."""
    return Position.objects.filter(alert=alert).order_by("-recorded_at", "-pk").first()


def freshness(position: Position, *, now: datetime) -> Freshness:
    """Live up to 30 s, late up to 5 min, then lost."""
    age = now - position.fixed_at
    if age <= LATE_AFTER:
        return Freshness.LIVE
    return Freshness.LATE if age <= LOST_AFTER else Freshness.LOST


def position_line(position: Position, *, now: datetime, named: bool = True) -> dict[str, object]:
    """One fix for the pages, with its age on the server's clock (seconds), and where that is in words.

    Of a whole queue only the newest is named: the others are points of a track.
    """
    age = max((now - position.fixed_at).total_seconds(), 0.0)
    return {
        "latitude": position.latitude,
        "longitude": position.longitude,
        "accuracy": position.accuracy,
        "speed": position.speed,
        "heading": position.heading,
        "altitude": position.altitude,
        "battery": position.battery,
        "recorded_at": position.recorded_at.isoformat(),
        "fixed_at": position.fixed_at.isoformat(),
        "age_seconds": math.floor(age * 10) / 10,
        "freshness": freshness(position, now=now),
        "street": streets.known(position.alert_id, position.latitude, position.longitude) if named else None,
        **(whereabouts.facts(position.latitude, position.longitude) if named else whereabouts.unknown()),
    }
