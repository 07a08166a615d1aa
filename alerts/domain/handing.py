"""A copy for her association: she allows it, one advocate asks, another agrees, and the first takes it.

Each step is a line of the log before it is a row, and her safe address hears of it. A line whose step then failed says
that it was tried. Whoever works there alone takes nothing: the database refuses it too.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from alerts.domain import changes, listening, vault
from alerts.evidence.bundle import Piece
from alerts.evidence.errors import EvidenceError
from alerts.models import Advocate, ChangeKind, Handover, Recording, RecordingState, Victim

ALLOWED, TAKEN_BACK = "copy_allowed", "copy_taken_back"
ASKED, AGREED, HANDED_OVER = "copy_asked", "copy_agreed", "copy_handed_over"
ASKED_FOR = timedelta(days=7)  # an agreement is waited for so long, then somebody asks anew
AGREED_FOR = timedelta(hours=24)  # and a download that broke off is begun again within so long

log = logging.getLogger(__name__)


class NotAllowedError(Exception):
    """She does not allow it, or no longer, or this is not the next step, or not this person's."""


def allow(recording: Recording, *, with_sound: bool, now: datetime) -> Handover:
    """She lets her association have one. Raises NotAllowedError (nobody accompanies her), EvidenceError."""
    victim = Victim.objects.select_related("association").get(pk=recording.victim_id)
    if victim.association is None or recording.state != RecordingState.CLOSED or recording.erase_at is not None:
        raise NotAllowedError
    _note(ALLOWED, recording, victim.account_id, now=now)
    facts = {"association": victim.association, "with_sound": with_sound, "allowed_at": now}
    nobody = {"asked_by": None, "asked_at": None, "agreed_by": None, "agreed_at": None}
    with transaction.atomic():
        row, _new = Handover.objects.update_or_create(recording=recording, defaults={**facts, **nobody})
        changes.record(victim, ChangeKind.ASSOCIATION, now=now)
    return row


def take_back(recording: Recording, *, now: datetime) -> bool:
    """She does not any more, at once; that the log cannot be written is no reason to go on. Returns whether she did."""
    victim = recording.victim
    with transaction.atomic():
        gone, _rows = Handover.objects.filter(recording=recording).delete()
        if gone:
            changes.record(victim, ChangeKind.ASSOCIATION, now=now)
    if gone:
        _note_anyway(recording, victim.account_id, now=now)
    return bool(gone)


def take_back_all(victim: Victim, *, now: datetime) -> None:
    """She left that association: what she allowed it ends. Her leaving is announced already."""
    for row in Handover.objects.select_related("recording").filter(recording__victim=victim):
        row.delete()
        _note_anyway(row.recording, victim.account_id, now=now)


def may_ask(row: Handover, *, now: datetime) -> bool:
    """Whether nobody asked yet, or what was asked or agreed is over."""
    if row.asked_at is None or row.asked_by_id is None:
        return True
    if row.agreed_at is None:
        return now - row.asked_at > ASKED_FOR
    return now - row.agreed_at > AGREED_FOR


def may_agree(row: Handover, advocate: Advocate, *, now: datetime) -> bool:
    """Whether another one asked."""
    return not may_ask(row, now=now) and row.agreed_at is None and row.asked_by_id != advocate.pk


def may_take(row: Handover, advocate: Advocate, *, now: datetime) -> bool:
    """Whether this one asked, and another one agreed."""
    agreed = row.agreed_at is not None and row.agreed_by_id is not None and row.agreed_by_id != advocate.pk
    return not may_ask(row, now=now) and agreed and row.asked_by_id == advocate.pk


def ask(row: Handover, advocate: Advocate, *, now: datetime) -> None:
    """The first person. Raises NotAllowedError, EvidenceError."""
    if not may_ask(row, now=now):
        raise NotAllowedError
    _note(ASKED, row.recording, advocate.account_id, now=now)
    same = Q(asked_by=row.asked_by_id, asked_at=row.asked_at, agreed_at=row.agreed_at)
    _step(row, same, now=now, asked_by=advocate, asked_at=now, agreed_by=None, agreed_at=None)


def agree(row: Handover, advocate: Advocate, *, now: datetime) -> None:
    """The second person. Raises NotAllowedError, EvidenceError."""
    if not may_agree(row, advocate, now=now):
        raise NotAllowedError
    _note(AGREED, row.recording, advocate.account_id, now=now)
    other = Q(asked_by=row.asked_by_id, asked_at=row.asked_at, agreed_by=None) & ~Q(asked_by=advocate)
    _step(row, other, now=now, agreed_by=advocate, agreed_at=now)


def take(row: Handover, advocate: Advocate, *, now: datetime) -> Iterator[Piece]:
    """The bundle, for the first person. Raises NotAllowedError, EvidenceError."""
    if not may_take(row, advocate, now=now):
        raise NotAllowedError
    pieces = listening.files(row.recording, advocate.account, with_sound=row.with_sound, kind=HANDED_OVER, now=now)
    with transaction.atomic():
        still = Handover.objects.select_for_update().filter(pk=row.pk, agreed_at=row.agreed_at).exists()
        if not still:  # she took it back a moment ago
            raise NotAllowedError
        changes.record(row.recording.victim, ChangeKind.TAKEN_AWAY, now=now)
    return pieces


def _step(row: Handover, still: Q, *, now: datetime, **to: object) -> None:
    with transaction.atomic():
        if not Handover.objects.filter(still, pk=row.pk).update(**to):
            raise NotAllowedError
        changes.record(row.recording.victim, ChangeKind.ASSOCIATION, now=now)


def _note(kind: str, recording: Recording, account: int, *, now: datetime) -> None:
    vault.log().add(kind, str(recording.pk), now=now, account=account)


def _note_anyway(recording: Recording, account: int, *, now: datetime) -> None:
    try:
        _note(TAKEN_BACK, recording, account, now=now)
    except EvidenceError:
        log.exception("That a copy of recording %s is allowed no more is not in the log.", recording.pk)
