"""One line of a journal: a version, canonical JSON, a signature, tabs between. A version, once used, stays readable.

`prev` in each line is the SHA-256 of the whole line before, its signature included; the first has zeros. So the last
line, called the head, holds everything before it.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from alerts.evidence.errors import BrokenError

VERSION = "1"
FIRST_PREV = "0" * 64
SIGNATURE_BYTES = 64  # Ed25519 (RFC 8032)

Facts = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Line:
    """What stands in one line, and the hash of the line as it stands."""

    facts: Facts
    signed: bytes
    signature: bytes
    hash: str

    @property
    def kind(self) -> str:
        """The word in `type`."""
        return str(self.facts["type"])


def write(facts: Facts, *, prev: str, sign: Callable[[bytes], bytes]) -> bytes:
    """A line, its end included. `facts` must be plain JSON."""
    signed = f"{VERSION}\t{canonical({**facts, 'prev': prev})}".encode()
    return signed + b"\t" + base64.b64encode(sign(signed)) + b"\n"


def canonical(facts: Facts) -> str:
    """The one way to write these facts: sorted, without spaces, in ASCII."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def read(line: bytes) -> Line:
    """A line that ends as it should. Raises BrokenError; the signature is not checked here."""
    version, _tab, rest = line.removesuffix(b"\n").partition(b"\t")
    written, _tab, signature = rest.rpartition(b"\t")
    if not line.endswith(b"\n") or version != VERSION.encode():
        raise BrokenError
    try:
        facts = json.loads(written)
        raw = base64.b64decode(signature, validate=True)
    except (ValueError, binascii.Error) as error:
        raise BrokenError from error
    whole = isinstance(facts, dict) and len(raw) == SIGNATURE_BYTES and isinstance(facts.get("type"), str)
    if not whole or canonical(facts).encode() != written or base64.b64encode(raw) != signature:
        raise BrokenError
    return Line(facts=facts, signed=version + b"\t" + written, signature=raw, hash=digest(line))


def whole(content: bytes) -> tuple[list[bytes], bytes]:
    """The lines that end, and what stands behind the last of them.

    `bytes.splitlines` would also cut at a carriage return, and take a changed byte for the end of what was written.
    """
    *ended, rest = content.split(b"\n")
    return [line + b"\n" for line in ended], rest


def digest(content: bytes) -> str:
    """SHA-256 (FIPS 180-4), in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
