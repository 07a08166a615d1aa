"""`manage.py worker`: hands due messages to the networks until it is told to stop."""

import logging
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from huey.consumer import Consumer

from alerts import garbage, places
from alerts.domain import dispatch, owners, ways
from alerts.domain.posting import Poster
from alerts.domain.sending import Sender, own_connections
from alerts.domain.sweeping import Sweeper
from alerts.domain.wire import Wire

_WORKERS = 2


class _Consumer(Consumer):  # type: ignore[misc]  # published without types
    """Huey's consumer, which says when it listens."""

    def start(self) -> None:
        """Start the threads and tell whoever supervises."""
        super().start()
        print("ready", flush=True)  # noqa: T201 - the supervisor reads it


class Command(BaseCommand):
    """One worker process: Huey's consumer, the sending threads and the sweeper. Any number may run."""

    help = "Hands due messages to the telephone networks and sweeps every second."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT; what was claimed is sent and recorded before the end."""
        logging.getLogger("huey").setLevel(logging.WARNING)
        data_dir = settings.SHERIF.data_dir
        with owners.named(data_dir) as name, own_connections():
            notes = Wire(owners.notes(data_dir, name))
            sender = Sender(ways.of_installation(), worker=name, wire=notes)
            sweeper = Sweeper(sender, data_dir)
            poster = Poster(sender.ways, worker=name)
            dispatch.work_with(sender)
            consumer = _Consumer(
                dispatch.queue().huey,
                workers=_WORKERS,
                periodic=False,
                initial_delay=dispatch.POLL,
                max_delay=dispatch.POLL,
                backoff=1.0,
                graceful_signal="TERM",
            )
            places.load()
            garbage.set_aside()
            sweeper.start()
            poster.start()
            try:
                consumer.run()
            finally:
                poster.stop()
                sweeper.stop()
                sender.close()
                notes.close()
