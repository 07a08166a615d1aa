"""A clock that was set back: what waits for a moment that is now far ahead would wait as long as it was set back.

Leases and waits are moments on the wall clock, because they must mean the same to every worker and after a restart. So
whoever sweeps looks for waits longer than any that we give. Machines that share one database keep their clocks within
seconds of each other (NTP); a lease is checked on a clock that nobody sets before anything leaves
(`attempting.attempt`).
"""

from datetime import datetime, timedelta

from alerts.domain import claiming, deliveries, limits
from alerts.models import Delivery
from alerts.states import DeliveryState

_APART = timedelta(seconds=30)  # clocks of two machines, at worst
_LONGEST = timedelta(seconds=deliveries.BACKOFF[-1])


def set_right(*, now: datetime) -> None:
    """Bring moments that no worker can have meant back to the present; nothing is written when there are none."""
    sending = Delivery.objects.filter(state=DeliveryState.SENDING, leased_until__gt=now + claiming.LEASE + _APART)
    due = Delivery.objects.filter(state=DeliveryState.DUE, not_before__gt=now + _LONGEST + _APART)
    unknown = Delivery.objects.filter(state=DeliveryState.UNKNOWN, not_before__gt=now, moved_at__gt=now + _APART)
    if sending.exists():
        sending.update(leased_until=now + claiming.LEASE)
    if (impatient := due.exclude(error_code=limits.LIMITED)).exists():
        impatient.update(not_before=now)
    if unknown.exists():
        unknown.update(not_before=now, moved_at=now)
