"""Nobody took charge: those not reached are rung again, three rounds, then the on-call line of her association.

A lap has five steps: three rounds, the on-call line, and the honest line that nobody is left to call. Whoever takes
charge stops it; a release with nobody in charge begins another lap, three at most; after those the steps that the last
lap has left are climbed, and a ladder without any says again that nobody is left.

The timer is a row. A step is climbed in one transaction that locks the alert first and looks at the row under that
lock: a second worker, a late one, one that was killed or frozen in the middle climbs nothing twice. A step that is late
is climbed once, and the next one is a whole step away from it.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from alerts.domain import composing, deliveries, dispatch, ringing, timeline
from alerts.domain.ringing import Told
from alerts.models import Alert, Contact, Event, Ladder
from alerts.states import LAST_ROUNDS, ON_CALLS, ROUNDS, AlertKind, EventKind

HAND_OVER = timedelta(seconds=10)  # after a release: time for somebody else to say "I do"
_LAPS = 3
_ROUNDS = 3
_STEPS = _ROUNDS + 2
_LOOK_AGAIN = timedelta(seconds=5)
_MOST = 200
_LINES = (EventKind.ROUND_1, EventKind.ROUND_2, EventKind.ROUND_3)

log = logging.getLogger(__name__)


def start(alert: Alert, *, told: int, now: datetime) -> None:
    """A rescue or an alarm was just told by so many messages: the first round is a step away.

    Call it in the transaction of the click. An upgrade begins another lap, because everybody hears of something worse.
    If nobody could be told at all, the on-call line is called at once. The operator's own exercises ring nobody twice.
    """
    if alert.kind == AlertKind.PREVENTION or alert.victim.canary:
        return
    ladder, _ = Ladder.objects.get_or_create(alert=alert, defaults={"since": now})
    _set(ladder, step=_next_lap(alert, ladder), since=now, due_at=now + _step())
    if alert.in_charge_id is not None:
        rest(alert, now=now)
    elif not told:
        _climb(alert, ladder, now=now)


def rest(alert: Alert, *, now: datetime) -> None:
    """Somebody is in charge: nobody else is rung. Call it in the transaction that says who.

    Texts live no longer than a step, so one thing is left to do once they are dead: who got none gets a last one.
    """
    texts_are_dead = max(_step(), timedelta(seconds=composing.SHORTEST)) + ringing.JITTER
    Ladder.objects.filter(alert=alert).update(due_at=now + texts_are_dead)


def resume(alert: Alert, *, now: datetime) -> None:
    """Nobody is in charge any more: another lap begins, without those who pressed 9.

    Call it in the transaction that wrote the release: its line keeps who released out of the new lap.
    """
    ladder = Ladder.objects.filter(alert=alert).first()
    if ladder is not None:
        _set(ladder, step=_next_lap(alert, ladder), since=now, due_at=now + min(HAND_OVER, _step()))


def climb_due(*, now: datetime) -> int:
    """Climb every ladder whose next step is due; the sweeper calls it each second. Returns how many steps."""
    due = Ladder.objects.due(now).order_by("due_at").values_list("pk", flat=True)[:_MOST]
    climbed = 0
    for alert_id in due:
        try:
            climbed += _climb_one(alert_id, now=now)
        except (OperationalError, InterfaceError):  # the database itself: the next sweep
            raise
        except Exception:  # one ladder that cannot be climbed must not stop the others
            log.exception("The ladder of alert %s could not be climbed; again in a second.", alert_id)
    return climbed


def _climb_one(alert_id: UUID, *, now: datetime) -> int:
    with transaction.atomic():
        alert = Alert.objects.select_for_update(of=("self",)).select_related("victim").filter(pk=alert_id).first()
        ladder = Ladder.objects.due(now).filter(pk=alert_id).first()  # read again under the lock
        if alert is None or ladder is None:
            return 0
        if not alert.is_live(now):
            _set(ladder, due_at=None)
            return 0
        if alert.in_charge_id is not None:
            _leave_texts(alert, ladder, now=now)
        else:
            _climb(alert, ladder, now=now)
    dispatch.wake(alert.pk)
    return 1


def _climb(alert: Alert, ladder: Ladder, *, now: datetime) -> None:
    """One step, under the alert's lock. Where a step has nobody to call, the next one is climbed in its place."""
    lap, place = divmod(ladder.step, _STEPS)
    if lap < _LAPS and place < _ROUNDS:
        last = place == _ROUNDS - 1
        company = ringing.relatives(alert, since=ladder.since, now=now, last=last)
        if company.rung:
            _ring_again(alert, ladder, company.rung, now=now)
            return
        if company.waiting:
            _wait(alert, ladder, now=now)
            return
    if lap < _LAPS and place <= _ROUNDS and _call_the_line(alert, ladder, now=now):
        _set(ladder, step=lap * _STEPS + _ROUNDS + 1, due_at=now + _step())
        return
    _say(alert, EventKind.EXHAUSTED, now=now)
    _set(ladder, step=min(lap + 1, _LAPS) * _STEPS, due_at=None)


