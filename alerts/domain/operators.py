"""Who runs the installation is told what the auditor found, in one message for all of it, and when all is well again.

Counts and the ids of alerts, never a name, a number or a place. What must be said is read from rows, so that an
auditor that was killed goes on where it was: at worst a message comes twice.
"""

import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from django.db import connections
from django.db.models import Max

from alerts.domain import auditing, beats, shouting
from alerts.domain.aside import Aside
from alerts.domain.shouting import Shout
from alerts.domain.ways import Ways
from alerts.models import Finding
from alerts.providers.base import Message, ProviderError, UnknownOutcomeError
from alerts.states import Channel, FindingKind

SAID_AGAIN_AFTER = timedelta(minutes=1)  # of an alert that still nobody received
REPEATED_AFTER = timedelta(minutes=15)
CALM = timedelta(minutes=1)  # without any finding before all is called well
MOST_AN_HOUR = 12
_HOUR = timedelta(hours=1)
# Seconds between two messages, the more of them within an hour the longer: what comes meanwhile is summed up.
_PAUSES = (0, 15, 30, 60, 120, 240, 300, 300, 300, 300, 600, 600)
_FIRST_RETRY, _LAST_RETRY = 30, 300  # seconds
_HANGS_AFTER = timedelta(minutes=1)
_TOLD_WELL = "told_well"
_VALID_FOR = 3600  # seconds

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Said:
    """A message under way: which findings it tells, when it began, how many operators it will have reached."""

    findings: tuple[int, ...]
    at: datetime
    reached: "Future[int]"


class Teller:
    """Tells the operators, aside: `step` never waits for a network. They are mail addresses and numbers in E.164."""

    def __init__(self, operators: Sequence[str], ways: Ways) -> None:
        self._operators = tuple(operators)
        self._ways = ways
        self._aside: Aside[int] = Aside("tell")
        self._under_way: _Said | None = None
        self._spoken: deque[datetime] = deque(maxlen=MOST_AN_HOUR)
        self._remembers = False
        self._failures = 0
        self._not_before: datetime | None = None

    def cannot_tell(self, *, now: datetime) -> bool:
        """Whether there is something to say and nobody could be told it."""
        said = self._under_way
        return self._failures > 0 or (said is not None and now - said.at > _HANGS_AFTER)

    def step(self, *, now: datetime) -> None:
        """Record what became of the last message; begin another one if something must be said."""
        if not self._operators:
            return
        self._remember(now=now)
        if self._under_way is not None:
            self._hear(self._under_way, now=now)
        if self._under_way is None and self._may_speak(now=now):
            self._speak(now=now)

    def _remember(self, *, now: datetime) -> None:
        """After a restart: what was said within the last hour, as far as rows tell."""
        if self._remembers:
            return
        told = Finding.objects.filter(told_at__gt=now - _HOUR).order_by("told_at").values_list("told_at", flat=True)
        self._spoken.extend(dict.fromkeys(at for at in told if at is not None))
        self._remembers = True

    def _may_speak(self, *, now: datetime) -> bool:
        if self._not_before is not None and now < self._not_before:
            return False
        lately = [at for at in self._spoken if now - at < _HOUR]
        if len(lately) >= MOST_AN_HOUR:
            return False
        return not lately or now - lately[-1] >= timedelta(seconds=_PAUSES[len(lately)])

    def _speak(self, *, now: datetime) -> None:
        wrong = list(auditing.open_findings().select_related("alert").order_by("found_at", "pk")[: shouting.MOST])
        if any(_is_due(finding, now=now) for finding in wrong):
            self._begin(shouting.of(wrong, now=now), wrong, now=now)
        elif not wrong and _calm_again(now=now):
            self._begin(shouting.of([], now=now), [], now=now)

    def _begin(self, shout: Shout, findings: Sequence[Finding], *, now: datetime) -> None:
        reached = self._aside.begin(partial(_tell_all, self._operators, self._ways, shout))
        if reached is not None:
            self._under_way = _Said(findings=tuple(finding.pk for finding in findings), at=now, reached=reached)

    def _hear(self, said: _Said, *, now: datetime) -> None:
        if not said.reached.done():
            return
        self._under_way = None
        if said.reached.exception() is None and said.reached.result() > 0:
            self._failures, self._not_before = 0, None
            self._spoken.append(said.at)
            _remember_told(said)
            return
        self._failures += 1
        pause = min(_FIRST_RETRY * 2 ** (self._failures - 1), _LAST_RETRY)
        self._not_before = now + timedelta(seconds=pause)
        cause = said.reached.exception()
        log.critical(
            "No operator could be told of %d findings; again in %d s.", len(said.findings), pause, exc_info=cause
        )


def _remember_told(said: _Said) -> None:
    if said.findings:
        Finding.objects.filter(pk__in=said.findings).update(told_at=said.at)
    else:
        beats.beat(_TOLD_WELL, now=said.at)


def _is_due(finding: Finding, *, now: datetime) -> bool:
    """Each once; an alert that nobody received again after a minute and then every quarter of an hour; a drill not."""
    if finding.told_at is None:
        return True
    if finding.kind != FindingKind.NOBODY_REACHED or finding.alert is None or finding.alert.drill:
        return False
    second = finding.found_at + SAID_AGAIN_AFTER
    return finding.told_at < second <= now or now - finding.told_at >= REPEATED_AFTER


def _calm_again(*, now: datetime) -> bool:
    """Whether something was told, nothing is wrong any more for a minute, and that was not said yet."""
    seen = Finding.objects.aggregate(told=Max("told_at"), cleared=Max("cleared_at"))
    if seen["told"] is None or seen["cleared"] is None or now - seen["cleared"] < CALM:
        return False
    well = beats.last(_TOLD_WELL)
    return well is None or well < seen["told"]


def _tell_all(operators: Sequence[str], ways: Ways, shout: Shout) -> int:
    """To everybody at once; a network that hangs keeps no other one waiting. Returns how many it was handed over to."""
    with ThreadPoolExecutor(len(operators), thread_name_prefix="tell") as pool:
        return sum(pool.map(partial(_tell, ways=ways, shout=shout), operators))


def _tell(operator: str, *, ways: Ways, shout: Shout) -> bool:
    channel = Channel.EMAIL if "@" in operator else Channel.SMS
    message = Message(
        id=uuid4(),
        channel=channel,
        to=operator,
        name="",
        text=shout.letter if channel is Channel.EMAIL else shout.text,
        subject=shout.subject,
        valid_for=_VALID_FOR,
    )
    try:
        ways[channel].send(message)
    except ProviderError as error:
        log.warning("An operator could not be told by %s (%s).", channel, error.code)
        return False
    except UnknownOutcomeError:
        log.warning("Nobody knows whether an operator was told by %s.", channel)
        return False
    finally:
        connections.close_all()
    return True
