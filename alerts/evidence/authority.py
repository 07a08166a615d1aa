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

from alerts.evidence.errors import StampError

_NAMED = (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
_MOST_BYTES = 64 * 1024
_PIECE = 512
_SECONDS = 10  # for the whole answer, however slowly it drips
_FARTHEST = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Authority:
    """Where it answers, and the certificates that make its answers believable; `between` where it sends none."""

    name: str
    url: str
    roots: Sequence[x509.Certificate] = field(repr=False)
    between: Sequence[x509.Certificate] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """An answer as it came (DER), and the time in it, UTC."""

    content: bytes
    at: datetime


def ask(authority: Authority, content: bytes, *, now: datetime) -> Stamp:
    """A stamp of these bytes, verified. Raises StampError: refused, slow, garbage, expired, or of something else."""
    wanted = rfc3161.TimestampRequestBuilder().data(content).hash_algorithm(rfc3161.HashAlgorithm.SHA512)
    request = wanted.nonce(nonce=True).cert_request(cert_request=True).build()
    answer = _posted(authority.url, request.as_bytes())
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


def _posted(url: str, body: bytes) -> bytes:
    kinds = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    until = time.monotonic() + _SECONDS
    answer = bytearray()
    try:
        with requests.post(url, data=body, headers=kinds, timeout=_SECONDS, allow_redirects=False, stream=True) as got:
            if got.status_code != requests.codes.ok:
                raise StampError
            for piece in got.iter_content(_PIECE):
                answer += piece
                if len(answer) > _MOST_BYTES or time.monotonic() > until:
                    raise StampError
    except requests.RequestException as error:
        raise StampError from error
    return bytes(answer)
