"""The few bytes of an RTP packet that change on its way (RFC 3550, RFC 8285, RFC 4588); never the sound or picture.

Packets are bytearrays, decrypted, and edited in place: one edit serves all viewers.
"""

from struct import Struct
from typing import NamedTuple

from responders.sfu.layout import CONTROL_ID, LEVEL_ID, MID_ID, REPAIRED

_FIXED = Struct("!BBHII")
_REWRITTEN = Struct("!HII")
_SHORT = Struct("!H")
_ONE_BYTE_PROFILE = 0xBEDE
_HEADER = 12
_WORD = 4
MAX_PACKET = 1_500
"""No browser sends more in one datagram."""


class Rtp(NamedTuple):
    """The header of one packet; the payload begins at byte `start` and ends at `end`, before any padding."""

    payload_type: int
    marked: bool
    sequence: int
    timestamp: int
    stream: int
    extended: bool
    start: int
    end: int


def read(packet: bytearray) -> Rtp:
    """The header. Raises ValueError for what no browser sends: other versions, mixers' lists, foreign extensions."""
    size = len(packet)
    if not _HEADER <= size <= MAX_PACKET:
        raise ValueError("size")
    first, second, sequence, timestamp, stream = _FIXED.unpack_from(packet)
    if first & 0xCF != 0x80:  # version 2, no contributing sources  # noqa: PLR2004
        raise ValueError("first byte")
    start, end = _HEADER, size
    if first & 0x10:
        if size < _HEADER + _WORD or _SHORT.unpack_from(packet, _HEADER)[0] != _ONE_BYTE_PROFILE:
            raise ValueError("extension")
        start += _WORD + _WORD * _SHORT.unpack_from(packet, _HEADER + 2)[0]
    if first & 0x20:
        end -= packet[-1]
        if packet[-1] == 0:
            raise ValueError("padding")
    if start > end:
        raise ValueError("length")
    return Rtp(second & 0x7F, second > 0x7F, sequence, timestamp, stream, bool(first & 0x10), start, end)  # noqa: PLR2004


class Marks(NamedTuple):
    """What a packet's extensions said: the transport-wide number and the loudness (0 loudest, 127 silence)."""

    number: int | None
    level: int | None


_NOTHING = Marks(None, None)
_CONTROL, _LEVEL, _STOP = CONTROL_ID << 4 | 1, LEVEL_ID << 4, 15 << 4
_NAME = bytes((MID_ID << 4 | 1,))


def sign(packet: bytearray, header: Rtp, mid: bytes) -> Marks:
    """Write the seat's own two-character name over the transport-wide number and over any name the sender wrote.

    Loudness stays; what is neither is blanked (RFC 8285: a zero byte is padding).
    """
    if not header.extended:
        return _NOTHING
    number = level = None
    at, end = _HEADER + _WORD, header.start
    while at < end:
        element = packet[at]
        after = at + 2 + (element & 15)
        if element == _CONTROL and after <= end:
            number = packet[at + 1] << 8 | packet[at + 2]
            packet[at:after] = _NAME + mid
        elif element == _LEVEL and after <= end:
            level = packet[at + 1] & 0x7F
        elif element == 0:
            after = at + 1
        else:
            after = end if element >= _STOP or after > end else after
            packet[at:after] = _NAME + mid if element == _NAME[0] and after <= end else bytes(after - at)
        at = after
    return Marks(number, level)


def rewrite(packet: bytearray, sequence: int, *, timestamp: int, stream: int) -> None:
    """Give the packet another number, another time and another stream, all of them already within their widths."""
    _REWRITTEN.pack_into(packet, 2, sequence, timestamp, stream)


def renumbered(packet: bytearray, sequence: int) -> bytearray:
    """A copy under another number."""
    copy = bytearray(packet)
    _SHORT.pack_into(copy, 2, sequence)
    return copy


def unwrap(packet: bytearray, header: Rtp, primary: int) -> bytearray | None:
    """The packet that a retransmission repeats; None for one that only measures the network (RFC 4588, section 4).

    The stream is still that of the retransmissions.
    """
    if header.end - header.start < 2:  # noqa: PLR2004
        return None
    original = packet[: header.end]
    original[0] &= 0xDF
    original[1] = original[1] & 0x80 | primary
    original[2:4] = original[header.start : header.start + 2]
    del original[header.start : header.start + 2]
    return original


def wrap(packet: bytearray, repeated: int, *, sequence: int, stream: int) -> bytearray:
    """The retransmission of this packet, which its receiver knows by the number `repeated` (RFC 4588, section 4)."""
    header = read(packet)
    copy = bytearray(packet)
    copy[1] = copy[1] & 0x80 | REPAIRED[header.payload_type]
    copy[header.start : header.start] = repeated.to_bytes(2, "big")
    _SHORT.pack_into(copy, 2, sequence)
    copy[8:12] = stream.to_bytes(4, "big")
    return copy
