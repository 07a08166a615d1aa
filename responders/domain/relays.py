"""The STUN and TURN servers that a browser may use, with credentials of ten minutes (coturn's `use-auth-secret`).

A credential drawn from a shared secret cannot be taken back, so it is short; a page asks for another while its alert
lasts. Source: draft-uberti-behave-turn-rest-00.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import NotRequired, TypedDict
from uuid import UUID

from django.conf import settings

LASTS = timedelta(minutes=10)
_DIGEST = 8  # bytes


class IceServer(TypedDict):
    """One entry of RTCConfiguration.iceServers."""

    urls: list[str]
    username: NotRequired[str]
    credential: NotRequired[str]


def ice_servers(alert_id: UUID, seat: int, *, now: datetime) -> list[IceServer]:
    """What a browser is told; credentials only where a relay asks for them."""
    return [_server(urls, alert_id, seat, now=now) for urls in settings.SHERIF.media.ice_servers]


def _server(urls: tuple[str, ...], alert_id: UUID, seat: int, *, now: datetime) -> IceServer:
    if not any(url.startswith("turn") for url in urls):
        return {"urls": list(urls)}
    username = f"{int((now + LASTS).timestamp())}:{_user(alert_id, seat)}"
    return {"urls": list(urls), "username": username, "credential": _credential(username)}


def _user(alert_id: UUID, seat: int) -> str:
    """Whose quota counts at the relay: this seat of this alert, in a word that tells the relay nothing about either."""
    keyed = hashlib.blake2b(alert_id.bytes, digest_size=_DIGEST, key=settings.SECRET_KEY.encode()[:64])
    return f"{keyed.hexdigest()}-{seat}"


def _credential(username: str) -> str:
    secret = settings.SHERIF.media.turn_secret.encode()
    return base64.b64encode(hmac.new(secret, username.encode(), hashlib.sha1).digest()).decode()
