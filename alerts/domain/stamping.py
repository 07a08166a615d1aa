"""What is done about recordings while nobody waits: stamps of authorities, heads in the log, ends that nobody told.

All of it aside: an authority, a disk or a holder of keys that hangs holds up no message. What an authority lacks is
read from the disk, so that nothing is queued that could be lost: one that was away for an hour has all of it, within
a minute of its return, by the stamp of the last line, which holds all before it.
"""

import fcntl
import logging
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from alerts.domain import recordings, vault
from alerts.domain.aside import Aside
from alerts.evidence import stamps
from alerts.evidence.authority import Authority
from alerts.evidence.errors import BrokenError, EvidenceError
from alerts.evidence.journal import newest
from alerts.evidence.lines import digest
from alerts.evidence.recording import MANIFEST, WAITS_FOR_MISSING
from alerts.models import Recording, RecordingState

if TYPE_CHECKING:
    from concurrent.futures import Future

EVERY = timedelta(seconds=60)
LOOKS_EVERY = timedelta(seconds=5)
AGAIN_AFTER = timedelta(seconds=10)
GIVEN_UP_AFTER = timedelta(days=8)  # an authority that never came back; the stamps of the other stand
_SAID_EVERY = timedelta(minutes=1)
_PASS_SECONDS = 45.0

log = logging.getLogger(__name__)


class Stamper:
    """One authority, and what it has stamped as far as this process knows. It hangs alone."""

    def __init__(self, by: Authority) -> None:
        self.by = by
        self._aside: Aside[int] = Aside(f"stamp-{by.name}")
        self._sizes: dict[Path, int] = {}
        self._asked: dict[Path, datetime] = {}
        self._not_before: datetime | None = None

    def begin(self, journals: Sequence[Path], closed: frozenset[Path], *, now: datetime) -> "Future[int] | None":
        """Ask for what is due: at the opening and the close at once, in between every minute. The log comes first."""
        if self._not_before is not None and timedelta(0) < self._not_before - now <= AGAIN_AFTER:
            return None
        self._forget(journals)
        due = [path for path in journals if self._is_due(path, hurried=path in closed, now=now)]
        logged = journals[0]  # it says of each end how far that one had come
        if closed.intersection(due) and logged not in due and self._is_due(logged, hurried=True, now=now):
            due.insert(0, logged)
        return self._aside.begin(partial(self._stamp, due, now=now)) if due else None

    def _is_due(self, path: Path, *, hurried: bool, now: datetime) -> bool:
        if not path.exists() or path.stat().st_size == self._sizes.get(path):
            return False
        asked = self._asked.get(path)
        return hurried or asked is None or abs(now - asked) >= EVERY

    def _stamp(self, due: Sequence[Path], *, now: datetime) -> int:
        """Returns how many stamps were taken. The first failure ends the pass; the rest is due again."""
        began, taken = time.monotonic(), 0
        with _alone(settings.SHERIF.evidence.folder / f".{self.by.name}.lock") as mine:
            try:
                for path in due if mine else ():
                    if time.monotonic() - began < _PASS_SECONDS:
                        taken += self._one(path, now=now)
            except EvidenceError as error:
                self._not_before = now + AGAIN_AFTER
                log.warning("Authority %s did not stamp (%s); again soon.", self.by.name, type(error).__name__)
        return taken

    def _one(self, path: Path, *, now: datetime) -> int:
        lacking: Sequence[Authority] = ()
        size = 0
        try:
            size = path.stat().st_size
            lacking = stamps.lacking(path, [self.by])
            if lacking:
                stamps.take(path, self.by, now=now)
        except FileNotFoundError:
            return 0  # it was erased meanwhile
        except BrokenError:
            log.error("A journal of recordings ends with nonsense: %s is not stamped.", path.parent.name)  # noqa: TRY400
        self._sizes[path], self._asked[path] = size, now
        return len(lacking)

    def _forget(self, journals: Sequence[Path]) -> None:
        """What is settled is asked for no more."""
        still = frozenset(journals)
        for known in (self._sizes, self._asked):
            for path in [*known]:  # a pass may be under way on its own thread
                if path not in still:
                    known.pop(path, None)