def _leave_texts(alert: Alert, ladder: Ladder, *, now: datetime) -> None:
    """While somebody is in charge: one text that waits, for each telephone that was off all the time. No call.

    It is the text of this lap's third round; in the last lap the rounds are kept for a release.
    """
    lap, place = divmod(ladder.step, _STEPS)
    told = ringing.without_text(alert, now=now) if lap + 1 < _LAPS and place < _ROUNDS else []
    if told:
        deliveries.write(alert, told, occasion=LAST_ROUNDS[lap], now=now)
    _set(ladder, step=lap * _STEPS + _ROUNDS if told else ladder.step, due_at=None)


def _ring_again(alert: Alert, ladder: Ladder, told: Told, *, now: datetime) -> None:
    lap, place = divmod(ladder.step, _STEPS)
    deliveries.write(alert, told, occasion=ROUNDS[lap * _ROUNDS + place], now=now)
    _say(alert, _LINES[place], now=now, note=timeline.names(contact.name for contact, _ in told))
    _set(ladder, step=ladder.step + 1, due_at=now + _step())


def _wait(alert: Alert, ladder: Ladder, *, now: datetime) -> None:
    """Earlier calls have not left: a round now would ring twice at once when the network is back.

    The on-call line hears of it no later than it would have with a network in good health.
    """
    if now >= ladder.since + _step() * (_ROUNDS + 1):
        _call_the_line(alert, ladder, now=now)
    _set(ladder, due_at=now + _LOOK_AGAIN)


def _call_the_line(alert: Alert, ladder: Ladder, *, now: datetime) -> bool:
    """Whether there is an on-call line to call in this lap, and it is called."""
    occasion = ON_CALLS[ladder.step // _STEPS]
    told = ringing.on_call(alert, occasion, since=ladder.since)
    if not told:
        return False
    deliveries.write(alert, told, occasion=occasion, now=now)
    alert.grow()  # a place more: the pages see a gap and read the whole snapshot
    _say(alert, EventKind.ON_CALL, now=now, contact=told[0][0])
    return True


def _say(alert: Alert, kind: EventKind, *, now: datetime, contact: Contact | None = None, note: str = "") -> Event:
    event = timeline.append(alert, kind, at=now, contact=contact, note=note)
    timeline.announce(alert, "action", event=event)
    return event


def _next_lap(alert: Alert, ladder: Ladder) -> int:
    """The first step of a lap of which nothing was climbed yet; in the last lap, the step where it stands."""
    lap, place = divmod(ladder.step, _STEPS)
    if lap + 1 >= _LAPS:
        return ladder.step
    is_begun = place > 0 or alert.deliveries.filter(occasion=ON_CALLS[lap]).exists()  # the line may be called early
    return (lap + 1) * _STEPS if is_begun else ladder.step


def _set(ladder: Ladder, **fields: object) -> None:
    Ladder.objects.filter(pk=ladder.pk).update(**fields)
    for name, value in fields.items():
        setattr(ladder, name, value)


def _step() -> timedelta:
    return timedelta(seconds=settings.SHERIF.ladder_seconds)
