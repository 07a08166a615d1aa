"""Signs of life: a row per part of the service that says when it was last well."""

from datetime import datetime, timedelta

from alerts.models import Beat

AUDITOR = "auditor"  # a whole round of it ended
SWEEP = "sweep"  # a worker looked at everything that is due
CANARY = "canary"  # the whole chain was proved
RARELY = timedelta(seconds=10)


def beat(name: str, *, now: datetime) -> None:
    """This part is well now."""
    Beat.objects.bulk_create(
        [Beat(name=name, at=now)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
    )


def beat_rarely(name: str, *, now: datetime) -> None:
    """The same from a part that is asked every second in any number of processes: a row is written now and then."""
    if not Beat.objects.filter(name=name, at__gt=now - RARELY, at__lte=now).exists():
        beat(name, now=now)


def last(name: str) -> datetime | None:
    """When this part was last well (UTC); None if never."""
    return Beat.objects.filter(name=name).values_list("at", flat=True).first()


def is_silent(name: str, *, after: timedelta, now: datetime) -> bool:
    """Whether this part gave no sign for so long; one from the future is none, whoever's clock is wrong."""
    at = last(name)
    return at is None or abs(now - at) > after
