"""Whether a packet begins a whole picture: all that is ever read of a payload (RFC 7741, RFC 6184)."""

from responders.sfu.layout import H264, VP8
from responders.sfu.rtp import Rtp

_SLICE, _PARAMETERS, _TOGETHER, _PART = 5, 7, 24, 28
_START = 0x80


def begins(packet: bytearray, header: Rtp) -> bool:
    """True for the first packet of a key frame. Broken payloads are none."""
    payload = packet[header.start : header.end]
    if header.payload_type == VP8:
        return _vp8(payload)
    return header.payload_type == H264 and _h264(payload)


def _vp8(payload: bytearray) -> bool:
    if not payload or payload[0] & 0x17 != 0x10:  # a partition begins, and it is the first  # noqa: PLR2004
        return False
    at = 1
    if payload[0] & 0x80:
        if len(payload) < 2:  # noqa: PLR2004
            return False
        flags = payload[1]
        at = 2
        if flags & 0x80:
            at += 2 if len(payload) > at and payload[at] & 0x80 else 1
        at += bool(flags & 0x40) + bool(flags & 0x30)
    return at < len(payload) and not payload[at] & 1


def _h264(payload: bytearray) -> bool:
    if len(payload) < 4:  # noqa: PLR2004
        return False
    kind = payload[0] & 31
    if kind == _TOGETHER:
        kind = payload[3] & 31
    elif kind == _PART and payload[1] & _START:
        kind = payload[1] & 31
    return kind in {_SLICE, _PARAMETERS}
