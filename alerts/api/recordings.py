"""Sound as evidence: a recording, its seconds, its end."""

import base64
import binascii
import hashlib
import hmac
import re
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Path, Router, Status

from alerts.api import schemas
from alerts.api.auth import PhoneToken, phone_of
from alerts.api.describing import BODY, answers, extra
from alerts.api.errors import Refusal, busy, too_large
from alerts.domain import recordings
from alerts.evidence.errors import EvidenceError, KeyHolderError, OtherChunkError, TooLateError
from alerts.evidence.recording import Chunk

MOST_BYTES = 64 * 1024
_SEAL_BYTES = 65 + 16  # RFC 9180: a point of P-256 before, the tag of AES-GCM behind
_DIGEST = re.compile(r"(?:^|,)\s*sha-256\s*=\s*:([A-Za-z0-9+/]{43}=):\s*(?:,|$)")  # RFC 9530, RFC 8941

router = Router(auth=PhoneToken(), tags=["recording"])

_BEGIN = answers({201: schemas.Begun, 200: schemas.Begun}, *BODY, 401, 409)
_PUT = answers({201: schemas.Sealed, 200: schemas.Sealed}, 401, 404, 409, 413, 422)
_CLOSE = answers({200: schemas.ClosedRecording}, *BODY, 401, 404)
_SOUND: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary", "maxLength": MOST_BYTES + _SEAL_BYTES}
            }
        },
    }
}


@router.post("/recordings", response=_BEGIN, openapi_extra=extra(_BEGIN), summary="Begin a recording")
def begin(request: HttpRequest, begin: schemas.Begin) -> Status[schemas.Begun]:
    """201; the same id again 200. Without an alert of hers: 409 `no_open_alert`. Another phone's id: 409."""
    phone, now = phone_of(request), timezone.now()
    said = recordings.Beginning(uid=begin.id, started_at=begin.started_at, media_type=begin.media_type)
    try:
        fresh = recordings.begin(phone, said, now=now)
    except recordings.NoAlertError:
        raise Refusal(HTTPStatus.CONFLICT, "no_open_alert", "A recording belongs to an alert of hers.") from None
    except recordings.TooManyError:
        raise Refusal(HTTPStatus.CONFLICT, "too_many", "This alert has very many recordings already.") from None
    except recordings.OtherRecordingError:
        raise Refusal(HTTPStatus.CONFLICT, "other_recording", "This id is that of another recording.") from None
    except EvidenceError:
        raise busy() from None
    return Status(HTTPStatus.CREATED if fresh else HTTPStatus.OK, schemas.Begun(id=begin.id))


@router.put("/recordings/{id}/chunks/{n}", response=_PUT, openapi_extra=extra(_PUT, **_SOUND), summary="Send a second")
def put(  # noqa: PLR0913, PLR0917 - the address, the headers, as django-ninja hands them over
    request: HttpRequest,
    id: UUID,  # noqa: A002 - the contract's name
    n: Annotated[int, Path(ge=0, le=1_000_000)],
    content_digest: Annotated[str, Header(alias="Content-Digest", description="sha-256=:base64: (RFC 9530).")],
    sherif_segment: Annotated[
        int, Header(alias="Sherif-Segment", ge=0, le=100_000, description="Which file of the recording it belongs to.")
    ],
    sherif_recorded_at: Annotated[
        datetime | None, Header(alias="Sherif-Recorded-At", description="When it was recorded, by the phone's clock.")
    ] = None,
    sherif_sealed: Annotated[
        str, Header(alias="Sherif-Sealed", pattern="^(hpke)?$", description="hpke: it waited, sealed, in our own page.")
    ] = "",
) -> Status[schemas.Sealed]:
    """Sealed and on the disk before this answers. The same bytes again: 200 and the same receipt; others: 409.

    Keep sequence and head: whoever cut the recording later would contradict them.
    """
    phone, now = phone_of(request), timezone.now()
    content = _content(request, content_digest, most=MOST_BYTES + (_SEAL_BYTES if sherif_sealed else 0))
    if sherif_sealed:
        content = _taken(id, content, number=n, segment=sherif_segment)
    chunk = Chunk(number=n, segment=sherif_segment, content=content, phone_at=_claimed(sherif_recorded_at))
    try:
        receipt = recordings.put(phone, id, chunk, now=now)
    except recordings.OtherRecordingError:
        raise _unknown() from None
    except OtherChunkError:
        raise Refusal(HTTPStatus.CONFLICT, "other_chunk", "Another sound has this number.") from None
    except (TooLateError, recordings.TooManyError):
        raise Refusal(HTTPStatus.CONFLICT, "too_late", "This recording takes no more.") from None
    except EvidenceError:
        raise busy() from None
    sealed = schemas.Sealed(sequence=receipt.sequence, head=receipt.head)
    return Status(HTTPStatus.CREATED if receipt.new else HTTPStatus.OK, sealed)


@router.post("/recordings/{id}/close", response=_CLOSE, openapi_extra=extra(_CLOSE), summary="End a recording")
def close(request: HttpRequest, id: UUID, close: schemas.CloseRecording) -> schemas.ClosedRecording:  # noqa: A002
    """Says how many seconds there were, and which are missing; they may follow within a day."""
    phone, now = phone_of(request), timezone.now()
    try:
        standing = recordings.close(phone, id, close.chunks, now=now)
    except recordings.OtherRecordingError:
        raise _unknown() from None
    except recordings.TooManyError:
        raise Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "No alert lasts so long.", fields={"chunks": "too many"}
        ) from None
    except EvidenceError:
        raise busy() from None
    return schemas.ClosedRecording(chunks=standing.chunks, missing=list(standing.missing), head=standing.head)


def _taken(uid: UUID, sealed: bytes, *, number: int, segment: int) -> bytes:
    try:
        return recordings.take(uid, sealed, number=number, segment=segment)
    except KeyHolderError:
        raise Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "not_sealed_to_us", "These bytes are not this second, sealed to our key."
        ) from None


def _content(request: HttpRequest, told: str, *, most: int) -> bytes:
    content = request.body
    if len(content) > most:
        raise too_large()
    found = _DIGEST.search(told)
    try:
        wanted = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        wanted = b""
    if not content or not hmac.compare_digest(hashlib.sha256(content).digest(), wanted):
        raise Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "wrong_digest",
            "The bytes are not those that Content-Digest names.",
            fields={"Content-Digest": "sha-256=:base64 of the bytes: (RFC 9530)"},
        )
    return content


def _claimed(moment: datetime | None) -> datetime | None:
    """A clock that says nothing of use is no reason to refuse sound."""
    try:
        return schemas.plausible(moment) if moment is not None else None
    except (TypeError, ValueError):  # without an offset, or of another century
        return None


def _unknown() -> Refusal:
    return Refusal(HTTPStatus.NOT_FOUND, "unknown_recording", "This phone makes no such recording.")
