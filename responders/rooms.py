"""What this process last heard about who sits where. A media process that is away means empty seats."""

import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from uuid import UUID

from responders.mediaclient import Rooms, Sitting


class Board:
    """Read from any thread; written by the one that asks the media process (`responders.roomwatch`)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: Rooms | None = None
        self._lost_at: float | None = None

    @property
    def is_up(self) -> bool:
        """Whether the media process answers, as far as this process knows."""
        return self._heard is not None

    @property
    def missed_seconds(self) -> float:
        """For how long the media process has not answered that did before; 0 where there never was one."""
        return 0.0 if self._lost_at is None else self._clock() - self._lost_at

    @property
    def known(self) -> Rooms | None:
        """What was heard last."""
        return self._heard

    def rooms(self) -> Mapping[UUID, tuple[Sitting, ...]]:
        """Every room that somebody sits in."""
        heard = self._heard
        return heard.rooms if heard else {}

    def sittings(self, alert_id: UUID) -> tuple[Sitting, ...]:
        """Who sits in one room, by seat."""
        return self.rooms().get(alert_id, ())

    def hear(self, rooms: Rooms) -> frozenset[UUID]:
        """The media process said who sits where; the alerts whose rooms differ from what was known."""
        before = self.rooms()
        self._heard, self._lost_at = rooms, None
        both = before.keys() | rooms.rooms.keys()
        return frozenset(alert for alert in both if before.get(alert) != rooms.rooms.get(alert))

    def lose(self) -> None:
        """The media process does not answer: nobody sits anywhere."""
        if self._heard is not None:
            self._lost_at = self._clock()
        self._heard = None


@lru_cache(maxsize=1)
def here() -> Board:
    """The board of this process."""
    return Board()
