"""Alerts with five open pages each, in the database of the environment; prints places by alert."""

# ruff: noqa: E402 - a program of its own: Django is set up before its models are named
import json
import sys
from datetime import timedelta
from uuid import uuid4

import django

django.setup()

from django.db import transaction
from django.utils import timezone

from alerts.domain import alerting
from alerts.links import fingerprint
from alerts.models import Link
from alerts.states import Gesture
from responders.models import Visit
from tests.people import make_marie, make_phone


def main(count: int, key: str) -> None:
    """Make them."""
    now = timezone.now()
    places: dict[str, list[str]] = {}
    with transaction.atomic():
        for number in range(count):
            phone = make_phone(make_marie(f"marie-{number}"), f"token-{number}", f"osmand-{number}")
            report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=now, sent_at=now)
            alert = alerting.receive_click(phone, report, now=now).alert
            links = list(Link.objects.filter(alert=alert))
            seen = now - timedelta(minutes=1)
            Visit.objects.bulk_create(
                Visit(link=link, browser_hash=fingerprint(key), opened_at=seen, seen_at=seen, looked_at=now)
                for link in links
            )
            places[str(alert.pk)] = [link.place for link in links]
    print(json.dumps(places))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
