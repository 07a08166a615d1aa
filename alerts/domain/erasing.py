"""She leaves, and everything of hers goes: account, contacts, telephones, alerts, positions, who looked.

Not while an alert could still go on for somebody. One that she closed under duress goes on for her relatives, and an
erasure would end their help; a refusal only then would tell Paul which end it was. So it waits for the cap of every
alert, however that one ended. What stays is sums without anybody in them (`costs.keep_left`), the association's button,
which goes back to being nobody's, for minutes the news to her safe address that it was done, and in the log of
recordings, which names nobody, that they were there and are erased.
"""

from datetime import datetime

from django.db import transaction

from alerts.domain import alerting, changes, costs, forgetting
from alerts.evidence.errors import EvidenceError
from alerts.models import Account, Alert, Delivery, Position, Recording, Victim
from alerts.states import AlertState

_AT_ONCE = 2_000


class NotNowError(Exception):
    """An alert may still go on, for her or for somebody."""


def may_erase(victim: Victim, *, now: datetime) -> bool:
    """Whether no alert of hers is within its cap; drills do not count."""
    return not Alert.objects.filter(victim=victim, drill=False, expires_at__gt=now).exists()


def erase(victim: Victim, *, now: datetime) -> None:
    """All of it, for good. Raises NotNowError.

    Positions go first and in bites, because everybody's clicks wait for a long transaction on SQLite; whatever stops
    it in between, she does it again.
    """
    if not may_erase(victim, now=now):
        raise NotNowError
    for drill in Alert.objects.filter(victim=victim, drill=True, state=AlertState.OPEN):
        alerting.close(drill, AlertState.CLOSED, reason="safe", now=now)
    try:
        forgetting.erase_all(victim, now=now)  # files first: they could not be found again without their rows
    except EvidenceError as error:
        raise NotNowError from error
    _erase_positions(victim)
    with transaction.atomic():
        victim = Victim.objects.select_for_update().get(pk=victim.pk)
        if not may_erase(victim, now=now) or Recording.objects.filter(victim=victim, settled_at=None).exists():
            raise NotNowError
        alerts = list(Alert.objects.select_for_update().filter(victim=victim).order_by("pk"))
        sent = Delivery.objects.filter(contact__victim=victim)
        costs.keep_left(sent, now=now, alerts=[alert.pk for alert in alerts])
        changes.say_erased(victim, now=now)
        _erase_account(victim)


def _erase_positions(victim: Victim) -> None:
    old = Position.objects.filter(alert__victim=victim)
    while found := list(old.values_list("pk", flat=True)[:_AT_ONCE]):
        Position.objects.filter(pk__in=found).delete()


def _erase_account(victim: Victim) -> None:
    """Her account with its passkeys and codes; somebody who also works here keeps hers."""
    account = Account.objects.get(pk=victim.account_id)
    victim.delete()
    if not (account.is_staff or hasattr(account, "advocate")):
        account.delete()
