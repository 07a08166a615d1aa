"""Existing background clients: OwnTracks in HTTP mode, and whatever speaks the OsmAnd protocol (Traccar Client).

Both keep a queue on the phone and block it at a refusal: whoever proves who they are is answered 200, whatever they
send. What is no fix of ours is simply not stored.
"""

import logging
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from ninja import Router

from alerts import access
from alerts.api import gates, osmand, owntracks, pressing
from alerts.api.auth import OwnTracksPassword, phone_of
from alerts.api.describing import OSMAND_REQUEST, OWNTRACKS_REQUEST, answers, extra
from alerts.api.errors import Refusal
from alerts.api.parsing import decode_leniently
from alerts.api.readings import Reading
from alerts.domain import alerting, receiving, sightings
from alerts.models import Phone
from alerts.states import Gesture

log = logging.getLogger(__name__)
router = Router(tags=["background clients"])

_OWNTRACKS = answers({200: list[dict[str, Any]]}, 401)
_OSMAND = answers({200: dict[str, Any]}, 400, 413)


@router.post(
    "/owntracks",
    auth=OwnTracksPassword(),
    response=_OWNTRACKS,
    openapi_extra=extra(_OWNTRACKS, **OWNTRACKS_REQUEST),
    url_name="owntracks",
    summary="OwnTracks, HTTP mode",
)
def from_owntracks(request: HttpRequest) -> JsonResponse:
    """Always 200 and an empty list when the token is right; a location is stored during an alert."""
    now = timezone.now()
    try:
        reading = owntracks.read(decode_leniently(request.body))
    except RequestDataTooBig:
        reading = None
    sightings.note(phone_of(request), now=now)
    if reading is not None:
        _store(phone_of(request), reading, now=now)
    return JsonResponse([], safe=False)


@router.api_operation(
    ["GET", "POST"],
    "/osmand",
    response=_OSMAND,
    openapi_extra=extra(_OSMAND, **OSMAND_REQUEST),
    url_name="osmand",
    summary="OsmAnd protocol, Traccar Client",
)
def from_osmand(request: HttpRequest) -> JsonResponse:
    """200 for a known identifier, 400 for another. A fix is stored during an alert; `alarm=sos` is a double click."""
    report = _report(request)
    phone = access.phone_by_osmand_id(report.osmand_id) if report.osmand_id.isascii() else None
    if phone is None:
        raise Refusal(HTTPStatus.BAD_REQUEST, "unknown_id", "No phone reports under this identifier.")
    now = timezone.now()
    reading = report.reading if report.reading.recorded_at else replace(report.reading, recorded_at=now)
    if reading.sos:
        _click(phone, reading, now=now)
    else:
        sightings.note(phone, now=now)
        _store(phone, reading, now=now)
    return JsonResponse({})


def _report(request: HttpRequest) -> osmand.Report:
    body = request.body
    if body.lstrip()[:1] == b"{":
        sent = decode_leniently(body)
        return osmand.read_json(sent if isinstance(sent, dict) else {})
    return osmand.read_parameters({**request.GET.dict(), **request.POST.dict()})


def _store(phone: Phone, reading: Reading, *, now: datetime) -> None:
    fix = reading.fix(phone)
    if fix is not None:
        with gates.positions.passing():
            receiving.receive(phone, [fix], sent_at=None, now=now)


def _click(phone: Phone, reading: Reading, *, now: datetime) -> None:
    """Nobody can be asked whether an old cry for help still holds: it is a click, however long it waited."""
    recorded_at = reading.recorded_at or now
    report = alerting.ClickReport(
        uid=reading.uid(phone, of="sos"),
        gesture=Gesture.DOUBLE,
        clicked_at=max(recorded_at, now - alerting.STALE_AFTER),
        sent_at=now,
        fix=reading.fix(phone),
        battery=None if reading.battery is None else round(reading.battery),
    )
    try:
        pressing.receive(phone, report, now=now)
    except gates.FloodError:
        log.info("An SOS of phone %s changes nothing: her alert is open, and it presses without end.", phone.pk)
