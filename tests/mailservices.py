"""Mail services as they tell us what became of a mail: eight bodies, each signed or posted with the secret."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.test import Client
from django.urls import reverse

from alerts.providers import relays
from tests.people import NADIA

SECRET = "mail:a-secret-of-more-than-24-characters"
SIGNING_KEY = "signing-key-of-the-service"
POSTAL = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public(key: rsa.RSAPrivateKey) -> str:
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return "".join(pem.decode().splitlines()[1:-1])


def _message_id(mail: UUID) -> str:
    return f"{mail}@sos.exmpl.fr"


def _mailgun(mail: UUID, *, came_back: bool) -> Mapping[str, Any]:
    token, at = uuid4().hex, "1780308000"
    signature = hmac.new(SIGNING_KEY.encode(), f"{at}{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"token": token, "timestamp": at, "signature": signature},
        "event-data": {
            "event": "failed" if came_back else "delivered",
            "severity": "permanent" if came_back else None,
            "timestamp": 1780308000.5,
            "recipient": NADIA.email,
            "message": {"headers": {"message-id": _message_id(mail)}},
            "user-variables": {},
        },
    }


def _brevo(mail: UUID, *, came_back: bool) -> Mapping[str, Any]:
    return {
        "event": "hard_bounce" if came_back else "delivered",
        "email": NADIA.email,
        "ts_epoch": 1780308000000,
        "message-id": f"<{_message_id(mail)}>",
    }


def _postmark(mail: UUID, *, came_back: bool) -> Mapping[str, Any]:
    kind = {"RecordType": "Bounce", "Type": "HardBounce"} if came_back else {"RecordType": "Delivery"}
    at = {"BouncedAt" if came_back else "DeliveredAt": "2026-06-01T10:00:00Z"}
    return {**kind, **at, "MessageID": str(uuid4()), "Email": NADIA.email, "Metadata": {relays.DELIVERY: str(mail)}}


def _mailjet(mail: UUID, *, came_back: bool) -> Any:
    event = {"event": "bounce", "hard_bounce": True, "error": "user unknown"} if came_back else {"event": "sent"}
    payload = json.dumps({relays.DELIVERY: str(mail)})
    return [{**event, "time": 1780308000, "MessageID": 12345, "email": NADIA.email, "Payload": payload}]


def _mailtrap(mail: UUID, *, came_back: bool) -> Mapping[str, Any]:
    event = {
        "event": "bounce" if came_back else "delivery",
        "message_id": str(uuid4()),
        "timestamp": 1780308000,
        "email": NADIA.email,
        "custom_variables": {relays.DELIVERY: str(mail)},
    }
    return {"events": [event]}


def _resend(mail: UUID, *, came_back: bool) -> Mapping[str, Any]:
    metadata = {"name": "X-Metadata", "value": json.dumps({relays.DELIVERY: str(mail)})}
    data: dict[str, Any] = {"email_id": str(uuid4()), "to": [NADIA.email], "headers": [metadata]}
    if came_back:
        data["bounce"] = {"message": "The recipient's email provider sent a hard bounce message."}
    kind = "email.bounced" if came_back else "email.delivered"
    return {"type": kind, "created_at": "2026-06-01T10:00:00.000Z", "data": data}


def _sparkpost(mail: UUID, *, came_back: bool) -> Any:
    event = {
        "type": "bounce" if came_back else "delivery",
        "timestamp": "1780308000",
        "transmission_id": "65832150921904138",
        "raw_rcpt_to": NADIA.email,
        "rcpt_meta": {relays.DELIVERY: str(mail)},
    }
    return [{"msys": {"message_event": event}}]


def _postal(mail: UUID, *, came_back: bool) -> Mapping[str, Any]:
    message = {"id": 42, "tag": str(mail), "to": NADIA.email, "direction": "outgoing"}
    payload = {"status": "HardFail" if came_back else "Sent", "message": message}
    return {"uuid": str(uuid4()), "timestamp": 1780308000.5, "payload": payload}


PAYLOADS: Mapping[str, Callable[..., Any]] = {
    "brevo": _brevo,
    "mailgun": _mailgun,
    "mailjet": _mailjet,
    "mailtrap": _mailtrap,
    "postal": _postal,
    "postmark": _postmark,
    "resend": _resend,
    "sparkpost": _sparkpost,
}


def post(service: str, payload: Any, *, secret: str | None = SECRET) -> int:
    """An event as the service posts it; the status of our answer."""
    body = json.dumps(payload).encode()
    headers = {}
    if secret is not None:
        headers["Authorization"] = f"Basic {base64.b64encode(secret.encode()).decode()}"
    if service == "postal":
        headers["X-Postal-Signature"] = base64.b64encode(
            POSTAL.sign(body, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - as Postal signs
        ).decode()
    path = reverse("alerts:mail_events", args=[service])
    answer = Client(enforce_csrf_checks=True).post(path, body, content_type="application/json", headers=headers)
    return int(answer.status_code)
