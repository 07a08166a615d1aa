"""A recording is erased: because she wants it, once she did not take that back in time, or with all that is hers.

In this order: the row says erased, so that nobody adds to it or opens it; a line of the log says id, head, who, when
and on what ground; the key is destroyed; the files go. Whatever stops it in between, the sweep goes on from there.
Nothing else erases a recording: no age, no end of an alert, no full disk.
"""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from alerts.domain import changes, handing, vault
from alerts.domain.aside import Aside
from alerts.evidence import erasing
from alerts.evidence.errors import BrokenError, EvidenceError
from alerts.models import ChangeKind, Recording, RecordingState, Victim

ASKED, KEPT, ERASED = "erasure_asked", "kept", "erased"
HER_WISH, ACCOUNT = "her wish", "account erased"
LOOKS_EVERY = timedelta(seconds=10)
_AT_ONCE = 20

log = logging.getLogger(__name__)
_erasing: Aside[int] = Aside("erase")
_looked: list[datetime] = []


class NotNowError(Exception):
    """It still goes on."""


def waits_for() -> timedelta:
    """How long an erasure may be taken back."""
    return timedelta(hours=settings.RECORDINGS["erased_after_hours"])


def ask(recording: Recording, *, now: datetime) -> datetime:
    """She wants it gone. Returns when it will be; until then `keep` takes that back. Raises NotNowError, EvidenceError.

    Whoever forced her to it is gone by then, and her safe address has heard of it.
    """
    if recording.state != RecordingState.CLOSED:
        raise NotNowError
    if recording.erase_at is not None:
        return recording.erase_at
    vault.log().add(ASKED, str(recording.pk), now=now, account=recording.victim.account_id)
    at = now + waits_for()
    handing.take_back(recording, now=now)
    with transaction.atomic():
        closed = Recording.objects.filter(pk=recording.pk, state=RecordingState.CLOSED)
        if closed.filter(erase_at=None).update(erase_at=at):
            changes.record(recording.victim, ChangeKind.ERASED, now=now)
    return closed.values_list("erase_at", flat=True).get() or at


def keep(recording: Recording, *, now: datetime) -> bool:
    """She keeps it: an erasure that is not done is taken back, a question is answered. Returns whether it is kept."""
    still = Recording.objects.filter(pk=recording.pk).exclude(state=RecordingState.ERASED)
    if not still.update(erase_at=None, kept_at=now, asked_at=None):
        return False
    try:
        vault.log().add(KEPT, str(recording.pk), now=now, account=recording.victim.account_id)
    except EvidenceError:
        log.exception("That recording %s is kept is not in the log.", recording.pk)
    return True


def tend(*, now: datetime) -> None:
    """A step of the sweep: aside, and rarely."""
    if not _looked or abs(now - _looked[-1]) >= LOOKS_EVERY:
        _looked[:] = [now]
        if due(now=now).exists():
            _erasing.begin(partial(erase_due, now=now))


def due(*, now: datetime) -> QuerySet[Recording]:
    """Those whose time to take it back is over, and those whose erasure was begun and not ended."""
    over = Q(state=RecordingState.CLOSED, erase_at__lte=now)
    half = Q(state=RecordingState.ERASED, settled_at=None)
    return Recording.objects.select_related("victim").filter(over | half).order_by("opened_at")


def erase_due(*, now: datetime) -> int:
    """Erase them. Returns how many; what fails is tried again by the next look."""
    count = 0
    for recording in due(now=now)[:_AT_ONCE]:
        try:
            count += _erase_if_due(recording, now=now)
        except Exception:
            log.exception("Recording %s is not erased yet; again soon.", recording.pk)
    return count


def _erase_if_due(recording: Recording, *, now: datetime) -> bool:
    if due(now=now).filter(pk=recording.pk).update(state=RecordingState.ERASED, settled_at=None):
        finish(recording, now=now)
        return True
    return False  # she took it back a moment ago


def erase_all(victim: Victim, *, now: datetime) -> None:
    """Everything of hers, at once. Raises EvidenceError: then what is left is still hers, and she does it again."""
    rows = Recording.objects.filter(victim=victim).exclude(state=RecordingState.ERASED)
    rows.update(state=RecordingState.ERASED, settled_at=None, erase_at=None)
    for recording in Recording.objects.select_related("victim").filter(victim=victim, settled_at=None):
        finish(recording, now=now)


def finish(recording: Recording, *, now: datetime) -> None:
    """From the line in the log to the last file, for a row that says erased. Again is no harm. Raises EvidenceError."""
    name, path = str(recording.pk), vault.path_of(recording.pk)
    if not any(line.kind == ERASED for line in vault.log().about(name)):
        lines, head = _head(recording)
        account, ground = recording.victim.account_id, HER_WISH if recording.erase_at else ACCOUNT
        vault.log().add(ERASED, name, now=now, account=account, ground=ground, lines=lines, head=head)
    vault.forget(recording.pk)
    erasing.destroy(path)
    Recording.objects.filter(pk=recording.pk).update(settled_at=now)


def _head(recording: Recording) -> tuple[int, str]:
    """How far it had come; nothing where that cannot be read any more."""
    if not vault.path_of(recording.pk).exists():
        return 0, ""
    try:
        standing = vault.folder(recording.pk).standing()
    except BrokenError:
        return 0, ""
    return standing.lines, standing.head if standing.lines else ""
