"""What Twilio posts to us, through Django's own client: signed, form-encoded, to the public address."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from tests import twilio

PUBLIC_URL = "https://sos.exmpl.fr"
FORM = "application/x-www-form-urlencoded"


def post(path: str, form: Mapping[str, str], *, token: str = twilio.TOKEN, signature: str | None = None) -> Any:
    """One hook to a path of `PUBLIC_URL`, which the test gives its settings; `signature` replaces the true one."""
    signed = twilio.signature(f"{PUBLIC_URL}{path}", form, token) if signature is None else signature
    return Client(enforce_csrf_checks=True).post(
        path, urlencode(form), content_type=FORM, headers={"X-Twilio-Signature": signed}
    )
