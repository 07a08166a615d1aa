"""What the OpenAPI document says of refusals: one table, so that no call forgets one."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from alerts.api import schemas

Answers = dict[int, Any]

_TEXT = {"type": "string"}

_WAIT = {"Retry-After": {"description": "Seconds to wait.", "required": True, "schema": {"type": "integer"}}}
_WHO = {
    "WWW-Authenticate": {"description": "RFC 9110, section 11.6.1.", "required": True, "schema": {"type": "string"}}
}
_HEADERS: Mapping[int, Mapping[str, Any]] = {401: _WHO, 429: _WAIT, 503: _WAIT}
_MEANINGS: Mapping[int, str] = {
    400: "The body is no JSON, or the identifier is unknown.",
    401: "No token, an unknown or a revoked one.",
    403: "A wrong code.",
    404: "Her phone does not sit there, or not any more; or it makes no such recording.",
    409: "It does not fit the state of her alerts.",
    413: "The body is larger than 256 KiB; a second of sound: than 64 KiB.",
    415: "The body is not sent as application/json.",
    422: "A value is missing or wrong.",
    429: "Too many: wrong codes within ten minutes, clicks that would change nothing, or seats.",
    503: "Nothing was stored just now; the same again loses nothing.",
}
BODY = (400, 413, 415, 422)


def answers(good: Mapping[int, Any], *refusals: int) -> Answers:
    """Every status of a call with its schema; 503 belongs to all that ask the database."""
    return {**good, **dict.fromkeys(sorted({*refusals, HTTPStatus.SERVICE_UNAVAILABLE.value}), schemas.Error)}


def extra(responses: Answers, **more: Any) -> dict[str, Any]:
    """The headers and meanings that the schemas alone do not tell, for `openapi_extra`."""
    details: dict[int, dict[str, Any]] = {}
    for status in responses:
        details[status] = {"description": _MEANINGS[status]} if status in _MEANINGS else {}
        if status in _HEADERS:
            details[status]["headers"] = _HEADERS[status]
    return {"responses": details, **more}


OWNTRACKS_REQUEST: Mapping[str, Any] = {
    "requestBody": {
        "required": False,
        "content": {
            "application/json": {
                "schema": {},
                "example": {
                    "_type": "location",
                    "lat": 49.4179,
                    "lon": 2.8261,
                    "tst": 1780308000,
                    "acc": 12,
                    "vel": 5,
                    "cog": 270,
                    "batt": 63,
                    "tid": "ma",
                },
            }
        },
    }
}


def _parameter(name: str, meaning: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": meaning, "schema": _TEXT}


OSMAND_REQUEST: Mapping[str, Any] = {
    "parameters": [
        _parameter("id", "The osmand_id of the phone."),
        _parameter("timestamp", "Seconds or milliseconds since 1970, or ISO 8601; without it, now."),
        _parameter("lat", "Degrees north, WGS 84."),
        _parameter("lon", "Degrees east, WGS 84."),
        _parameter("speed", "Knots."),
        _parameter("bearing", "Degrees from north."),
        _parameter("altitude", "Metres."),
        _parameter("accuracy", "Metres."),
        _parameter("batt", "Percent."),
        _parameter("alarm", "`sos` is a double click."),
    ]
}
