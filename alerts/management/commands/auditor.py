"""`manage.py auditor`: looks every five seconds whether somebody was reached, and shouts if not."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from alerts.domain import ways
from alerts.domain.heartbeat import Heart
from alerts.domain.operators import Teller
from alerts.domain.watching import Auditor


class Command(BaseCommand):
    """One process that sends no alert and believes no sender: reads rows, tells the operators, gives signs of life."""

    help = "Finds what did not arrive, tells SHERIF_OPERATORS and feeds SHERIF_HEARTBEAT_URL."
    requires_system_checks = ["security"]  # the others would load every page: fifty megabytes for nothing

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT."""
        sherif = settings.SHERIF
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        auditor = Auditor(
            Teller(sherif.operators, ways.of_installation()), Heart(sherif.heartbeat_url), since=timezone.now()
        )
        self.stdout.write("ready")
        self.stdout.flush()
        auditor.run(stopped)
