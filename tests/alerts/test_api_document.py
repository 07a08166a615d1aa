"""The OpenAPI document is complete and true: the API is tried against its own words."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.urls import URLResolver, get_resolver, reverse
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from alerts.models import Phone
from tests.people import OSMAND_ID, PHONE_TOKEN
from tests.phones import Companion

pytestmark = pytest.mark.django_db(transaction=True)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
STRICT = [*CHECKS, negative_data_rejection, unsupported_method]
TOO_LARGE = 413  # refused before anybody reads what is wrong with it
LENIENT = {"/api/v1/owntracks", "/api/v1/osmand"}  # whoever proves who they are is answered 200, whatever they send

document: Any = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@pytest.fixture
def described(client: Any) -> dict[str, Any]:
    """The document as a client builder reads it."""
    told: dict[str, Any] = client.get("/api/v1/openapi.json").json()
    return told


@document.parametrize()  # type: ignore[untyped-decorator]
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_the_document_announces(phone: Phone, case: schemathesis.Case[Any]) -> None:
    Phone.objects.filter(pk=phone.pk).update(revoked_at=None, wrong_pins=0, wrong_pins_since=None)
    basic = b64encode(f"phone:{PHONE_TOKEN}".encode()).decode()
    scheme = f"Basic {basic}" if case.path == "/api/v1/owntracks" else f"Bearer {PHONE_TOKEN}"
    if case.path == "/api/v1/osmand":
        case.query["id"] = OSMAND_ID
    checks = CHECKS if case.path in LENIENT else STRICT
    headers = {"Authorization": scheme, "Accept-Encoding": "identity"}  # this transport does not unpack

    answer = case.call(headers=headers)
    case.validate_response(answer, checks=CHECKS if answer.status_code == TOO_LARGE else checks)


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each call."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_every_call_of_the_contract_is_described(described: dict[str, Any]) -> None:
    assert {(method, path.removeprefix("/api/v1")) for method, path, _ in operations(described)} == {
        ("POST", "/pair"),
        ("DELETE", "/phone"),
        ("PUT", "/phone/standing"),
        ("POST", "/clicks"),
        ("POST", "/positions"),
        ("GET", "/alert"),
        ("POST", "/alert/close"),
        ("POST", "/alert/cut-off"),
        ("GET", "/inbound"),
        ("GET", "/alert/room"),
        ("POST", "/alert/room"),
        ("PUT", "/alert/room"),
        ("DELETE", "/alert/room"),
        ("DELETE", "/alert/room/{taking}"),
        ("GET", "/settings"),
        ("POST", "/recordings"),
        ("PUT", "/recordings/{id}/chunks/{n}"),
        ("POST", "/recordings/{id}/close"),
        ("GET", "/inbound"),
        ("POST", "/owntracks"),
        ("GET", "/osmand"),
        ("POST", "/osmand"),
    }


def test_every_door_of_the_api_is_described(described: dict[str, Any]) -> None:
    patterns = get_resolver("alerts.urls").url_patterns
    mounted = [one for one in patterns if isinstance(one, URLResolver) and str(one.pattern) == "api/v1/"]
    doors = {f"/api/v1/{one.pattern}".replace("<", "{").replace(">", "}") for one in mounted[0].url_patterns}

    assert doors - {"/api/v1/", reverse("alerts:api:openapi-json")} == set(described["paths"])


STATUSES = {
    "POST /pair": {201, 400, 403, 413, 415, 422, 429, 503},
    "DELETE /phone": {204, 401, 503},
    "PUT /phone/standing": {204, 400, 401, 413, 415, 422, 503},
    "POST /clicks": {200, 201, 400, 401, 409, 413, 415, 422, 429, 503},
    "POST /positions": {202, 400, 401, 409, 413, 415, 422, 503},
    "GET /alert": {200, 401, 503},
    "GET /inbound": {200, 401, 503},
    "POST /alert/close": {200, 400, 401, 403, 409, 413, 415, 422, 429, 503},
    "POST /alert/cut-off": {200, 400, 401, 403, 409, 413, 415, 422, 429, 503},
    "GET /alert/room": {200, 401, 409, 503},
    "POST /alert/room": {201, 401, 409, 429, 503},
    "PUT /alert/room": {204, 400, 401, 404, 409, 413, 415, 422, 429, 503},
    "DELETE /alert/room": {204, 401, 503},
    "DELETE /alert/room/{taking}": {204, 401, 503},
    "GET /settings": {200, 401, 503},
    "POST /recordings": {200, 201, 400, 401, 409, 413, 415, 422, 503},
    "PUT /recordings/{id}/chunks/{n}": {200, 201, 401, 404, 409, 413, 422, 503},
    "POST /recordings/{id}/close": {200, 400, 401, 404, 413, 415, 422, 503},
    "POST /owntracks": {200, 401, 503},
    "GET /osmand": {200, 400, 413, 503},
    "POST /osmand": {200, 400, 413, 503},
}


def test_every_status_is_announced_and_every_refusal_has_the_one_shape(described: dict[str, Any]) -> None:
    for method, path, operation in operations(described):
        answers = operation["responses"]
        assert {int(status) for status in answers} == STATUSES[f"{method} {path.removeprefix('/api/v1')}"]
        for status, answer in answers.items():
            if int(status) >= 400:
                schema = answer["content"]["application/json"]["schema"]
                assert schema["$ref"] == "#/components/schemas/Error"
        assert answers["503"]["headers"]["Retry-After"]["required"]


def test_every_call_says_who_may_make_it(described: dict[str, Any]) -> None:
    open_to_all = {"/api/v1/pair", "/api/v1/osmand"}
    for _, path, operation in operations(described):
        assert ("security" in operation) == (path not in open_to_all), path
    schemes = described["components"]["securitySchemes"]
    assert {name: scheme["scheme"] for name, scheme in schemes.items()} == {
        "PhoneToken": "bearer",
        "OwnTracksPassword": "basic",
    }


def test_every_number_says_its_unit(described: dict[str, Any]) -> None:
    position = described["components"]["schemas"]["Position"]["properties"]
    for name in ("latitude", "longitude", "accuracy", "speed", "heading", "altitude", "battery"):
        told = position[name]
        words = str(told)
        assert any(unit in words for unit in ("Degrees", "Metres", "percent")), name
    assert described["components"]["schemas"]["Position"]["examples"]


def test_the_example_of_the_document_is_accepted(phone: Phone, described: dict[str, Any]) -> None:
    companion = Companion()
    example = described["components"]["schemas"]["Position"]["examples"][0]

    assert companion.click(where=example).status == 201


def test_the_document_is_open_to_everybody_who_builds_a_phone(client: Any) -> None:
    answer = client.get("/api/v1/openapi.json")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
