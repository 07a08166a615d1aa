"""What the networks told us already: the same call again is not heard twice."""

import hashlib
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from alerts.models import Hook

KEPT = timedelta(days=2)  # a network that could not reach us tries again for hours, never for days
_AT_ONCE = 500  # forgotten in one go


def is_new(*words: str, now: datetime) -> bool:
    """Remember a call by the words that make it one of its kind; False if it was heard before.

    Call it inside the transaction that acts on the call: what fails is then forgotten too, and its repeat is heard.
    """
    fingerprint = hashlib.sha256("\n".join(words).encode()).hexdigest()
    try:
        with transaction.atomic():
            Hook.objects.create(fingerprint=fingerprint, at=now)
    except IntegrityError:
        return False
    return True


def forget_old(*, now: datetime) -> None:
    """Forget what was heard more than KEPT ago. Looks before it writes: a write keeps others waiting on SQLite."""
    old = list(Hook.objects.filter(at__lt=now - KEPT).values_list("pk", flat=True)[:_AT_ONCE])
    if old:
        Hook.objects.filter(pk__in=old).delete()
