"""Time stamps of somebody else (RFC 3161): what existed then, said by a clock that the operator does not own."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import requests
import rfc3161_client as rfc3161
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from rfc3161_client.errors import VerificationError
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from alerts.evidence.errors import StampError

_NAMED = (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
_MOST_BYTES = 64 * 1024
_PIECE = 4096
_FARTHEST = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Authority:
    """Where it answers, and the certificates that make its answers believable; `between` where it sends none."""

    name: str
    url: str
    roots: Sequence[x509.Certificate] = field(repr=False)
    between: Sequence[x509.Certificate] = field(default=(), repr=False)
    patience: float = 10.0  # seconds for the whole answer, however slowly it drips


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """An answer as it came (DER), and the time in it, UTC."""

    content: bytes
    at: datetime


def ask(authority: Authority, content: bytes, *, now: datetime) -> Stamp:
    """A stamp of these bytes, verified. Raises StampError: refused, slow, garbage, expired, or of something else."""
    wanted = rfc3161.TimestampRequestBuilder().data(content).hash_algorithm(rfc3161.HashAlgorithm.SHA512)
    request = wanted.nonce(nonce=True).cert_request(cert_request=True).build()
    answer = _posted(authority, request.as_bytes())
    stamp = verify(authority, answer, content, nonce=request.nonce)
    if abs(stamp.at - now) > _FARTHEST:
        raise StampError  # its clock or ours is wrong: neither is believed
    return stamp


def verify(authority: Authority, answer: bytes, content: bytes, *, nonce: int | None = None) -> Stamp:
    """The stamp in an answer, if this authority gave it for these bytes. Raises StampError."""
    try:
        read = rfc3161.decode_timestamp_response(answer)
        builder = rfc3161.VerifierBuilder()
        for root in authority.roots:
            builder = builder.add_root_certificate(root)
        for one in authority.between:
            builder = builder.add_intermediate_certificate(one)
        if nonce is not None:
            builder = builder.nonce(nonce)
        builder.build().verify_message(read, content)
        at = read.tst_info.gen_time
    except (VerificationError, ValueError) as error:
        raise StampError from error
    return Stamp(content=answer, at=at)


def load(name: str, url: str, roots: Path) -> Authority:
    """An authority from its address and a PEM file of the believed certificates. Raises OSError, ValueError."""
    return Authority(name=name, url=url, roots=x509.load_pem_x509_certificates(roots.read_bytes()))


def pem(authority: Authority) -> bytes:
    """The certificates that make it believable, as openssl reads them."""
    return b"".join(one.public_bytes(Encoding.PEM) for one in (*authority.roots, *authority.between))


def holder_of(authority: Authority) -> str:
    """Whose certificate is believed, as it calls itself."""
    named = [one.value for oid in _NAMED for one in authority.roots[0].subject.get_attributes_for_oid(oid)]
    return str(named[0]) if named else authority.name


def _posted(to: Authority, body: bytes) -> bytes:
    kinds = {
        "Content-Type": "application/timestamp-query",
        "Accept": "application/timestamp-reply",
        "Accept-Encoding": "identity",
    }
    until = time.monotonic() + to.patience
    try:
        with requests.post(
            to.url, data=body, headers=kinds, timeout=to.patience, allow_redirects=False, stream=True
        ) as got:
            if got.status_code != requests.codes.ok:
                raise StampError
            return _read(got.raw, until)
    except (requests.RequestException, HTTPError, OSError) as error:
        raise StampError from error


def _read(coming: HTTPResponse, until: float) -> bytes:
    """What comes until then (monotonic seconds): `read` would wait for a whole piece, each byte as long as it likes."""
    answer = bytearray()
    while piece := coming.read1(_PIECE, decode_content=False):
        answer += piece
        if len(answer) > _MOST_BYTES or time.monotonic() > until:
            raise StampError
    return bytes(answer)
