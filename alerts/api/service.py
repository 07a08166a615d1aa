"""The whole API in one place: which calls there are, how bodies are read, how refusals look."""

from ninja import NinjaAPI

from alerts.api import clicks, clients, errors, pairing, positions, recordings
from alerts.api.parsing import JsonOnly

_ABOUT = """The phone's side of the service: clicks, positions, the end of an alert.

Every id is drawn by the client, and every call may be repeated: what is known already is not stored twice.
The phone's clock is a claim: the age of a fix is counted from `sent_at - recorded_at`.
Every refusal has one shape, and 503 always means that the same call a second later loses nothing.
Units: degrees (WGS 84), metres, metres per second, percent, ISO 8601 with offset."""

api = NinjaAPI(
    title="MonShérif, phone API",
    version="1",
    description=_ABOUT,
    urls_namespace="alerts:api",
    docs_url=None,
    openapi_url="/openapi.json",
    parser=JsonOnly(),
)
errors.register(api)
for _router in (clicks.router, positions.router, pairing.router, clients.router, recordings.router):
    api.add_router("", _router)
