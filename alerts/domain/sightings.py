"""That a telephone of hers gave a sign of life, however quiet: an opened page, a client in the background."""

from datetime import datetime, timedelta

from django.db.models import Q

from alerts.models import Phone

RARELY = timedelta(hours=1)


def note(phone: Phone, *, now: datetime) -> None:
    """Remember it once an hour: a row is written rarely, for others wait meanwhile on SQLite."""
    if phone.seen_at is None or now - phone.seen_at > RARELY:
        due = Q(seen_at=None) | Q(seen_at__lte=now - RARELY)
        Phone.objects.filter(due, pk=phone.pk).update(seen_at=now)
