"""`manage.py retention`: forgets at once whatever the sweep would forget once a day."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from alerts.domain import keeping


class Command(BaseCommand):
    """Prints how many rows went, by what they are; with `--dry-run`, how many would."""

    help = "Erase what is older than settings.KEEPING allows. The worker does the same once a day by itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether anything is erased at all."""
        parser.add_argument("--dry-run", action="store_true", help="count, and erase nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say what would be done."""
        now = timezone.now()
        counts = keeping.due(now=now) if options["dry_run"] else keeping.everything(now=now)
        self.stdout.write(json.dumps({name: count for name, count in sorted(counts.items()) if count}, indent=2))
