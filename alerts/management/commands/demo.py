"""`manage.py demo`: one association, one advocate, one victim, five contacts, one paired phone."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alerts.domain import demonstration


class Command(BaseCommand):
    """Creates the demonstration once, then prints it."""

    help = "Create the invented people of the demonstration once, then print how to play them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--json for programs."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the demonstration; refuse beside a real telephone network."""
        try:
            created = demonstration.create()
        except demonstration.RefusedError as error:
            raise CommandError(
                "No demonstration here: this installation is public or reaches real telephones. "
                "Set SHERIF_DEMO=1 if you mean it."
            ) from error
        if options["json"]:
            self.stdout.write(json.dumps(created.as_json(), ensure_ascii=False))
            return
        self.stdout.write(f"{created.base_url}/outbox/   five telephones and hers")
        self.stdout.write(f"{created.base_url}/profile/  {created.victim.username} / {created.victim.password}")
        self.stdout.write(f"PIN {created.victim.pin}, under duress {created.victim.duress_pin}")
