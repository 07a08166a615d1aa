"""A small Twilio of our own: takes what the real client sends, remembers it, misbehaves on request, signs its hooks.

Inside a test: `with network() as running`. As a process of its own, for what outlives a kill:

    python -m tests.twilio --port 0 --log FILE --delay 0.2

prints its URL, and on a second line the URL of its control, which takes POST /behaviour (see `tests.telephony.remote`).
"""

import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

from tests.telephony import remote
from tests.telephony.calls import Call
from tests.telephony.hooks import SECOND_TOKEN, TOKEN, Posted, Service
from tests.telephony.ledger import Taken, read
from tests.telephony.network import Network, Refused
from tests.telephony.remote import Remote
from tests.telephony.reports import Plan
from tests.telephony.resources import ACCOUNT, Progress
from tests.telephony.telephones import Device, Pocket, Text

__all__ = [
    "ACCOUNT",
    "SECOND_TOKEN",
    "TOKEN",
    "Call",
    "Device",
    "Network",
    "Plan",
    "Pocket",
    "Posted",
    "Progress",
    "Refused",
    "Remote",
    "Service",
    "Taken",
    "Text",
    "network",
    "post",
    "process",
    "read",
    "signature",
]


def signature(url: str, form: Mapping[str, str], token: str = TOKEN) -> str:
    """As Twilio signs a hook."""
    return str(RequestValidator(token).compute_signature(url, form))


def post(url: str, form: Mapping[str, str], *, public_url: str, token: str = TOKEN) -> int:
    """Send a signed hook to a running server whose links say `public_url`. Returns the status."""
    signed = public_url + urlsplit(url).path
    request = urllib.request.Request(  # noqa: S310 - our own port
        url, urlencode(form).encode(), {"X-Twilio-Signature": signature(signed, form, token)}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own port
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@contextmanager
def network(*, log: Path | None = None, service: Service | None = None) -> Iterator[Network]:
    """A running stand-in on a free port; with `log` it remembers on disk, as `read(log)` shows.

    With `service` it posts hooks and its telephones can be used:

        with network(service=Service(wire=OverHttp(server.url), public_url=server.url)) as running:
            running.device(NADIA).expect_call(saying="Marie").press("1")
    """
    running = Network(log=log, service=service)
    running.open()
    try:
        yield running
    finally:
        running.close()


@contextmanager
def process(log: Path, *, delay_seconds: float = 0.0, service: str = "") -> Iterator[Remote]:
    """A stand-in in a process of its own; with the URL of the `service` it posts receipts there."""
    running = Remote.start(log, delay_seconds=delay_seconds, service=service)
    try:
        yield running
    finally:
        running.stop()


if __name__ == "__main__":
    sys.exit(remote.main(sys.argv[1:]))
