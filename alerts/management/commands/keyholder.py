"""`manage.py keyholder`: the one process that reads the keys of recordings."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from alerts.evidence import holder, keys
from alerts.evidence.errors import KeyHolderError


class Command(BaseCommand):
    """Signs and opens for web and worker over a local socket, and hands out no key."""

    help = "Holds the keys that SHERIF_SIGNING_KEY=unix:SOCKET#FOLDER names; `manage.py run` starts it by itself."
    requires_system_checks = ["security"]

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT. Raises CommandError: nothing to hold, or nowhere to listen."""
        chosen = settings.SHERIF.evidence
        if not chosen.held or chosen.kept is None:
            raise CommandError(
                "SHERIF_SIGNING_KEY names no socket and folder: unix:/run/sherif/keys.sock#/etc/sherif/keys"
            )
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        if chosen.draws:
            keys.draw(chosen.kept)
        try:
            holder.hold(chosen.keys, chosen.kept, until=stopped)
        except KeyHolderError:
            raise CommandError(f"No keys in {chosen.kept}: make them with `manage.py evidence keys`.") from None
        except OSError as error:
            raise CommandError(f"Nobody can listen at {chosen.keys}: {error.strerror}.") from None
