"""`manage.py web`: one process that serves pages, the phone's API and the sockets of the live pages."""

from sherif_web.server import WebServer  # isort: skip - Daphne comes before anything that touches Twisted
import logging
import os
import resource
import sys
from argparse import ArgumentParser
from typing import Any, Never

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from alerts import garbage, places
from responders import registry
from sherif_web.asgi import application
from sherif_web.peers import Proxies

_FILES = 65_536


class Command(BaseCommand):
    """Serves until SIGTERM or SIGINT, then finishes the requests that are inside."""

    help = "Serves pages, API and sockets; prints `ready address:port` once it accepts."
    requires_system_checks = ["security"]

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen."""
        parser.add_argument("--address", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument(
            "--port", type=int, default=settings.SHERIF.port, help="0 for any free port (default: PORT)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve. Raises CommandError if the port is taken."""
        _allow_many_sockets()
        server = WebServer(
            application,
            address=options["address"],
            port=options["port"],
            proxies=Proxies(settings.SHERIF.trusted_proxies),
            begin=lambda: registry.here().begin(),
        )
        places.load()
        garbage.set_aside()
        server.run()
        if server.failed:
            raise CommandError(f"Port {options['port']} of {options['address']} is taken or not allowed.")
        _leave()


def _leave() -> Never:
    """End at once. A request that outlived the drain waits for an event loop that is gone, its thread waits for it,
    and the interpreter would wait for the thread for ever. Its phone asks again; a row is stored whole or not at all.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _allow_many_sockets() -> None:
    """One file descriptor per page: as many as this user may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
