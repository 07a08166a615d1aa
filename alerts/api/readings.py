"""What a background client reports, read leniently: a field that makes no sense is left out, not argued about."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from alerts.api.schemas import plausible
from alerts.domain import tracking
from alerts.models import Phone

_NAMESPACE = UUID("6f1c0a3e-6f7d-4b52-9d3c-5b8a7e1f2c40")
_MILLISECONDS_FROM = 2**31
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One report: degrees, metres, metres per second, percent, UTC; None where the client said nothing usable."""

    recorded_at: datetime | None
    latitude: float | None
    longitude: float | None
    accuracy: float | None = None
    speed: float | None = None
    heading: float | None = None
    altitude: float | None = None
    battery: float | None = None
    sos: bool = False

    def uid(self, phone: Phone, *, of: str) -> UUID:
        """The id that the client did not draw: uuid5 of phone, time and place (RFC 9562), so a retry has the same."""
        when = self.recorded_at.isoformat() if self.recorded_at else ""
        return uuid5(_NAMESPACE, f"{of} {phone.pk} {when} {self.latitude!r} {self.longitude!r}")

    def fix(self, phone: Phone) -> tracking.Fix | None:
        """The fix, if time and place are known."""
        if self.recorded_at is None or self.latitude is None or self.longitude is None:
            return None
        return tracking.Fix(
            uid=self.uid(phone, of="fix"),
            latitude=self.latitude,
            longitude=self.longitude,
            accuracy=self.accuracy,
            speed=self.speed,
            heading=self.heading,
            altitude=self.altitude,
            battery=None if self.battery is None else round(self.battery),
            recorded_at=self.recorded_at,
        )


def number(value: object, low: float, high: float, *, times: float = 1) -> float | None:
    """A number or a text that is one, in our unit, if it lies between the bounds (in our unit, too)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value) * times
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and low <= found <= high else None


def instant(value: object) -> datetime | None:
    """Seconds or milliseconds since 1970, or ISO 8601 (UTC if it says no offset), between 1970 and 2100."""
    try:
        since = number(value, 0, 1e13)
        if since is not None:
            seconds = since / 1000 if since >= _MILLISECONDS_FROM else since
            return plausible(_EPOCH + timedelta(seconds=seconds))
        spelt = datetime.fromisoformat(value) if isinstance(value, str) else None
        if spelt is None:
            return None
        return plausible(spelt if spelt.tzinfo else spelt.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
