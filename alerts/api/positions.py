"""Where she is, from the companion or a native client."""

from http import HTTPStatus

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from alerts.api import gates, schemas
from alerts.api.auth import PhoneToken, phone_of
from alerts.api.describing import BODY, answers, extra
from alerts.api.errors import Refusal
from alerts.domain import receiving

router = Router(auth=PhoneToken(), tags=["positions"])

_POSITIONS = answers({202: schemas.Tally}, *BODY, 401, 409)


@router.post("/positions", response=_POSITIONS, openapi_extra=extra(_POSITIONS), summary="Report where she is")
def positions(request: HttpRequest, batch: schemas.Positions) -> Status[schemas.Tally]:
    """Up to 500 fixes, in any order; repeats are counted, not stored.

    Fixes recorded during an alert are stored up to an hour after its end, others are refused: forget them. When no
    alert is open and nothing could be stored: 409 `no_open_alert`.
    """
    phone, now = phone_of(request), timezone.now()
    fixes = [position.fix() for position in batch.positions]
    with gates.positions.passing():
        tally = receiving.receive(phone, fixes, sent_at=batch.sent_at, now=now)
    if fixes and tally.refused == len(fixes) and not tally.is_open:
        raise Refusal(HTTPStatus.CONFLICT, "no_open_alert", "No alert is open: nothing was stored. Stop locating.")
    answer = schemas.Tally(stored=tally.stored, known=tally.known, refused=tally.refused)
    return Status(HTTPStatus.ACCEPTED, answer)
