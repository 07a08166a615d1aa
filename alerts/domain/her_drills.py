"""Her drills: the whole chain from the messages to the pages, labelled as an exercise at every step.

A drill is started from her pages, so perhaps by who knows her password, or by her advocate where she allowed it. It
therefore starts nothing on her telephone and shows an invented place: nobody learns where she is, and nothing of hers
listens or sounds. There are few, so that nobody can teach her relatives to shrug; none beside an alert or in the hours
after one, when a message that says "exercise" could be taken for the news of the other. Those hours are the same
however that alert ended.
"""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from alerts import access
from alerts.domain import accompanying, alerting, tracking
from alerts.domain.alerting import ClickReport
from alerts.models import Advocate, Alert, Victim
from alerts.states import AlertState, Gesture

LASTS = timedelta(minutes=30)
APART = timedelta(minutes=10)
A_DAY = 3
SAMPLE = (49.4179, 2.8261)  # the town hall of Compiègne: where she is not


class NotNowError(Exception):
    """An alert goes on or was given lately, or there were drills enough: which of them is not said."""


class NotAllowedError(Exception):
    """She did not allow this association to start drills, or not any more."""


class NobodyError(Exception):
    """No relative is told of this gesture."""


def may_start(victim: Victim, *, now: datetime) -> bool:
    """Whether a drill may begin: no alert within its cap, however it ended, and not too many drills."""
    if Alert.objects.filter(victim=victim, state=AlertState.OPEN).exists():
        return False
    if Alert.objects.filter(victim=victim, drill=False, expires_at__gt=now).exists():
        return False
    drills = access.drills_of(victim)
    if drills.filter(opened_at__gt=now - APART).exists():
        return False
    return drills.filter(opened_at__gt=now - timedelta(days=1)).count() < A_DAY


def start(victim: Victim, *, gesture: Gesture, now: datetime, advocate: Advocate | None = None) -> Alert:
    """Tell everybody whom this gesture would tell, by the same ways; `advocate` is who starts it, if not she herself.

    Raises NotAllowedError, NotNowError, NobodyError.
    """
    with transaction.atomic():
        victim = Victim.objects.select_for_update().get(pk=victim.pk)
        if advocate is not None and not accompanying.may_drill(advocate, victim):
            raise NotAllowedError
        if not may_start(victim, now=now):
            raise NotNowError
        if not any(contact.channels(gesture) for contact in victim.contacts.told(gesture)):
            raise NobodyError
        fix = tracking.Fix(uid=uuid4(), latitude=SAMPLE[0], longitude=SAMPLE[1], accuracy=12.0, recorded_at=now)
        report = ClickReport(uid=uuid4(), gesture=gesture, clicked_at=now, sent_at=now, fix=fix)
        drill = alerting.open_drill(victim, report, lasts=LASTS, now=now)
        if advocate is not None:
            Alert.objects.filter(pk=drill.pk).update(started_by=advocate)
            drill.started_by = advocate
        return drill


def starter(drill: Alert) -> str:
    """Who started it, if not she herself: the association and the number of the account, for her to ask there.

    Not a name: Paul, who reads her pages, has no need to know whom she talks to.
    """
    advocate = drill.started_by
    if advocate is None:
        return ""
    return _("%(association)s (compte %(number)d)") % {
        "association": advocate.association.name,
        "number": advocate.account_id,
    }


def end(drill: Alert, *, now: datetime) -> bool:
    """It is over, and everybody who was told hears so. Returns whether this call ended it."""
    return alerting.close(drill, AlertState.CLOSED, reason="safe", now=now)
