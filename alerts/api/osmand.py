"""The OsmAnd protocol: a query or form in knots, or the JSON of newer Traccar Clients in metres per second."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alerts.api.readings import Reading, instant, number

_KNOTS = 1852 / 3600
_SOS = "sos"


@dataclass(frozen=True, kw_only=True)
class Report:
    """Who says so, and what."""

    osmand_id: str
    reading: Reading


def read_parameters(sent: Mapping[str, str]) -> Report:
    """A query or a form."""
    latitude, _, longitude = sent.get("location", "").partition(",")
    return Report(
        osmand_id=sent.get("id") or sent.get("deviceid", ""),
        reading=Reading(
            recorded_at=instant(sent.get("timestamp")),
            latitude=number(sent.get("lat", latitude), -90, 90),
            longitude=number(sent.get("lon", longitude), -180, 180),
            accuracy=number(sent.get("accuracy"), 0, 1e7),
            speed=number(sent.get("speed"), 0, 1e4, times=_KNOTS),
            heading=number(sent.get("bearing", sent.get("heading")), 0, 360),
            altitude=number(sent.get("altitude"), -1e5, 1e5),
            battery=number(sent.get("batt"), 0, 100),
            sos=sent.get("alarm") == _SOS,
        ),
    )


def read_json(sent: Mapping[str, Any]) -> Report:
    """`{"device_id", "location": {"timestamp", "coords": {...}, "battery": {"level"}, "alarm"}}`."""
    location = _object(sent.get("location"))
    coords = _object(location.get("coords"))
    named = sent.get("device_id")
    alarms = (sent.get("alarm"), location.get("alarm"), _object(location.get("extras")).get("alarm"))
    return Report(
        osmand_id=named if isinstance(named, str) else "",
        reading=Reading(
            recorded_at=instant(location.get("timestamp")),
            latitude=number(coords.get("latitude"), -90, 90),
            longitude=number(coords.get("longitude"), -180, 180),
            accuracy=number(coords.get("accuracy"), 0, 1e7),
            speed=number(coords.get("speed"), 0, 1e4),
            heading=number(coords.get("heading"), 0, 360),
            altitude=number(coords.get("altitude"), -1e5, 1e5),
            battery=number(_object(location.get("battery")).get("level"), 0, 100, times=100),
            sos=_SOS in alarms,
        ),
    )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
