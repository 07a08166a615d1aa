"""Which fixes of a phone belong to which alert, and what the phone is told of them.

An alert takes fixes recorded between her gesture and its end, up to an hour after the end. One closed under duress
goes on taking them for the contacts, while every answer to the phone is that of a closed one. A drill takes none: it is
started from her pages, perhaps by who knows her password, and that must never tell where she is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

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
        windows = _windows(phone, sent_at=sent_at, now=now)
        tally, newest = _store(windows, fixes, now=now)
        if newest is not None:
            _note(phone, newest, now=now)
    return tally


def _alerts(phone: Phone, *, now: datetime) -> QuerySet[Alert]:
    """Those of hers that go on for somebody, or ended within the hour."""
    goes_on = Q(state__in=LIVE_FOR_CONTACTS, expires_at__gt=now - AFTER_THE_END)
    ended_lately = Q(ended_at__gte=now - AFTER_THE_END)
    return Alert.objects.filter(goes_on | ended_lately, victim=phone.victim_id, drill=False)


def _windows(phone: Phone, *, sent_at: datetime | None, now: datetime) -> list[_Window]:
    """The windows of her alerts, whose rows stay locked until the transaction ends."""
    alerts = list(_alerts(phone, now=now).select_for_update().order_by("pk"))
    clicks = Click.objects.filter(phone=phone, alert__in=alerts).order_by("-received_at", "-pk")
    opening = {click.alert_id: click for click in clicks}  # the last one written here is the first one that she made
    closed = [alert for alert in alerts if alert.state != AlertState.OPEN]
    ends = Event.objects.filter(alert__in=closed, kind__in=_ENDS).order_by("-sequence") if closed else ()
    ended_at = {event.alert_id: event.at for event in ends}
    return [
        _Window(
            alert=alert,
            clicked_at=opening[alert.pk].clicked_at if alert.pk in opening else None,
            phone_now=sent_at or now - _skew(opening.get(alert.pk)),
            now=now,
            ends=_end(alert, now=now),
            ends_on_her_phone=ended_at.get(alert.pk, alert.ended_at) or _end(alert, now=now),
        )
        for alert in alerts
    ]


def _end(alert: Alert, *, now: datetime) -> datetime | None:
    """When it ended for her contacts; one closed under duress ends at the cap."""
    if alert.state in {AlertState.CLOSED, AlertState.EXPIRED}:
        return alert.ended_at
    return alert.expires_at if now >= alert.expires_at else None


def _skew(click: Click | None) -> timedelta:
    """How far the phone's clock is behind, for clients that do not say what it shows when they send."""
    behind = click.received_at - click.clicked_at if click else timedelta(0)
    return behind if abs(behind) > _WRONG_CLOCK else timedelta(0)


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
