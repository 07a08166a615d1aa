"""The figures of the video rooms, asked from the media process when somebody scrapes: how many, never who."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from responders import mediaclient
from responders.mediaclient import AwayError

_PATIENCE_SECONDS = 1.0
_GAUGES = {
    "rooms": "Rooms that somebody sits in",
    "seats": "Seats that are taken",
    "pictures_hidden": "Pictures held back from thin links",
    "socket_buffer": "Bytes that the shared socket may hold (net.core.rmem_max caps it)",
}


class RoomFigures(Collector):
    """`sherif_media_up`, and everything that the media process counts."""

    def collect(self) -> Iterator[Metric]:
        """The one figure that is always there first."""
        client = replace(mediaclient.of_installation(), seconds=_PATIENCE_SECONDS)
        try:
            stats = client.stats()
        except AwayError:
            stats = {}
        yield GaugeMetricFamily("sherif_media_up", "Whether the media process answers", value=1 if stats else 0)
        for name, value in stats.items():
            if name in _GAUGES:
                yield GaugeMetricFamily(f"sherif_media_{name}", _GAUGES[name], value=value)
            else:
                yield CounterMetricFamily(f"sherif_media_{name}", f"As the media process counts: {name}", value=value)

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked when the collector is registered."""
        return []
