"""Her own seat in the video room, for her phone and by her gesture alone: calls of the phone's API (`alerts.api`)."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Status
from pydantic import BaseModel, ConfigDict, Field

from alerts import access
from alerts.api.auth import PhoneToken, phone_of
from alerts.api.describing import BODY, answers, extra
from alerts.api.errors import Refusal
from alerts.api.gates import FloodError, PhoneGate
from alerts.models import Alert
from responders import mediaclient
from responders.domain import room

MOST_CHARACTERS = 64 * 1024

router = Router(auth=PhoneToken(), tags=["video room"])
joins = PhoneGate(burst=40, every_seconds=1, patience_seconds=1)
replies = PhoneGate(burst=40, every_seconds=1, patience_seconds=1)


class IceServer(BaseModel):
    """One entry of RTCConfiguration.iceServers; credentials end after ten minutes, a seat taken again brings others."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class Seat(BaseModel):
    """A seat is hers, for as long as she stays and her alert is open."""

    seat: Annotated[int, Field(ge=0, le=7)]
    offer: Annotated[str, Field(description="SDP (RFC 8866), to be answered within fifteen seconds, once.")]
    ice_servers: list[IceServer]
    taking: Annotated[str, Field(description="Names this taking of the seat.")]


class Standing(BaseModel):
    """How her seat stands. Her page asks every two seconds while she speaks: nothing is told to it otherwise."""

    up: Annotated[bool, Field(description="While the room does not answer, nobody sits anywhere.")]
    taking: Annotated[str, Field(description="Which taking of her seat stands; empty: nobody sits there.")]
    heard: Annotated[bool, Field(description="Her microphone arrives.")]
    listeners: Annotated[int, Field(ge=0, le=7, description="How many others are connected; 0 unless she sits.")]
    ice_servers: Annotated[list[IceServer], Field(description="With new credentials; empty unless she sits.")]


class Reply(BaseModel):
    """What her phone says to the offer."""

    answer: Annotated[str, Field(strict=True, min_length=1, max_length=MOST_CHARACTERS, description="SDP (RFC 8866).")]
    taking: Annotated[str | None, Field(strict=True, max_length=64, description="Of which taking, if it said.")] = None

    model_config = ConfigDict(extra="ignore")


_LOOK = answers({200: Standing}, 401, 409)
_JOIN = answers({201: Seat}, 401, 409, 429)
_REPLY = answers({204: None}, *BODY, 401, 404, 409, 429)
_LEAVE = answers({204: None}, 401)


@router.get("/alert/room", response=_LOOK, openapi_extra=extra(_LOOK), summary="Look at her seat", exclude_none=True)
def look(request: HttpRequest) -> Standing:
    """Whether she still sits there and is heard, with new relays: their credentials end after ten minutes."""
    stands = room.standing(room.herself(_open_alert(request)), now=timezone.now())
    servers = [IceServer(**server) for server in stands.ice_servers]
    return Standing(
        up=stands.up, taking=stands.taking, heard=stands.heard, listeners=stands.listeners, ice_servers=servers
    )


@router.post("/alert/room", response=_JOIN, openapi_extra=extra(_JOIN), summary="Take her seat", exclude_none=True)
def join(request: HttpRequest) -> Status[Seat]:
    """Her own seat in the room of her open alert: she may publish her microphone and camera to whoever sits there.

    Taking it again replaces it. No alert is open: 409 `no_open_alert`; all seats are taken: 409 `room_full`; the
    room does not answer: 503, and everything else goes on.
    """
    phone, now = phone_of(request), timezone.now()
    alert = _open_alert(request)
    with _refusing(), joins.passing(phone.pk, spare=lambda: True):
        taken = room.join(room.herself(alert), now=now)
    servers = [IceServer(**server) for server in taken.ice_servers]
    seat = Seat(seat=taken.seat, offer=taken.offer, ice_servers=servers, taking=taken.taking)
    return Status(HTTPStatus.CREATED, seat)


@router.put("/alert/room", response=_REPLY, openapi_extra=extra(_REPLY), summary="Answer the offer of her seat")
def reply(request: HttpRequest, reply: Reply) -> Status[None]:
    """What her phone says to the offer, once. Not in time, or another seat was taken since: 404 `no_seat`.

    An answer that fits no offer of ours: 422 `bad_answer`; her seat is free again then.
    """
    alert = _open_alert(request)
    with _refusing(), replies.passing(phone_of(request).pk, spare=lambda: True):
        room.answer(room.herself(alert), reply.answer, room.Which(taking=reply.taking))
    return Status(HTTPStatus.NO_CONTENT, None)


@router.delete("/alert/room", response=_LEAVE, openapi_extra=extra(_LEAVE), summary="Leave her seat")
def leave(request: HttpRequest) -> Status[None]:
    """Gets up; 204 whether she sat there or not."""
    return _leave(request, room.Which())


@router.delete(
    "/alert/room/{taking}", response=_LEAVE, openapi_extra=extra(_LEAVE), summary="Leave a taking of her seat"
)
def leave_taking(request: HttpRequest, taking: Annotated[str, Path(description="As it was given.")]) -> Status[None]:
    """Gets up unless she sat down again since: a goodbye may come late. 204 whether she sat there or not."""
    return _leave(request, room.Which(taking=taking))


def _leave(request: HttpRequest, which: room.Which) -> Status[None]:
    alert = access.open_alert_of(phone_of(request).victim, now=timezone.now())
    if alert is not None:
        with _refusing():
            room.leave(room.herself(alert), which)
    return Status(HTTPStatus.NO_CONTENT, None)


def _open_alert(request: HttpRequest) -> Alert:
    alert = access.open_alert_of(phone_of(request).victim, now=timezone.now())
    if alert is None:
        raise Refusal(HTTPStatus.CONFLICT, "no_open_alert", "No alert is open: there is no room.")
    return alert


@contextmanager
def _refusing() -> Iterator[None]:
    """What the media process refuses, in the words of the API."""
    try:
        yield
    except FloodError as flood:
        seconds = str(max(1, math.ceil(flood.wait.total_seconds())))
        message = "So many seats in so little time. Wait before the next one."
        raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "slow_down", message, headers={"Retry-After": seconds}) from None
    except mediaclient.FullError:
        raise Refusal(HTTPStatus.CONFLICT, "room_full", "All seats are taken.") from None
    except mediaclient.NoSeatError:
        raise Refusal(HTTPStatus.NOT_FOUND, "no_seat", "Her phone does not sit there. Take a seat again.") from None
    except mediaclient.AnswerError:
        message = "This is no answer to the offer. Take a seat again."
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_answer", message) from None
    except mediaclient.AwayError:
        message = "The video room does not answer. Everything else goes on; try again in a second."
        headers = {"Retry-After": "1"}
        raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "room_away", message, headers=headers) from None
