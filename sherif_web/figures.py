"""The figures of the service, read from rows when somebody scrapes: nothing that leads to a person.

Gauges of ages are in seconds. A part that never gave a sign has the age infinity, so that a rule "older than thirty
seconds" rings for it too.
"""

import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error
from django.db.models import Count, Min, QuerySet, Sum
from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from alerts.domain import auditing, beats, costs
from alerts.domain.aside import Aside
from alerts.models import Alert, Delivery, Rest
from alerts.states import DeliveryState, FindingKind

WELL, TROUBLE, SILENT = "well", "trouble", "silent"
SILENT_AFTER = timedelta(seconds=30)
_PATIENCE_SECONDS = 2

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What the auditor says: "well", "trouble" or "silent", and how many rows each finding concerns."""

    auditor: str
    findings: Mapping[str, int]


def watch(*, now: datetime) -> Watch:
    """What the auditor found last; it is silent if its last round is older than thirty seconds."""
    found = _findings()
    if beats.is_silent(beats.AUDITOR, after=SILENT_AFTER, now=now):
        return Watch(auditor=SILENT, findings=found)
    return Watch(auditor=TROUBLE if found else WELL, findings=found)


class Figures(Collector):
    """Asks the rows at every scrape, aside and for two seconds at most; `sherif_figures_read` says whether it could."""

    def __init__(self) -> None:
        self._aside: Aside[list[Metric]] = Aside("figures")

    def collect(self) -> Iterable[Metric]:
        """What could be read in time, or the one figure which says that nothing could."""
        read = self._read()
        return [*read, _gauge("figures_read", "Whether the rows could be read in time", 1 if read else 0)]

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing is asked when the collector is registered."""
        return []

    def _read(self) -> list[Metric]:
        asked = self._aside.begin(read, patience=_PATIENCE_SECONDS)
        try:
            return asked.result(_PATIENCE_SECONDS) if asked else []
        except (TimeoutError, Error) as error:
            log.warning("The figures could not be read (%s).", type(error).__name__)
            return []


def read() -> list[Metric]:
    """Every figure that lies in rows, now."""
    now = timezone.now()
    live = Alert.objects.live_for_contacts(now).filter(victim__canary=False)
    due = Delivery.objects.filter(state=DeliveryState.DUE).aggregate(oldest=Min("not_before"))["oldest"]
    return [
        _labelled("findings", "What the auditor found, by kind", _counted_findings(), by=("kind",)),
        _gauge("auditor_age_seconds", "Since the last round of the auditor", _age(beats.AUDITOR, now=now)),
        _gauge("sweep_age_seconds", "Since a worker last looked at what is due", _age(beats.SWEEP, now=now)),
        _gauge("alerts_open", "Alerts that are live for their contacts", live.count()),
        _labelled("deliveries", "Messages of live alerts", _deliveries(live), by=("state", "channel")),
        _gauge("due_oldest_seconds", "Since the oldest due message should have left", _late(due, now=now)),
        _labelled("provider_resting", "Providers left in peace", _resting(now=now), by=("provider", "channel")),
        *_canary(now=now),
        costs.parts.figure(),
    ]


def _findings() -> dict[str, int]:
    rows = auditing.open_findings().order_by("kind").values_list("kind").annotate(total=Sum("count"))
    return {str(kind): int(total) for kind, total in rows}


def _counted_findings() -> dict[tuple[str, ...], float]:
    found = _findings()
    return {(kind,): found.get(kind, 0) for kind in FindingKind}


def _deliveries(live: QuerySet[Alert]) -> dict[tuple[str, ...], float]:
    rows = Delivery.objects.filter(alert__in=live).order_by("state", "channel")
    return {(state, channel): n for state, channel, n in rows.values_list("state", "channel").annotate(n=Count("pk"))}


def _resting(*, now: datetime) -> dict[tuple[str, ...], float]:
    rows = Rest.objects.order_by("provider", "channel").values_list("provider", "channel", "until")
    return {(provider, channel): float(until > now) for provider, channel, until in rows}


def _canary(*, now: datetime) -> list[GaugeMetricFamily]:
    if not settings.SHERIF.canary_minutes:
        return []
    failed = auditing.open_findings().filter(kind=FindingKind.CANARY_FAILED).exists()
    return [
        _gauge("canary_age_seconds", "Since a canary last arrived", _age(beats.CANARY, now=now)),
        _gauge("canary_well", "Whether the last canary arrived in time", 0 if failed else 1),
    ]


def _age(name: str, *, now: datetime) -> float:
    at = beats.last(name)
    return math.inf if at is None else (now - at).total_seconds()


def _late(due: datetime | None, *, now: datetime) -> float:
    return 0.0 if due is None else max((now - due).total_seconds(), 0.0)


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"sherif_{name}", meaning, value=value)


def _labelled(
    name: str, meaning: str, values: Mapping[tuple[str, ...], float], *, by: tuple[str, ...]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"sherif_{name}", meaning, labels=by)
    for chosen, value in values.items():
        family.add_metric(chosen, value)
    return family


REGISTRY.register(Figures())
