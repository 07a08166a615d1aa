"""The few bytes of a packet that change."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.sfu import pictures, rtp
from responders.sfu.layout import H264, VP8, VP8_REPAIR
from tests.responders.sfu import packets
from tests.responders.sfu.packets import SEQUENCES, TIMESTAMPS


@given(st.binary(max_size=120))
def test_noise_is_read_or_refused(noise: bytes) -> None:
    packet = bytearray(noise)
    with suppress(ValueError):
        header = rtp.read(packet)
        assert 12 <= header.start <= header.end <= len(packet)
        rtp.sign(packet, header, b"v3")
        assert len(packet) == len(noise)
        assert packet[: header.start][:12] == noise[:12]
        assert packet[header.start :] == noise[header.start :]
        assert pictures.begins(packet, header) in {True, False}
        rtp.unwrap(packet, header, VP8)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\x80" * 11,
        b"\x40" + bytes(20),  # another version
        b"\x81" + bytes(20),  # a mixer's list
        b"\x90\x60" + bytes(10) + b"\x10\x00\x00\x01" + bytes(8),  # two-byte extensions
        b"\x90\x60" + bytes(10) + b"\xbe\xde\x00\xff" + bytes(8),  # longer than the packet
        b"\xa0\x60" + bytes(10) + b"payload\x00",  # padding of nothing
        b"\xa0\x60" + bytes(10) + b"payload\xff",  # padding longer than the packet
        b"\x80\x60" + bytes(1_500),
    ],
)
def test_what_no_browser_sends_is_refused(packet: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        rtp.read(bytearray(packet))


@given(SEQUENCES, st.integers(0, 127))
def test_the_seats_name_takes_the_place_of_the_number_and_of_the_senders_name(number: int, loud: int) -> None:
    elements = packets.level(loud) + packets.control(number) + packets.name("v6") + b"\x50\x07"
    packet = packets.rtp(elements=elements)
    header = rtp.read(packet)

    marks = rtp.sign(packet, header, b"v3")

    assert marks == (number, loud)
    signed = packets.level(loud) + packets.name("v3") + packets.name("v3") + b"\x00\x00"
    assert packet == packets.rtp(elements=signed)


def test_a_longer_name_of_the_senders_is_blanked() -> None:
    packet = packets.rtp(elements=packets.name("v") + packets.name("v6x") + b"\xf0\x01\x02")
    rtp.sign(packet, rtp.read(packet), b"v3")
    assert packet == packets.rtp(elements=bytes(9))


@given(st.binary(max_size=40), st.binary(min_size=1, max_size=30), SEQUENCES, SEQUENCES, TIMESTAMPS)
def test_a_repeated_packet_is_the_packet(
    elements: bytes, payload: bytes, sequence: int, number: int, timestamp: int
) -> None:
    packet = packets.rtp(payload, sequence=sequence, timestamp=timestamp, elements=elements, payload_type=128 | VP8)

    repeated = rtp.wrap(packet, sequence, sequence=number, stream=99)

    header = rtp.read(repeated)
    assert (header.payload_type, header.sequence, header.stream) == (VP8_REPAIR, number, 99)
    assert (header.timestamp, header.marked) == (timestamp, True)
    back = rtp.unwrap(repeated, header, VP8)
    assert back is not None
    rtp.rewrite(back, sequence, timestamp=timestamp, stream=7)
    assert back == packet


def test_a_repair_packet_that_only_measures_the_network_repeats_nothing() -> None:
    probe = packets.rtp(bytes(99) + b"\x64", payload_type=VP8_REPAIR)
    probe[0] |= 0x20
    header = rtp.read(probe)
    assert header.start == header.end
    assert rtp.unwrap(probe, header, VP8) is None


@given(SEQUENCES, TIMESTAMPS, st.integers(0, 0xFFFFFFFF))
def test_rewriting_changes_number_time_and_stream_alone(sequence: int, timestamp: int, stream: int) -> None:
    packet = packets.rtp(elements=packets.control(1))
    rtp.rewrite(packet, sequence, timestamp=timestamp, stream=stream)
    assert packet == packets.rtp(sequence=sequence, timestamp=timestamp, stream=stream, elements=packets.control(1))


@pytest.mark.parametrize(
    ("payload_type", "payload", "whole"),
    [
        (VP8, b"\x10\x00\x9d", True),
        (VP8, b"\x10\x01\x9d", False),
        (VP8, b"\x11\x00\x9d", False),  # the second partition
        (VP8, b"\x00\x00\x9d", False),  # the middle of a frame
        (VP8, b"\x90\x80\x05\x00", True),  # a picture number of 7 bits
        (VP8, b"\x90\x80\x85\x05\x00", True),  # of 15 bits
        (VP8, b"\x90\xf0\x85\x05\x01\x20\x00", True),  # and layers
        (VP8, b"\x90\xf0\x85\x05\x01\x20\x01", False),
        (VP8, b"\x90", False),
        (VP8, b"", False),
        (H264, b"\x67\x42\xe0\x1f", True),
        (H264, b"\x65\x88\x84\x00", True),
        (H264, b"\x41\x9a\x00\x00", False),
        (H264, b"\x78\x00\x04\x67", True),  # several together
        (H264, b"\x7c\x85\x88\x84", True),  # the first part of one
        (H264, b"\x7c\x05\x88\x84", False),
        (H264, b"\x65", False),
    ],
)
def test_a_whole_picture_is_known_by_its_first_packet(payload_type: int, payload: bytes, *, whole: bool) -> None:
    packet = packets.rtp(payload, payload_type=payload_type)
    assert pictures.begins(packet, rtp.read(packet)) is whole
