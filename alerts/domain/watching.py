"""The auditor's loop: a round every five seconds, whatever the others do and whatever went wrong in the last one."""

import logging
import threading
from datetime import datetime, timedelta

from django.db import DatabaseError, close_old_connections
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from alerts.domain import auditing
from alerts.domain.heartbeat import Heart
from alerts.domain.operators import Teller
from alerts.models import Beat, Delivery
from alerts.states import FindingKind

EVERY = 5.0  # seconds
TAKES_OVER_AFTER = timedelta(seconds=12)
_TURN = "turn"
# What keeps the heartbeat silent: the next click would not reach anybody, or one just did not.
GRAVE = frozenset(FindingKind) - {FindingKind.NOBODY_REACHED, FindingKind.IN_DOUBT, FindingKind.RECEIPTS_MISSING}

log = logging.getLogger(__name__)


class Auditor:
    """Any number may run; the one that had the last turn has the next, another takes over after twelve seconds."""

    def __init__(self, teller: Teller, heart: Heart, *, since: datetime) -> None:
        self._teller = teller
        self._heart = heart
        self._since = since
        self._turn: datetime | None = None

    def run(self, stopped: threading.Event) -> None:
        """Until told to stop. One broad `except`: an auditor that gives up is worth nothing."""
        while not stopped.is_set():
            try:
                close_old_connections()
                self.round(now=timezone.now())
            except DatabaseError:
                log.warning("The database did not answer the auditor; again in %d s.", EVERY, exc_info=True)
            except Exception:
                log.exception("A round of the auditor failed; again in %d s.", EVERY)
            stopped.wait(EVERY)

    def round(self, *, now: datetime) -> bool:
        """Look, tell, and give a sign of life. Returns whether it was this auditor's turn."""
        if not self._takes_turn(now=now):
            return False
        auditing.audit(now=now, since=self._since)
        self._teller.step(now=now)
        if not (is_grave() or self._teller.cannot_tell(now=now)):
            self._heart.beat(now=now)
        return True

    def _takes_turn(self, *, now: datetime) -> bool:
        """Keep the turn, or take that of an auditor that let twelve seconds pass; a turn from the future is void."""
        mine = Q(at=self._turn) if self._turn is not None else Q(pk__in=[])
        idle = Q(at__lte=now - TAKES_OVER_AFTER) | Q(at__gt=now + TAKES_OVER_AFTER)
        if not Beat.objects.filter(mine | idle, name=_TURN).update(at=now):
            if Beat.objects.filter(name=_TURN).exists():
                self._turn = None
                return False
            _, first = Beat.objects.get_or_create(name=_TURN, defaults={"at": now})
            if not first:
                return False
        self._turn = now
        return True


def is_grave() -> bool:
    """Whether something is wrong that must silence the heartbeat.

    Of the alerts that nobody received those count which are real and had somebody to be sent to: a button without any
    contact says nothing of the service.
    """
    wrong = auditing.open_findings()
    sent = Exists(Delivery.objects.filter(alert=OuterRef("alert")))
    unreached = wrong.filter(sent, kind=FindingKind.NOBODY_REACHED, alert__drill=False)
    return wrong.filter(kind__in=sorted(GRAVE)).exists() or unreached.exists()
