"""How a telephone becomes hers, what it does of itself, and how it stops being hers."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Status

from alerts.api import gates, links, schemas
from alerts.api.auth import PhoneToken, bearer, phone_of
from alerts.api.describing import BODY, answers, extra
from alerts.api.errors import Refusal, too_many_tries
from alerts.domain import disguises, enrolment, inbound, sightings
from alerts.views import faces

INTERVAL_SECONDS = 5

router = Router(tags=["phone"])

_PAIR = answers({201: schemas.Credentials}, *BODY, 403, 429)
_LEAVE = answers({204: None}, 401)
_INBOUND = answers({200: schemas.Inbound}, 401)
_SETTINGS = answers({200: schemas.Settings}, 401)
_STANDING = answers({204: None}, *BODY, 401)


@router.post("/pair", response=_PAIR, openapi_extra=extra(_PAIR), summary="Pair a phone")
def pair(request: HttpRequest, response: HttpResponse, code: schemas.Code) -> Status[schemas.Credentials]:
    """Exchanges the code that her profile shows (ten minutes, once) for this phone's credentials, told this one time.

    Unknown, used or too old: 403 `wrong_code`. After ten wrong codes from one address within ten minutes: 429.
    """
    try:
        with gates.pairing.passing():
            paired = enrolment.pair(code.code, peer=request.META.get("REMOTE_ADDR", ""), now=timezone.now())
    except enrolment.TooManyTriesError as error:
        raise too_many_tries(error.wait) from None
    except enrolment.UnknownCodeError:
        raise Refusal(HTTPStatus.FORBIDDEN, "wrong_code", "This code does not work, or not any more.") from None
    faces.wear(response, disguises.of(paired.phone.victim))  # a browser shows her dull name before it is installed
    return Status(HTTPStatus.CREATED, schemas.Credentials(token=paired.token, osmand_id=paired.osmand_id))


@router.delete("/phone", auth=PhoneToken(), response=_LEAVE, openapi_extra=extra(_LEAVE), summary="Forget this phone")
def leave(request: HttpRequest) -> Status[None]:
    """Revokes the token and the OsmAnd identifier of this very phone."""
    with gates.pairing.passing():
        enrolment.revoke(phone_of(request), now=timezone.now())
    return Status(HTTPStatus.NO_CONTENT, None)


@router.put(
    "/phone/standing",
    auth=PhoneToken(),
    response=_STANDING,
    openapi_extra=extra(_STANDING),
    summary="How this phone stands",
)
def stand(request: HttpRequest, standing: schemas.Standing) -> Status[None]:
    """What fails without a sound: the permission to know where she is, batteries, a button that is not heard.

    Sent when the page opens and when one of them changes, once a minute at most. It is told on her own page alone.
    """
    with gates.positions.passing():
        sightings.report(phone_of(request), standing.told(), now=timezone.now())
    return Status(HTTPStatus.NO_CONTENT, None)


@router.get(
    "/settings",
    auth=PhoneToken(),
    response=_SETTINGS,
    openapi_extra=extra(_SETTINGS),
    summary="What this phone does of itself",
)
def settings(request: HttpRequest) -> schemas.Settings:
    """Her choices, and the links that set up OwnTracks or Traccar Client on this phone in one tap."""
    phone = phone_of(request)
    sightings.note(phone, now=timezone.now())
    return schemas.Settings(
        siren=phone.victim.siren,
        recording=phone.victim.recording,
        interval_seconds=INTERVAL_SECONDS,
        osmand_id=phone.osmand_id,
        owntracks_link=links.owntracks(bearer(request), interval_seconds=INTERVAL_SECONDS),
        traccar_link=links.traccar(phone.osmand_id, interval_seconds=INTERVAL_SECONDS),
    )


@router.get(
    "/inbound",
    auth=PhoneToken(),
    response=_INBOUND,
    openapi_extra=extra(_INBOUND),
    summary="Where a click can be written",
)
def text_number(request: HttpRequest) -> schemas.Inbound:
    """The number to write to when there is no data; null while her own number is not on record: nobody would listen."""
    return schemas.Inbound(number=inbound.number_for(phone_of(request).victim) or None)
