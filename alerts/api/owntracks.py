"""OwnTracks' JSON (owntracks.org/booklet/tech/json): km/h, seconds since 1970, percent."""

from alerts.api.readings import Reading, instant, number

_KILOMETRES_PER_HOUR = 1 / 3.6


def read(message: object) -> Reading | None:
    """The location that a message reports; None for every other `_type`."""
    if not isinstance(message, dict) or message.get("_type") != "location":
        return None
    return Reading(
        recorded_at=instant(message.get("tst")),
        latitude=number(message.get("lat"), -90, 90),
        longitude=number(message.get("lon"), -180, 180),
        accuracy=number(message.get("acc"), 0, 1e7),
        speed=number(message.get("vel"), 0, 1e4, times=_KILOMETRES_PER_HOUR),
        heading=number(message.get("cog"), 0, 360),
        altitude=number(message.get("alt"), -1e5, 1e5),
        battery=number(message.get("batt"), 0, 100),
    )
