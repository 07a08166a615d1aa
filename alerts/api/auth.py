"""Which phone is calling: a bearer token, or the same token as OwnTracks' password."""

from base64 import b64decode

from django.http import HttpRequest
from ninja.security.http import HttpAuthBase

from alerts import access
from alerts.api.errors import unauthorized
from alerts.models import Phone


class PhoneToken(HttpAuthBase):
    """`Authorization: Bearer <phone token>` (RFC 6750)."""

    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Phone:
        """The paired phone. Raises the 401 of the contract."""
        phone = _phone(bearer(request))
        if phone is None:
            raise unauthorized("Bearer")
        return phone


class OwnTracksPassword(HttpAuthBase):
    """`Authorization: Basic` with any user name and the phone token as password (RFC 7617)."""

    openapi_scheme = "basic"

    def __call__(self, request: HttpRequest) -> Phone:
        """The paired phone. Raises the 401 of the contract."""
        phone = _phone(_password(_credentials(request, "basic")))
        if phone is None:
            raise unauthorized("Basic")
        return phone


def phone_of(request: HttpRequest) -> Phone:
    """The phone that one of the two let in."""
    phone = request.auth  # type: ignore[attr-defined]
    if not isinstance(phone, Phone):
        raise TypeError("this call asks nobody who is calling")
    return phone


def bearer(request: HttpRequest) -> str:
    """The token of this very request, or nothing; it is stored nowhere."""
    return _credentials(request, "bearer")


def _credentials(request: HttpRequest, scheme: str) -> str:
    named, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return credentials.strip() if named.lower() == scheme else ""


def _password(credentials: str) -> str:
    try:
        return b64decode(credentials, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _phone(token: str) -> Phone | None:
    return access.phone_by_token(token) if token and token.isascii() else None
