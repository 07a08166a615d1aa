"""Clicks, the alert that they opened, and its end."""

from http import HTTPStatus

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from alerts import access
from alerts.api import gates, pressing, schemas
from alerts.api.auth import PhoneToken, phone_of
from alerts.api.describing import BODY, answers, extra
from alerts.api.errors import Refusal, too_many_clicks, too_many_tries
from alerts.domain import alerting, closing, cutting, enrolment, her_alert, sightings

router = Router(auth=PhoneToken(), tags=["alert"])

_CLICK = answers({201: schemas.ClickAnswer, 200: schemas.ClickAnswer}, *BODY, 401, 409, 429)
_ALERT = answers({200: schemas.AlertAnswer}, 401)
_CLOSE = answers({200: schemas.Closed}, *BODY, 401, 403, 409, 429)
_CUT_OFF = answers({200: schemas.Cut}, *BODY, 401, 403, 409, 429)


@router.post("/clicks", response=_CLICK, openapi_extra=extra(_CLICK), summary="Report a click")
def click(request: HttpRequest, click: schemas.Click) -> Status[schemas.ClickAnswer]:
    """Opens an alert, or upgrades or joins the open one: 201. The same id again: 200 and the same alert.

    More than ten minutes between `clicked_at` and `sent_at`: 409 `stale_click`; ask her whether to send it now, and
    send it then under a new id. So many clicks that they change nothing any more: 429; a first click or a stronger
    gesture never is.
    """
    phone, now = phone_of(request), timezone.now()
    try:
        receipt = pressing.receive(phone, click.report(now=now), now=now)
    except alerting.StaleClickError:
        raise Refusal(
            HTTPStatus.CONFLICT, "stale_click", "The click is older than ten minutes: ask her whether to send it now."
        ) from None
    except gates.FloodError as error:
        raise too_many_clicks(error.wait) from None
    shown = schemas.Alert.of(her_alert.view(receipt.alert, now=now))
    return Status(HTTPStatus.CREATED if receipt.fresh else HTTPStatus.OK, schemas.ClickAnswer(alert=shown))


@router.get("/alert", response=_ALERT, openapi_extra=extra(_ALERT), summary="Her open alert")
def alert(request: HttpRequest) -> schemas.AlertAnswer:
    """The open alert with what became of its messages, or null."""
    phone, now = phone_of(request), timezone.now()
    sightings.note(phone, now=now)
    found = access.open_alert_of(phone.victim, now=now)
    return schemas.AlertAnswer(alert=schemas.Alert.of(her_alert.view(found, now=now)) if found else None)


@router.post("/alert/close", response=_CLOSE, openapi_extra=extra(_CLOSE), summary="End an alert")
def close(request: HttpRequest, close: schemas.Close) -> schemas.Closed:
    """Ends the alert with her PIN; a repeat is answered the same. Not hers: 409 `other_alert`. Wrong PIN: 403.

    After five wrong PINs within ten minutes: 429, on this call only.
    """
    phone, now = phone_of(request), timezone.now()
    end = closing.End(alert_id=close.alert, pin=close.pin, reason=close.reason)
    try:
        with gates.ends.passing(phone.pk, spare=lambda: False), gates.pins.passing():
            closing.close(phone, end, now=now)
    except enrolment.TooManyTriesError as error:
        raise too_many_tries(error.wait) from None
    except enrolment.WrongPinError:
        raise Refusal(HTTPStatus.FORBIDDEN, "wrong_pin", "This is not her PIN.") from None
    except closing.OtherAlertError:
        raise Refusal(HTTPStatus.CONFLICT, "other_alert", "This is not an alert of this phone.") from None
    return schemas.Closed()


@router.post("/alert/cut-off", response=_CUT_OFF, openapi_extra=extra(_CUT_OFF), summary="Take a contact out")
def cut_off(request: HttpRequest, cut: schemas.CutOff) -> schemas.Cut:
    """Takes a contact out of the alert with her PIN: the link dies, the other contacts read who was cut off.

    A repeat is answered the same. Not of her alerts: 409 `other_alert`. Wrong PIN: 403. After five wrong PINs within
    ten minutes: 429.
    """
    phone, now = phone_of(request), timezone.now()
    chosen = cutting.Cut(alert_id=cut.alert, contact_id=cut.contact, pin=cut.pin)
    try:
        with gates.ends.passing(phone.pk, spare=lambda: False), gates.pins.passing():
            cutting.cut_off(phone, chosen, now=now)
    except enrolment.TooManyTriesError as error:
        raise too_many_tries(error.wait) from None
    except enrolment.WrongPinError:
        raise Refusal(HTTPStatus.FORBIDDEN, "wrong_pin", "This is not her PIN.") from None
    except closing.OtherAlertError:
        raise Refusal(HTTPStatus.CONFLICT, "other_alert", "This is no contact in an alert of this phone.") from None
    return schemas.Cut()
