"""Her hour, wherever the server stands."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def of(name: str) -> tzinfo:
    """The time zone of this name, or UTC where this machine knows none: a strange hour is better than no message."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def clock(at: datetime, name: str) -> str:
    """21:04 in this time zone; with "UTC" behind it where it is not her hour."""
    zone = of(name)
    return f"{at.astimezone(zone):%H:%M}{' UTC' if zone is UTC else ''}"
