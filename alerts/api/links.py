"""Links that set up a background client in one tap. They hold a secret: the phone opens them, nobody keeps them."""

import json
from base64 import b64encode
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

_HTTP_MODE = 3
_MOVE_MODE = 2


def owntracks(token: str, *, interval_seconds: int) -> str:
    """OwnTracks' configuration by link (owntracks.org/booklet/features/remoteconfig).

    The token comes from the request that asks; the service itself keeps only its hash. The JSON is filled up with
    spaces so that its Base64 needs neither padding nor a character that an address would have to escape.
    """
    configuration = {
        "_type": "configuration",
        "mode": _HTTP_MODE,
        "url": _url("alerts:api:owntracks"),
        "auth": True,
        "username": "phone",
        "password": token,
        "monitoring": _MOVE_MODE,
        "locatorInterval": interval_seconds,
        "moveModeLocatorInterval": interval_seconds,
        "locatorDisplacement": 0,
        "extendedData": True,
    }
    text = json.dumps(configuration, separators=(",", ":")).encode("ascii")
    filled = text + b" " * (-len(text) % 3)
    return f"owntracks:///config?inline={b64encode(filled).decode('ascii')}"


def traccar(osmand_id: str, *, interval_seconds: int) -> str:
    """Traccar Client's own scheme (its configuration service applies every parameter)."""
    configuration = {
        "url": _url("alerts:api:osmand"),
        "id": osmand_id,
        "accuracy": "highest",
        "distance": 0,
        "interval": interval_seconds,
        "fastest_interval": interval_seconds,
        "buffer": "true",
        "stop_detection": "false",
    }
    return f"org.traccar.client://config?{urlencode(configuration)}"


def _url(name: str) -> str:
    path: str = reverse(name)
    return f"{settings.SHERIF.public_url}{path}"
