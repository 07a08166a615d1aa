"""A thread of the worker that does the same again and again, and goes on whatever happens."""

import logging
import threading
from abc import ABC, abstractmethod

from django.db import DatabaseError, close_old_connections

from alerts.domain.sending import own_connections

log = logging.getLogger(__name__)


class Rounds(ABC):
    """One broad `except`: rows that one round left are found by the next."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def act(self) -> None:
        """One round."""

    @abstractmethod
    def pause(self) -> float:
        """Seconds until the next one."""

    def start(self) -> None:
        """Act at once, then after each pause."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        with own_connections():
            while not self._stopped.is_set():
                try:
                    close_old_connections()
                    self.act()
                except DatabaseError:
                    log.warning("The database did not answer the %s; again in a moment.", self._name, exc_info=True)
                except Exception:
                    log.exception("A round of the %s failed; again in a moment.", self._name)
                self._stopped.wait(self.pause())
