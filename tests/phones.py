"""Her telephone: the companion, and the two existing background clients as they really speak.

Each instrument holds a wire: Django's test client inside the test's process, or HTTP to a real server.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.test import Client
from django.utils import timezone

from alerts.states import Gesture
from tests.people import OSMAND_ID, PHONE_TOKEN
from tests.wires import OverHttp, Reply, Wire

__all__ = ["Companion", "InProcess", "OverHttp", "OwnTracks", "Reply", "TraccarClient", "Wire", "position"]

JSON = "application/json"


class InProcess:
    """Django's test client: the whole service but the server."""

    def __init__(self, peer: str = "127.0.0.1") -> None:
        self._client = Client(raise_request_exception=False, REMOTE_ADDR=peer)

    def send(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """One request through middleware, views and database."""
        kind = headers.get("Content-Type", "")
        answer = self._client.generic(method, path, body, content_type=kind, headers=dict(headers))
        return Reply(status=answer.status_code, headers=answer.headers, body=answer.content)


def position(
    latitude: float = 49.4179, longitude: float = 2.8261, *, at: datetime, uid: UUID | None = None, **more: Any
) -> dict[str, Any]:
    """One fix as the companion sends it; Compiègne unless told."""
    return {
        "id": str(uid or uuid4()),
        "latitude": latitude,
        "longitude": longitude,
        "accuracy": 12.0,
        "speed": 1.4,
        "heading": 270.0,
        "altitude": 41.0,
        "battery": 63,
        "recorded_at": at.isoformat(),
        **more,
    }


@dataclass
class Companion:
    """The companion page, or any native client of the phone API. Its clock may be wrong by `clock_error`."""

    wire: Wire = field(default_factory=InProcess)
    token: str = PHONE_TOKEN
    clock_error: timedelta = timedelta(0)

    @classmethod
    def paired(cls, code: str, wire: Wire) -> "Companion":
        """A new phone that was paired by typing the code."""
        companion = cls(wire=wire, token="")
        companion.token = companion.pair(code).json["token"]
        return companion

    def now(self) -> datetime:
        """What its clock says (UTC)."""
        return timezone.now() + self.clock_error

    def call(self, method: str, path: str, message: Any = None) -> Reply:
        """Any call of the API, with this phone's token."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if message is None:
            return self.wire.send(method, f"/api/v1{path}", headers=headers)
        headers["Content-Type"] = JSON
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return self.wire.send(method, f"/api/v1{path}", headers=headers, body=body)

    def pair(self, code: str) -> Reply:
        """Type the code."""
        return self.call("POST", "/pair", {"code": code})

    def click(
        self,
        gesture: Gesture = Gesture.DOUBLE,
        *,
        uid: UUID | None = None,
        clicked_at: datetime | None = None,
        where: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Press the button."""
        now = self.now()
        click = {
            "id": str(uid or uuid4()),
            "gesture": gesture,
            "clicked_at": (clicked_at or now).isoformat(),
            "sent_at": now.isoformat(),
            "position": where,
            "battery": 63,
        }
        return self.call("POST", "/clicks", click)

    def send(self, positions: Sequence[Mapping[str, Any]]) -> Reply:
        """Empty the queue of fixes."""
        return self.call("POST", "/positions", {"sent_at": self.now().isoformat(), "positions": list(positions)})

    def alert(self) -> Any:
        """Her open alert as the phone shows it."""
        return self.call("GET", "/alert").json["alert"]

    def close(self, alert: str, pin: str, reason: str = "safe") -> Reply:
        """Type the PIN."""
        return self.call("POST", "/alert/close", {"alert": alert, "pin": pin, "reason": reason})

    def settings(self) -> Any:
        """What this phone does of itself."""
        return self.call("GET", "/settings").json

    def forget(self) -> Reply:
        """Revoke this phone."""
        return self.call("DELETE", "/phone")


@dataclass
class OwnTracks:
    """OwnTracks for Android in HTTP mode, 2.5: same headers, same JSON (owntracks.org/booklet/tech/http)."""

    wire: Wire = field(default_factory=InProcess)
    token: str = PHONE_TOKEN
    username: str = "phone"
    path: str = "/api/v1/owntracks"

    def publish(self, message: Any) -> Reply:
        """POST one message of any `_type`; bytes go as they are."""
        body = message if isinstance(message, bytes) else json.dumps(message, separators=(",", ":")).encode()
        credentials = b64encode(f"{self.username}:{self.token}".encode()).decode()
        headers = {
            "User-Agent": "Owntracks-Android/gp/420505000",
            "Authorization": f"Basic {credentials}",
            "X-Limit-U": self.username,
            "X-Limit-D": "pixel",
            "Content-Type": "application/json; charset=utf-8",
            "Accept-Encoding": "identity",
        }
        return self.wire.send("POST", self.path, headers=headers, body=body)

    def report(self, latitude: float = 49.4179, longitude: float = 2.8261, *, at: datetime, vel: int = 5) -> Reply:
        """One location; `vel` in km/h."""
        seconds = int(at.timestamp())
        location = {
            "_type": "location",
            "BSSID": "02:00:00:00:00:00",
            "SSID": "maison",
            "_id": f"{seconds:x}",
            "acc": 12,
            "alt": 41,
            "batt": 63,
            "bs": 1,
            "cog": 270,
            "conn": "m",
            "created_at": seconds,
            "lat": latitude,
            "lon": longitude,
            "m": 2,
            "t": "u",
            "tid": "ma",
            "topic": "owntracks/phone/pixel",
            "tst": seconds,
            "vac": 3,
            "vel": vel,
        }
        return self.publish(location)


@dataclass
class TraccarClient:
    """Traccar Client: up to version 8 a query in a POST without body, from version 9 JSON in metres per second."""

    wire: Wire = field(default_factory=InProcess)
    osmand_id: str = OSMAND_ID
    path: str = "/api/v1/osmand"

    def report(
        self, latitude: float = 49.4179, longitude: float = 2.8261, *, at: datetime, knots: float = 2.7, **more: Any
    ) -> Reply:
        """One fix as version 8 sends it; `alarm="sos"` is its SOS shortcut."""
        query = {
            "id": self.osmand_id,
            "timestamp": str(int(at.timestamp())),
            "lat": str(latitude),
            "lon": str(longitude),
            "speed": str(knots),
            "bearing": "270.0",
            "altitude": "41.0",
            "accuracy": "12.0",
            "batt": "63.0",
            **more,
        }
        return self.wire.send("POST", f"{self.path}?{urlencode(query)}", headers={})

    def report_as_json(
        self, latitude: float = 49.4179, longitude: float = 2.8261, *, at: datetime, sos: bool = False
    ) -> Reply:
        """One fix as version 9 sends it."""
        instant = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        location = {
            "timestamp": instant,
            "coords": {
                "latitude": latitude,
                "longitude": longitude,
                "accuracy": 12.0,
                "speed": 1.4,
                "heading": 270.0,
                "altitude": 41.0,
            },
            "is_moving": True,
            "odometer": 1200.5,
            "event": "motionchange",
            "battery": {"level": 0.63, "is_charging": False},
            "activity": {"type": "walking"},
            "extras": {"alarm": "sos"} if sos else {},
            "_": f"&id={self.osmand_id}&lat={latitude}&lon={longitude}&timestamp={instant}&",
        }
        body = json.dumps({"location": location, "device_id": self.osmand_id}).encode()
        headers = {"Content-Type": JSON, "User-Agent": "Traccar Client/9"}
        return self.wire.send("POST", self.path, headers=headers, body=body)
