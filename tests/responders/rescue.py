"""An emergency in full swing: Marie clicked twice, Nadia and Thomas opened their links."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.utils import timezone

from alerts import links
from alerts.domain import alerting, tracking
from alerts.models import Alert, Delivery, Link
from alerts.states import Gesture
from responders.domain import visiting
from tests.people import make_marie, make_phone


@dataclass(frozen=True, kw_only=True)
class Seated:
    """Somebody who opened the link: the place and the key that the browser keeps."""

    link: Link
    key: str

    @property
    def path(self) -> str:
        """Of the socket."""
        return f"/ws/alert/{self.link.place}/"

    @property
    def cookie(self) -> str:
        """As the browser sends it, on http."""
        return f"visit={self.key}"


def make_rescue() -> Alert:
    """Marie clicks twice."""
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=now, sent_at=now, fix=make_fix(now))
    return alerting.receive_click(make_phone(make_marie()), report, now=now).alert


def open_link(alert: Alert, name: str) -> Seated:
    """One of her relatives opens the link of the SMS."""
    now = timezone.now()
    delivery = next(row for row in Delivery.objects.filter(alert=alert, channel="sms") if row.contact.name == name)
    token = links.read(links.draw([delivery], at=now)[delivery.pk], now=now)
    assert token is not None
    return Seated(link=token.link, key=visiting.enter(token, "", now=now))


def make_fix(at: datetime, *, latitude: float = 49.4179, longitude: float = 2.8261) -> tracking.Fix:
    """Where she is: Compiègne."""
    return tracking.Fix(uid=uuid4(), latitude=latitude, longitude=longitude, accuracy=12.0, recorded_at=at)


def move(alert: Alert, *, seconds: int = 0, latitude: float = 49.4179) -> None:
    """Her phone sends one fix, recorded so many seconds ago."""
    now = timezone.now()
    fresh = Alert.objects.get(pk=alert.pk)
    tracking.store(fresh, [make_fix(now - timedelta(seconds=seconds), latitude=latitude)], sent_at=now, now=now)