class Round:
    """Looks every few seconds, aside, at recordings that are not settled."""

    def __init__(self, authorities: Sequence[Authority]) -> None:
        self.stampers = [Stamper(one) for one in authorities]
        self._aside: Aside[None] = Aside("recordings")
        self._looked: datetime | None = None
        self._noted: datetime | None = None
        self._said: datetime | None = None

    def step(self, *, now: datetime) -> None:
        """Never waits and never fails."""
        if self._looked is None or abs(now - self._looked) >= LOOKS_EVERY:
            self._looked = now
            self._aside.begin(partial(self._try, now=now))

    def _try(self, *, now: datetime) -> None:
        try:
            self.look(now=now)
        except Exception as error:  # noqa: BLE001 - it is said, and the next look comes in seconds
            self._complain(error, now=now)

    def _apart(self, work: Callable[[], object], *, now: datetime) -> None:
        """Whoever holds the keys may be away: stamps need none, and are taken all the same."""
        try:
            work()
        except EvidenceError as error:
            self._complain(error, now=now)

    def _complain(self, error: Exception, *, now: datetime) -> None:
        if self._said is None or abs(now - self._said) >= _SAID_EVERY:
            self._said = now
            log.error("Recordings could not be looked after; again in seconds.", exc_info=error)

    def look(self, *, now: datetime) -> "Sequence[Future[int]]":
        """Close what fell silent, note heads, have stamps taken. Returns what the authorities are doing."""
        self._apart(partial(recordings.close_silent, now=now), now=now)
        found = list(unsettled())
        if self._noted is None or abs(now - self._noted) >= EVERY:
            self._noted = now
            self._apart(partial(_note, found, now=now), now=now)
            self._settle(found, now=now)
        manifests = [vault.path_of(one.pk) / MANIFEST for one in found]
        closed = frozenset(
            path for one, path in zip(found, manifests, strict=True) if one.state == RecordingState.CLOSED
        )
        begun = [one.begin([vault.log().path, *manifests], closed, now=now) for one in self.stampers]
        return [one for one in begun if one is not None]

    def _settle(self, found: Sequence[Recording], *, now: datetime) -> None:
        """Nothing can be added to these, and every authority has stamped them: they are looked at no more."""
        over = [one for one in found if one.closed_at and now - one.closed_at > WAITS_FOR_MISSING + EVERY]
        by = [one.by for one in self.stampers]
        for recording in over:
            path = vault.path_of(recording.pk) / MANIFEST
            given_up = recording.closed_at is not None and now - recording.closed_at > GIVEN_UP_AFTER
            if given_up or not path.exists() or not stamps.lacking(path, by):
                Recording.objects.filter(pk=recording.pk).update(settled_at=now)


def unsettled() -> "Iterator[Recording]":
    """Recordings that go on, or whose last stamps are not all there."""
    found = Recording.objects.filter(settled_at=None).exclude(state=RecordingState.ERASED)
    yield from found.order_by("-opened_at")


def _note(found: Sequence[Recording], *, now: datetime) -> None:
    """How far each has come, in one line of the log: whoever cuts a manifest later contradicts it."""
    heads = {}
    for recording in found:
        try:
            count, line = newest(vault.path_of(recording.pk) / MANIFEST)
        except FileNotFoundError:
            continue  # its phone never came so far
        except (EvidenceError, OSError):
            log.exception("Recording %s cannot be read.", recording.pk)
            continue
        if count:
            heads[str(recording.pk)] = (count, digest(line))
    vault.log().note(heads, now=now)


def tend(*, now: datetime) -> None:
    """A step of the sweep."""
    _round(settings.SHERIF.evidence).step(now=now)


@lru_cache(maxsize=1)
def _round(chosen: Hashable) -> Round:
    del chosen  # other settings, another round
    return Round(vault.authorities())


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Whether no other worker of this machine is at it: two would only ask twice."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
