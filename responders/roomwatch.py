"""What each web process does about the rooms: hear who sits where, tell its pages, end what is over.

The media process decides nothing about who may be there. A room and a seat end at most two seconds after the alert and
the link: at once where the end was broadcast, otherwise at the next look, once a second.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

from django.db import DatabaseError
from django.utils import timezone

from responders import mediaclient
from responders.domain import room
from responders.mediaclient import AwayError, Rooms
from responders.rooms import Board
from responders.threads import in_thread

LOOK_SECONDS = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 0.5
_LATE = 20  # so many questions without an answer are no start any more

log = logging.getLogger(__name__)


class RoomWatch:
    """Two tasks of one event loop. `tell(alert)` says to its pages who sits there, `tell(None)` to all pages of all."""

    def __init__(self, board: Board, *, tell: Callable[[UUID | None], None]) -> None:
        self._board = board
        self._tell = tell
        self._asking = ThreadPoolExecutor(1, thread_name_prefix="rooms")
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="room-ends")
        self._hurry = asyncio.Event()

    def hurry(self) -> None:
        """An alert ended just now: look at once."""
        self._hurry.set()

    async def listen(self) -> None:
        """Hear every change, for ever; through every death of the media process."""
        failures, was_there = 0, False
        while True:
            ask = partial(mediaclient.of_installation().changes, self._board.known)
            try:
                heard = await in_thread(self._asking, ask)
            except AwayError as error:
                failures += 1
                if failures == (1 if was_there else _LATE):
                    log.warning("The video room is away (%s); everything else goes on.", error)
                self._lose()
                await asyncio.sleep(min(_FIRST_PAUSE * failures, _LONGEST_PAUSE))
            else:
                if failures:
                    log.info("The video room is there.")
                failures, was_there = 0, True
                self._hear(heard)

    def _lose(self) -> None:
        if self._board.is_up:
            self._board.lose()
            self._tell(None)

    def _hear(self, heard: Rooms) -> None:
        was_up = self._board.is_up
        changed = self._board.hear(heard)
        if not was_up:
            self._tell(None)
            return
        for alert_id in changed:
            self._tell(alert_id)

    async def look(self) -> None:
        """End what is over, for ever."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._hurry.wait()
            self._hurry.clear()
            if not self._board.rooms():
                continue
            try:
                await in_thread(self._looking, self._end_what_is_over)
            except AwayError as error:
                log.warning("Rooms could not be looked after (%s).", error)
            except DatabaseError as error:
                log.warning("Whether alerts go on could not be read (%s): their rooms do.", type(error).__name__)
            except Exception:  # the next look may go better
                log.exception("Rooms could not be looked after.")

    def _end_what_is_over(self) -> None:
        room.end_what_is_over(mediaclient.of_installation(), self._board.rooms(), now=timezone.now())
