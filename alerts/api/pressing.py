"""One click of a phone through the gates, whichever client reports it."""

from datetime import datetime

from alerts.api import gates
from alerts.domain import alerting, limits
from alerts.domain.alerting import ClickReceipt, ClickReport
from alerts.models import Phone


def receive(phone: Phone, report: ClickReport, *, now: datetime) -> ClickReceipt:
    """Store it, or find the alert that it already opened: a known id is cheap and never refused.

    Raises FloodError for one of too many that would change nothing, StaleClickError, the 503 of the contract.
    """
    if receipt := alerting.known(phone, report.uid):
        return receipt
    try:
        with (
            gates.phones.passing(phone.pk, spare=lambda: limits.adds_nothing(phone.victim, report.gesture, now=now)),
            gates.clicks.passing(),
        ):
            return alerting.receive_click(phone, report, now=now)
    except gates.FloodError:
        if receipt := alerting.known(phone, report.uid):  # a copy of it was stored while we looked
            return receipt
        raise
