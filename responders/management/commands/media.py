"""`manage.py media`: the process that carries sound and pictures between the browsers of a room."""

import importlib
import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from responders import machinecode

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """One process for all rooms: the web says who may sit down, packets are forwarded and never decoded."""

    help = "Carries the video rooms: one UDP port for browsers, one private door for the web process."
    requires_system_checks = ["security"]

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT. Raises CommandError if an address is taken or not ours."""
        if machinecode.use():
            log.info("The media core runs in machine code.")
        process = importlib.import_module("responders.mediaprocess")  # not before it is known what it is made of
        try:
            process.run(self._say_ready)
        except OSError as error:
            raise CommandError(f"The media process cannot listen: {error.strerror or type(error).__name__}.") from None

    def _say_ready(self) -> None:
        self.stdout.write("ready")
        self.stdout.flush()
