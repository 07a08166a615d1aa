"""Which fixes of a phone belong to which alert, and what the phone is told of them.

An alert takes fixes recorded between her gesture and its end, up to an hour after the end. One closed under duress
goes on taking them for the contacts, while every answer to the phone is that of a closed one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from alerts.domain import tracking
from alerts.models import Alert, Click, Event, Phone
from alerts.states import LIVE_FOR_CONTACTS, AlertState, EventKind

AFTER_THE_END = timedelta(hours=1)
AHEAD = timedelta(minutes=10)
_JUST_BEFORE = timedelta(seconds=10)  # clients cut seconds off, and the fix is older than the gesture that sends it
_WRONG_CLOCK = timedelta(minutes=10)  # a click never travels longer than that: beyond, the phone's clock is wrong
_MOST_WRONG = timedelta(hours=2)
_ENDS = (EventKind.CLOSED, EventKind.FALSE_ALARM, EventKind.CLOSED_UNDER_DURESS, EventKind.EXPIRED)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What became of a batch, as the phone may know it; the three numbers add up to what was sent."""

    stored: int = 0
    known: int = 0
    refused: int = 0
    is_open: bool = False


@dataclass(frozen=True, kw_only=True)
class _Window:
    """From when to when an alert takes fixes. Ends are None while it goes on: for the contacts, and on her phone."""

    alert: Alert
    clicked_at: datetime | None  # by the clock of this very phone, if it was this phone's click that opened the alert
    phone_now: datetime  # what that clock says now
    now: datetime
    ends: datetime | None
    ends_on_her_phone: datetime | None

    def takes(self, fix: tracking.Fix) -> bool:
        """Whether the contacts get this fix."""
        return self._is_inside(fix, self.ends)

    def shows(self, fix: tracking.Fix) -> bool:
        """Whether her phone is told that this fix was stored."""
        return self._is_inside(fix, self.ends_on_her_phone)

    def _is_inside(self, fix: tracking.Fix, end: datetime | None) -> bool:
        at = self.now - (self.phone_now - fix.recorded_at)
        if at > self.now + AHEAD or not self._has_begun(fix, at):
            return False
        return end is None or (at <= end and self.now <= end + AFTER_THE_END)

    def _has_begun(self, fix: tracking.Fix, at: datetime) -> bool:
        """By the server's clock, or by the phone's own: the gesture may be minutes older than its arrival."""
        if at >= self.alert.opened_at - _JUST_BEFORE:
            return True
        if self.clicked_at is None or at < self.alert.opened_at - _MOST_WRONG:
            return False
        return fix.recorded_at >= self.clicked_at - _JUST_BEFORE


def receive(phone: Phone, fixes: Sequence[tracking.Fix], *, sent_at: datetime | None, now: datetime) -> Tally:
    """Store every fix that belongs to an alert of hers, once, and tell the pages.

    Nothing is written outside an alert. The rows of the alerts are locked, so that the same batch sent twice at once
    is counted once.
    """
    if not _alerts(phone, now=now).exists():
        return Tally(refused=len(fixes))
    with transaction.atomic():
        alerts = _alerts(phone, now=now).select_for_update(of=("self",)).order_by("pk")
        windows = [_window(alert, sent_at=sent_at, now=now) for alert in alerts]
        tally, newest = _store(windows, fixes, now=now)
        if newest is not None:
            _note(phone, newest, now=now)
    return tally


def _alerts(phone: Phone, *, now: datetime) -> QuerySet[Alert]:
    """Those of hers that go on for somebody, or ended within the hour."""
    goes_on = Q(state__in=LIVE_FOR_CONTACTS, expires_at__gt=now - AFTER_THE_END)
    ended_lately = Q(ended_at__gte=now - AFTER_THE_END)
    opening = Click.objects.filter(alert=OuterRef("pk"), phone=phone).order_by("received_at", "pk")
    end = Event.objects.filter(alert=OuterRef("pk"), kind__in=_ENDS).order_by("sequence")
    return (
        Alert.objects.filter(victim=phone.victim_id)
        .filter(goes_on | ended_lately)
        .annotate(
            opening_clicked_at=Subquery(opening.values("clicked_at")[:1]),
            opening_received_at=Subquery(opening.values("received_at")[:1]),
            first_ended_at=Subquery(end.values("at")[:1]),
        )
    )


def _window(alert: Any, *, sent_at: datetime | None, now: datetime) -> _Window:
    """`alert` is a row of `_alerts`, with its annotations."""
    is_over = alert.state in {AlertState.CLOSED, AlertState.EXPIRED}
    overdue = alert.expires_at if now >= alert.expires_at else None
    ends = alert.ended_at if is_over else overdue
    ends_on_her_phone = overdue if alert.state == AlertState.OPEN else alert.first_ended_at or alert.ended_at
    clicked_at, received_at = alert.opening_clicked_at, alert.opening_received_at
    wrong = received_at - clicked_at if clicked_at else timedelta(0)
    skew = wrong if abs(wrong) > _WRONG_CLOCK else timedelta(0)
    return _Window(
        alert=alert,
        clicked_at=clicked_at,
        phone_now=sent_at or now - skew,
        now=now,
        ends=ends,
        ends_on_her_phone=ends_on_her_phone,
    )


def _store(
    windows: Sequence[_Window], fixes: Sequence[tracking.Fix], *, now: datetime
) -> tuple[Tally, tracking.Fix | None]:
    """The tally, and the newest of the fixes that were stored for anybody."""
    shown, fresh, stored = set(), set(), set()
    for window in windows:
        taken = [fix for fix in fixes if window.takes(fix)]
        new = {position.uid for position in tracking.store(window.alert, taken, sent_at=window.phone_now, now=now)}
        visible = {fix.uid for fix in taken if window.shows(fix)}
        stored |= new
        shown |= visible
        fresh |= visible & new
    refused = sum(fix.uid not in shown for fix in fixes)
    is_open = any(window.ends_on_her_phone is None for window in windows)
    tally = Tally(stored=len(fresh), known=len(fixes) - refused - len(fresh), refused=refused, is_open=is_open)
    newest = max((fix for fix in fixes if fix.uid in stored), key=lambda fix: fix.recorded_at, default=None)
    return tally, newest


def _note(phone: Phone, newest: tracking.Fix, *, now: datetime) -> None:
    seen: dict[str, Any] = {"seen_at": now}
    if newest.battery is not None:
        seen["battery"] = newest.battery
    Phone.objects.filter(pk=phone.pk).update(**seen)
