"""The browser's connectivity checks, and our answers: all of ICE that an ICE-lite server needs (RFC 8445, RFC 8489).

A check is read in full only if it names somebody who was offered a seat: forged floods cost a look at a few bytes.
"""

from dataclasses import dataclass
from typing import Final

from aioice import stun

_COOKIE: Final = stun.COOKIE.to_bytes(4, "big")
_REQUEST: Final = (stun.Method.BINDING | stun.Class.REQUEST).to_bytes(2, "big")
_USERNAME: Final = b"\x00\x06"
_LONGEST: Final = 548
_LONGEST_NAME: Final = 513
_ROLE_CONFLICT: Final = (487, "Role Conflict")


@dataclass(frozen=True, slots=True)
class Check:
    """An authenticated check; `reply` goes back to where it came from."""

    reply: bytes
    nominated: bool
    theirs: str
    accepted: bool = True


def names(datagram: bytes) -> tuple[str, str] | None:
    """Our and the browser's name in a binding request; None for anything else."""
    if not stun.HEADER_LENGTH < len(datagram) <= _LONGEST or datagram[:2] != _REQUEST or datagram[4:8] != _COOKIE:
        return None
    at = stun.HEADER_LENGTH
    while at + 4 <= len(datagram):
        length = int.from_bytes(datagram[at + 2 : at + 4], "big")
        if datagram[at : at + 2] == _USERNAME:
            value = datagram[at + 4 : at + 4 + length]
            if length > _LONGEST_NAME or len(value) != length or not value.isascii():
                return None
            ours, colon, theirs = value.decode("ascii").partition(":")
            return (ours, theirs) if colon else None
        at += 4 + length + -length % 4
    return None


def read(datagram: bytes, password: bytes, address: tuple[str, int]) -> Check | None:
    """The check, if it is signed with the password that only this browser was told; None if it is not."""
    try:
        request = stun.parse_message(datagram)
    except (ValueError, IndexError):  # the latter for attributes cut short
        return None
    if not request.check_message_integrity(password):
        return None
    theirs = str(request.attributes.get("USERNAME", "")).partition(":")[2]
    if "ICE-CONTROLLED" in request.attributes:  # an ICE-lite server never controls (RFC 8445, section 6.1.1)
        error = stun.Message(stun.Method.BINDING, stun.Class.ERROR, request.transaction_id)
        error.attributes["ERROR-CODE"] = _ROLE_CONFLICT
        error.add_message_integrity(password)
        return Check(bytes(error), nominated=False, theirs=theirs, accepted=False)
    reply = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, request.transaction_id)
    reply.attributes["XOR-MAPPED-ADDRESS"] = address
    reply.add_message_integrity(password)
    return Check(bytes(reply), nominated="USE-CANDIDATE" in request.attributes, theirs=theirs)
