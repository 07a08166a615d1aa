"""Marie's telephone records, by its own door: an alert, real sound in two parts, its end."""

import base64
import hashlib
from uuid import uuid4

from alerts.states import Gesture
from tests.journeys.her_steps import Cast
from tests.phones import Companion, OverHttp
from tests.server import Server
from tests.sounds import in_pieces, webm

_PIECES = 3  # of each part


def record(server: Server, cast: Cast) -> str:
    """Returns the recording's id."""
    companion = Companion(wire=OverHttp(server.url), token=cast["phone"]["token"])
    uid = str(uuid4())
    assert companion.click(Gesture.LONG).status == 201
    said = {"id": uid, "started_at": companion.now().isoformat(), "media_type": "audio/webm;codecs=opus"}
    assert companion.call("POST", "/recordings", said).status == 201
    for part in range(2):
        for at, content in enumerate(in_pieces(webm(0.4, pitch=440.0 + 220 * part), _PIECES)):
            _send(companion, uid, number=part * _PIECES + at, segment=part, content=content)
    assert companion.call("POST", f"/recordings/{uid}/close", {"chunks": 2 * _PIECES}).status == 200
    assert companion.close(companion.alert()["id"], cast["victim"]["pin"]).status == 200
    return uid


def _send(companion: Companion, uid: str, *, number: int, segment: int, content: bytes) -> None:
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    headers = {
        "Authorization": f"Bearer {companion.token}",
        "Content-Type": "application/octet-stream",
        "Content-Digest": f"sha-256=:{digest}:",
        "Sherif-Segment": str(segment),
        "Sherif-Recorded-At": companion.now().isoformat(),
    }
    path = f"/api/v1/recordings/{uid}/chunks/{number}"
    assert companion.wire.send("PUT", path, headers=headers, body=content).status == 201
