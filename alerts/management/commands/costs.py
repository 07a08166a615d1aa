"""`manage.py costs`: what the networks will bill for one month, by association."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from alerts.domain import costs
from alerts.domain.costs import Bill, Charge

_HEAD = f"{'':30} {'alerts':>7} {'SMS parts':>10} {'minutes':>8} {'mails':>7} {'euros':>10} {'unpriced':>9}"


class Command(BaseCommand):
    """Prints a table, or JSON with `--json`. The canary's drills stand in a line of their own."""

    help = "What SMS, calls and mails of one month cost, by association; prices are the rows of Tariff."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which month, and how it is printed."""
        parser.add_argument("--month", type=_month, default=None, help="as 2026-11 (default: the present one)")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        at: datetime = options["month"] or timezone.now()
        charges = costs.of_month(at)
        name = f"{timezone.localtime(at):%Y-%m}"
        if options["as_json"]:
            self.stdout.write(json.dumps({"month": name, "charges": [_told(charge) for charge in charges]}, indent=2))
            return
        self.stdout.write(f"{name:30} {_HEAD[31:]}")
        for charge in charges:
            self.stdout.write(_line(_name(charge), charge.bill))


def _month(text: str) -> datetime:
    try:
        return costs.month_named(text)
    except ValueError:
        raise ArgumentTypeError("a month is written as 2026-11") from None


def _name(charge: Charge) -> str:
    name = charge.association.name if charge.association else "no association"
    return f"canary, {name}" if charge.canary else name


def _line(name: str, bill: Bill) -> str:
    return (
        f"{name[:30]:30} {bill.alerts:7} {bill.sms_parts:10} {bill.call_minutes:8} {bill.mails:7}"
        f" {bill.euros:10.2f} {bill.unpriced:9}"
    )


def _told(charge: Charge) -> dict[str, object]:
    bill = charge.bill
    return {
        "association": charge.association.name if charge.association else None,
        "canary": charge.canary,
        "alerts": bill.alerts,
        "sms_parts": bill.sms_parts,
        "call_minutes": bill.call_minutes,
        "mails": bill.mails,
        "euros": str(bill.euros),
        "unpriced": bill.unpriced,
    }
