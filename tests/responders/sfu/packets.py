"""Packets as browsers write them, for tests of the pure parts."""

from struct import pack

from hypothesis import strategies as st

from responders.sfu.layout import CONTROL_ID, LEVEL_ID, MID_ID, OPUS, VP8


def rtp(
    payload: bytes = b"picture",
    *,
    sequence: int = 1,
    timestamp: int = 90_000,
    stream: int = 7,
    payload_type: int = VP8,  # and 128 for the last packet of a picture
    elements: bytes | None = None,
) -> bytearray:
    """One packet; `elements` are header extensions in the one-byte form."""
    extension = b""
    if elements is not None:
        filled = elements + bytes(-len(elements) % 4)
        extension = pack("!HH", 0xBEDE, len(filled) // 4) + filled
    first = 0x80 | (0x10 if elements is not None else 0)
    head = pack("!BBHII", first, payload_type, sequence, timestamp, stream)
    return bytearray(head + extension + payload)


def control(number: int) -> bytes:
    """The transport-wide number, as an element."""
    return bytes((CONTROL_ID << 4 | 1,)) + number.to_bytes(2, "big")


def name(mid: str) -> bytes:
    """The line's name, as an element."""
    return bytes((MID_ID << 4 | len(mid) - 1,)) + mid.encode()


def level(decibels: int) -> bytes:
    """The loudness, as an element."""
    return bytes((LEVEL_ID << 4, decibels | 0x80))


SEQUENCES = st.integers(0, 0xFFFF)
TIMESTAMPS = st.integers(0, 0xFFFFFFFF)
SPEECH = OPUS
