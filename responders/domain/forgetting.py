"""What the response forgets by itself: where responders were, once the alert is over, and which browsers they used."""

from datetime import datetime, timedelta

from django.conf import settings

from alerts.models import Alert
from alerts.states import LIVE_FOR_CONTACTS
from responders.models import SharedPosition, Visit


def positions(*, now: datetime, most: int) -> int:
    """Positions that responders shared: for the alert, and not a day longer."""
    over = SharedPosition.objects.exclude(link__alert__state__in=LIVE_FOR_CONTACTS, link__alert__expires_at__gt=now)
    found = list(over.values_list("pk", flat=True)[:most])
    if found:
        SharedPosition.objects.filter(pk__in=found).delete()
    return len(found)


def visits(*, now: datetime, most: int) -> int:
    """Digests of browsers' keys, of no use a day after the end."""
    limit = now - timedelta(days=settings.KEEPING["positions_days"])
    old = Alert.objects.filter(expires_at__lt=limit)
    found = list(Visit.objects.filter(link__alert__in=old).values_list("pk", flat=True)[:most])
    if found:
        Visit.objects.filter(pk__in=found).delete()
    return len(found)
