"""What is the same for every browser and every room: seats, codecs, extensions, stream numbers.

Because nothing here is ever negotiated away, one packet serves everybody: edited once, it is only encrypted per viewer.
"""

from enum import StrEnum

SEATS = 8
LINE_SEAT, HER_SEAT, SPARE_SEAT = 5, 6, 7
"""Relatives sit at 0 to 4 by rank; then the on-call line, herself, and one to spare."""

ANY_SEAT = (0, 1, 2, 3, 4, SPARE_SEAT, LINE_SEAT, HER_SEAT)
"""The order in which a free seat is looked for."""


class Kind(StrEnum):
    """What a stream carries. The value is SDP's word, its first letter begins the `mid`."""

    AUDIO = "audio"
    VIDEO = "video"


OPUS, VP8, VP8_REPAIR, H264, H264_REPAIR = 111, 96, 97, 98, 99

CODECS = {
    OPUS: "opus/48000/2",
    VP8: "VP8/90000",
    VP8_REPAIR: "rtx/90000",
    H264: "H264/90000",
    H264_REPAIR: "rtx/90000",
}
PAYLOADS = {Kind.AUDIO: (OPUS,), Kind.VIDEO: (VP8, VP8_REPAIR, H264, H264_REPAIR)}
"""VP8 comes first: Firefox does not answer H264 without its plugin."""

REPAIRS = {VP8_REPAIR: VP8, H264_REPAIR: H264}
"""Payload types of retransmissions (RFC 4588), and of what they repeat."""

REPAIRED = {primary: repair for repair, primary in REPAIRS.items()}

CLOCK = {Kind.AUDIO: 48_000, Kind.VIDEO: 90_000}
"""Ticks of an RTP timestamp in a second."""

LEVEL_ID, CONTROL_ID, MID_ID = 1, 3, 4
EXTENSIONS = {
    LEVEL_ID: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    CONTROL_ID: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    MID_ID: "urn:ietf:params:rtp-hdrext:sdes:mid",
}

_STREAMS = 0x53480000
OUR_STREAM = _STREAMS + 0xFFFF
"""The sender of our own reports (RTCP)."""


def mid(kind: Kind, seat: int) -> str:
    """The name of a seat's line in the SDP, two characters: `a0` to `v7`."""
    return f"{kind[0]}{seat}"


def stream(kind: Kind, seat: int) -> int:
    """The SSRC under which everybody receives this seat, whoever sits there."""
    return _STREAMS + 16 * (seat + 1) + (kind is Kind.VIDEO)


def repair_stream(seat: int) -> int:
    """The SSRC of the retransmissions of a seat's video."""
    return _STREAMS + 16 * (seat + 1) + 2


LINES = tuple((kind, seat) for seat in range(SEATS) for kind in Kind)
"""The lines of every offer and answer, in order: a0 v0 a1 v1 ... a7 v7."""
