"""Sound around her, second by second: begun by her own press during her own alert, and by nothing else.

Nobody else may begin, prolong or aim one (code pénal, 226-1). What is answered 201 is sealed and on the disk. A full
disk refuses sound and nothing else: rows of alerts come first.
"""

import logging
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from alerts import access
from alerts.domain import vault
from alerts.evidence.errors import StorageError
from alerts.evidence.recording import Chunk, Closing, Opening, Receipt
from alerts.models import Alert, Phone, Recording, RecordingState

LATEST = timedelta(hours=1)  # after the end of an alert a recording of it may still be announced, as a fix may
_HEARD_EVERY = timedelta(seconds=10)

log = logging.getLogger(__name__)


class NoAlertError(Exception):
    """No alert of hers goes on, or went on a moment ago."""


class OtherRecordingError(Exception):
    """The id is that of no recording of this phone, or of one that is erased."""


class TooManyError(Exception):
    """More sound than one alert can make."""


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """What her phone says of a recording. `started_at` is its clock's word, with an offset."""

    uid: UUID
    started_at: datetime
    media_type: str


def begin(phone: Phone, said: Beginning, *, now: datetime) -> bool:
    """Open a recording. Returns False if it was open already.

    Raises NoAlertError, OtherRecordingError, EvidenceError.
    """
    known = Recording.objects.filter(pk=said.uid).first()
    fresh = known is None
    if known is None:
        known = _row(phone, said, now=now)
    elif known.phone_id != phone.pk or known.state == RecordingState.ERASED:
        raise OtherRecordingError
    _refuse_when_full()
    opening = Opening(
        recording=str(known.pk), phone_at=known.started_at, media_type=known.media_type, readers=_readers(phone)
    )
    if vault.folder(known.pk).open(opening, now=now):
        vault.log().add("opening", str(known.pk), now=now)
    return fresh


def _row(phone: Phone, said: Beginning, *, now: datetime) -> Recording:
    alert = _alert_of(phone, now=now)
    if alert is None:
        raise NoAlertError
    try:
        with transaction.atomic():
            return Recording.objects.create(
                pk=said.uid,
                victim=phone.victim,
                alert=alert,
                phone=phone,
                media_type=said.media_type,
                started_at=said.started_at,
                opened_at=now,
                heard_at=now,
            )
    except IntegrityError:  # the same call at once, through another process
        return of(phone, said.uid)


def _alert_of(phone: Phone, *, now: datetime) -> Alert | None:
    """Her open alert, or the newest that ended a moment ago; a drill records nothing."""
    if (alert := access.open_alert_of(phone.victim, now=now)) is not None:
        return None if alert.drill else alert
    ended = Alert.objects.filter(victim=phone.victim, drill=False, ended_at__gt=now - LATEST)
    return ended.order_by("-opened_at").first()


def of(phone: Phone, uid: UUID) -> Recording:
    """A recording of this phone. Raises OtherRecordingError."""
    found = Recording.objects.filter(pk=uid, phone=phone).exclude(state=RecordingState.ERASED).first()
    if found is None:
        raise OtherRecordingError
    return found


def put(phone: Phone, uid: UUID, chunk: Chunk, *, now: datetime) -> Receipt:
    """Seal a second of sound. Raises OtherRecordingError, TooManyError, EvidenceError."""
    recording = of(phone, uid)
    if chunk.number >= most_chunks():
        raise TooManyError
    _refuse_when_full()
    receipt = vault.folder(uid).put(chunk, now=now)
    if receipt.new and now - recording.heard_at > _HEARD_EVERY:
        Recording.objects.filter(pk=uid).update(heard_at=now)
    return receipt


def most_chunks() -> int:
    """As many seconds as the longest alert has, twice: clocks and batches are not exact."""
    hours: int = settings.SHERIF.alert_hours
    return 2 * 3600 * hours


def close(phone: Phone, uid: UUID, chunks: int, *, now: datetime) -> Closing:
    """Her phone made so many chunks and makes no more. Raises OtherRecordingError, TooManyError, EvidenceError."""
    recording = of(phone, uid)
    if chunks > most_chunks():
        raise TooManyError
    return _close(recording, chunks, reason="phone", now=now)


def close_silent(*, now: datetime) -> int:
    """Close those of which nothing was heard since the end of their alert and an hour more. Returns how many."""
    silent = Recording.objects.filter(state=RecordingState.RUNNING, heard_at__lt=now - LATEST)
    over = silent.exclude(alert__ended_at=None, alert__isnull=False)
    return sum(_closed_silently(recording, now=now) for recording in over[:20])


def _closed_silently(recording: Recording, *, now: datetime) -> bool:
    folder = vault.folder(recording.pk)
    _close(recording, folder.reached(), reason="silence", now=now)
    return True


def _close(recording: Recording, chunks: int, *, reason: str, now: datetime) -> Closing:
    running = recording.state == RecordingState.RUNNING
    standing = vault.folder(recording.pk).close(chunks, reason=reason, now=now)
    if running:
        vault.log().add("close", str(recording.pk), now=now, lines=standing.lines, head=standing.head)
        still = Recording.objects.filter(pk=recording.pk, state=RecordingState.RUNNING)
        still.update(state=RecordingState.CLOSED, closed_at=now)
    return standing


def _readers(phone: Phone) -> tuple[str, ...]:
    """Age recipients beside the service's own: her association, and the escrow."""
    association = phone.victim.association
    offered = (association.age_recipient if association else "", settings.SHERIF.evidence.escrow)
    return tuple(one for one in offered if one)


def _refuse_when_full() -> None:
    """Sound stops long before rows do. Raises StorageError."""
    root: Path = settings.SHERIF.evidence.folder
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(root).free
    except OSError as error:
        raise StorageError from error
    if free < settings.RECORDINGS["least_free_bytes"]:
        log.error("The disk is nearly full: sound is refused so that alerts can be stored.")
        raise StorageError
