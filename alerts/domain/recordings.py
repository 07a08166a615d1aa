"""Sound around her, second by second: begun by her own press during her own alert, and by nothing else.

Nobody else may begin, prolong or aim one (code pénal, 226-1). What is answered 201 is sealed and on the disk. A full
disk refuses sound and nothing else: rows of alerts come first.
"""

import logging
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from alerts import access
from alerts.domain import endings, vault
from alerts.evidence import erasing
from alerts.evidence.errors import BrokenError, EvidenceError, StorageError
from alerts.evidence.recording import MANIFEST, Chunk, Closing, Opening, Receipt
from alerts.models import Alert, Phone, Recording, RecordingState

LATEST = timedelta(hours=1)  # after the end of an alert a recording of it may still be announced, as a fix may
_HEARD_EVERY = timedelta(seconds=10)
_MOST_OF_AN_ALERT = 50
_MOST_BYTES = 1 << 30  # a day at four times the usual rate; whoever stole a telephone's token fills no disk
_MOST_SILENT = 100

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
    vault.folder(known.pk).open(opening, now=now)
    if not vault.log().about(str(known.pk)):  # nor if this process died right here the last time
        vault.log().add("opening", str(known.pk), now=now)
    _refuse_erased(known.pk)
    return fresh


def _refuse_erased(uid: UUID) -> None:
    """It was erased while its folder was being made: nothing of it stays. Raises OtherRecordingError."""
    if not Recording.objects.filter(pk=uid).exclude(state=RecordingState.ERASED).exists():
        vault.forget(uid)
        erasing.destroy(vault.path_of(uid))
        raise OtherRecordingError


def _row(phone: Phone, said: Beginning, *, now: datetime) -> Recording:
    alert = _alert_of(phone, now=now)
    if alert is None:
        raise NoAlertError
    if alert.recordings.count() >= _MOST_OF_AN_ALERT:
        raise TooManyError
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
    """Her open alert, or the newest that ended for her a moment ago, however it ended; a drill records nothing."""
    if (alert := access.open_alert_of(phone.victim, now=now)) is not None:
        return None if alert.drill else alert
    past = Alert.objects.filter(victim=phone.victim, drill=False, expires_at__gt=now - LATEST).first()
    return past if past is not None and endings.of(past) > now - LATEST else None


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
    folder = vault.folder(uid)
    if folder.size() > _MOST_BYTES:
        raise TooManyError
    receipt = folder.put(chunk, now=now)
    if receipt.new and now - recording.heard_at > _HEARD_EVERY:
        Recording.objects.filter(pk=uid).update(heard_at=now)
    return receipt


def take(uid: UUID, sealed: bytes, *, number: int, segment: int) -> bytes:
    """A second that waited, sealed, in the store of a telephone whose page was closed meanwhile (RFC 9180, base mode).

    Raises KeyHolderError: it is not sealed to us, or not as this second of this recording; or nobody holds the keys.
    """
    return vault.holder().take(sealed, told=f"{uid}/{segment}/{number}".encode())


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
    """Close those of which nothing was heard for an hour, once their alert is over for her. Returns how many."""
    silent = Recording.objects.filter(state=RecordingState.RUNNING, heard_at__lt=now - LATEST).select_related("alert")
    found = silent.order_by("heard_at")[:_MOST_SILENT]
    ended = endings.of_all([one.alert for one in found if one.alert])
    over = [one for one in found if one.alert_id is None or ended[one.alert_id] <= now - LATEST]
    for recording in over:
        _close_silent(recording, now=now)
    return len(over)


def _close_silent(recording: Recording, *, now: datetime) -> None:
    """What was never made, or cannot be read any more, is called closed too; a disk or a holder that fails is not."""
    if not (vault.path_of(recording.pk) / MANIFEST).exists():
        _say_closed(recording, now=now)
        return
    try:
        _close(recording, vault.folder(recording.pk).reached(), reason="silence", now=now)
    except BrokenError:
        log.exception("Recording %s cannot be closed in its folder; its row says closed.", recording.pk)
        _say_closed(recording, now=now)
    except EvidenceError as error:
        log.warning("Recording %s is not closed yet (%s).", recording.pk, type(error).__name__)


def _close(recording: Recording, chunks: int, *, reason: str, now: datetime) -> Closing:
    running = recording.state == RecordingState.RUNNING
    standing = vault.folder(recording.pk).close(chunks, reason=reason, now=now)
    if running and standing.lines:
        vault.log().add("close", str(recording.pk), now=now, lines=standing.lines, head=standing.head)
    if running:
        _say_closed(recording, now=now)
    return standing


def _say_closed(recording: Recording, *, now: datetime) -> None:
    still = Recording.objects.filter(pk=recording.pk, state=RecordingState.RUNNING)
    still.update(state=RecordingState.CLOSED, closed_at=now)


def _readers(phone: Phone) -> tuple[str, ...]:
    """Age recipients beside the service's own: her association, and the escrow."""
    association = phone.victim.association
    offered = (association.age_recipient if association else "", settings.SHERIF.evidence.escrow)
    return tuple(one for one in offered if one)


def _refuse_when_full() -> None:
    """Sound stops long before rows do. Raises StorageError."""
    root = settings.SHERIF.evidence.folder
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(root).free
    except OSError as error:
        raise StorageError from error
    if free < settings.RECORDINGS["least_free_bytes"]:
        log.error("The disk is nearly full: sound is refused so that alerts can be stored.")
        raise StorageError
