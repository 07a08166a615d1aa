"""Reports and requests, ours read by aiortc and theirs read by us."""

from contextlib import suppress
from struct import unpack_from

import pytest
from aiortc import rtp as theirs
from hypothesis import given
from hypothesis import strategies as st

from responders.sfu import rtcp
from responders.sfu.feedback import Feedback
from tests.responders.sfu.packets import SEQUENCES

WORDS = st.integers(0, 0xFFFFFFFF)


@given(st.binary(max_size=200))
def test_noise_is_read_or_refused(noise: bytes) -> None:
    with suppress(ValueError):
        assert isinstance(rtcp.read(noise), list)


@given(st.lists(SEQUENCES, min_size=1, max_size=60, unique=True))
def test_what_we_miss_is_asked_for_as_aiortc_reads_it(numbers: list[int]) -> None:
    numbers.sort()
    datagram = rtcp.nack(1, 2, numbers)

    [packet] = theirs.RtcpPacket.parse(datagram)

    assert isinstance(packet, theirs.RtcpRtpfbPacket)
    assert (packet.ssrc, packet.media_ssrc) == (1, 2)
    assert sorted(packet.lost) == numbers
    assert rtcp.read(datagram) == [rtcp.Lost(2, packet.lost)]


@given(WORDS, WORDS, WORDS, WORDS)
def test_a_sender_report_comes_back_as_it_went(seconds: int, fraction: int, timestamp: int, packets: int) -> None:
    report = rtcp.SenderReport(9, seconds, fraction, timestamp, packets, 5)
    datagram = rtcp.sender_report(report) + rtcp.description(9, "seat3")

    sender, description = theirs.RtcpPacket.parse(datagram)

    assert rtcp.read(datagram) == [report]
    assert isinstance(sender, theirs.RtcpSrPacket)
    assert sender.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF == report.middle
    assert isinstance(description, theirs.RtcpSdesPacket)
    assert description.chunks[0].items == [(1, b"seat3")]


@given(st.integers(0, 255), st.integers(-0x800000, 0x7FFFFF), WORDS)
def test_a_report_block_comes_back_as_it_went(fraction: int, lost: int, highest: int) -> None:
    block = rtcp.Block(4, fraction, lost, highest, 6, 7, 8)
    datagram = rtcp.receiver_report(1, [block, block])

    [packet] = theirs.RtcpPacket.parse(datagram)

    assert isinstance(packet, theirs.RtcpRrPacket)
    assert packet.reports[0].packets_lost == lost
    assert rtcp.read(datagram) == [block, block]


def test_requests_for_whole_pictures_and_estimates_are_read() -> None:
    loss = bytes(theirs.RtcpPsfbPacket(fmt=theirs.RTCP_PSFB_PLI, ssrc=1, media_ssrc=2))
    intra = bytes(theirs.RtcpPsfbPacket(fmt=4, ssrc=1, media_ssrc=0, fci=b"\0\0\0\x05\x01\0\0\0"))
    remb = bytes(theirs.RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=theirs.pack_remb_fci(312_000, [2])))

    said = rtcp.read(loss + intra + remb)

    assert said[:2] == [rtcp.KeyFrameWanted(2), rtcp.KeyFrameWanted(5)]
    assert isinstance(said[2], rtcp.Estimate)
    assert said[2].bits == pytest.approx(312_000, rel=0.01)
    assert loss == rtcp.picture_loss(1, 2)


@pytest.mark.parametrize(
    "broken",
    [
        b"\x80",
        b"\x80\xc8\x00\x06" + bytes(8),
        b"\x40\xc9\x00\x00",
        b"\x85\xc9\x00\x01" + bytes(4),
        b"\x80\xca\0\0" * 33,
    ],
)
def test_broken_compounds_are_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        rtcp.read(broken)


def read_feedback(body: bytes) -> dict[int, float]:
    """Arrival times by number, in seconds, as the draft says they are read."""
    first, count, word = unpack_from("!HHI", body)
    at = 8
    statuses: list[int] = []
    while len(statuses) < count:
        [chunk] = unpack_from("!H", body, at)
        at += 2
        if not chunk >> 15:
            statuses += [chunk >> 13 & 3] * (chunk & 0x1FFF)
        elif chunk >> 14 & 1:
            statuses += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:
            statuses += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    time, arrived = (word >> 8) * 0.064, {}
    for place, status in enumerate(statuses[:count]):
        if status:
            time += int.from_bytes(body[at : at + status], "big", signed=status == 2) * 0.00025
            at += status
            arrived[(first + place) % 65_536] = time
    assert at == len(body)
    return arrived


@given(
    SEQUENCES,
    st.lists(st.tuples(st.integers(0, 40), st.floats(0, 0.4)), min_size=1, max_size=80, unique_by=lambda one: one[0]),
)
def test_feedback_tells_every_arrival_to_a_quarter_of_a_millisecond(
    start: int, arrivals: list[tuple[int, float]]
) -> None:
    feedback = Feedback()
    for offset, at in arrivals:
        feedback.arrive((start + offset) % 65_536, 1_000 + at)
    body = feedback.write()

    assert body is not None
    told = read_feedback(body)
    assert set(told) == {(start + offset) % 65_536 for offset, _ in arrivals}
    for offset, at in arrivals:
        assert told[(start + offset) % 65_536] == pytest.approx(1_000 + at, abs=0.001)
    assert feedback.write() is None
    assert len(rtcp.transport_feedback(1, 2, body)) % 4 == 0


def test_a_late_packet_is_told_late_and_turns_nothing_lost() -> None:
    feedback = Feedback()
    for number in (1, 2, 4, 5):
        feedback.arrive(number, 10 + number / 100)
    assert read_feedback(feedback.write() or b"").keys() == {1, 2, 4, 5}
    feedback.arrive(6, 10.1)
    feedback.arrive(3, 10.11)
    feedback.arrive(4, 10.2)  # a copy

    told = read_feedback(feedback.write() or b"")

    assert told.keys() == {3, 4, 5, 6}
    assert told[4] == pytest.approx(10.04, abs=0.001)


def test_a_leap_of_numbers_is_told_in_bounded_feedback() -> None:
    feedback = Feedback()
    feedback.arrive(1, 1.0)
    feedback.arrive(30_000, 1.1)
    assert read_feedback(feedback.write() or b"").keys() == {30_000}
