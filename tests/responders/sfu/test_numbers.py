"""Numbers, times and memories of streams."""

import random
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from hypothesis import given
from hypothesis import strategies as st

from responders.sfu import rtp
from responders.sfu.arrivals import WIDTH, Arrivals, extend
from responders.sfu.bucket import Bucket, Meter, Throttle
from responders.sfu.continuing import Continuation
from responders.sfu.history import History, Repeats
from responders.sfu.layout import Kind
from responders.sfu.shifting import Shift
from responders.sfu.tally import Tally
from responders.sfu.track import Outlet, Track
from tests.responders.sfu import packets
from tests.responders.sfu.packets import SEQUENCES, TIMESTAMPS

if TYPE_CHECKING:
    from responders.sfu.link import Link

CLOCK = 90_000
WHOLE_PICTURE = b"\x10\x00picture"  # VP8: the first partition of a key frame


def take(arrivals: Arrivals, sequence: int, now: float = 0.0) -> int | None:
    return arrivals.take(sequence, timestamp=int(now * CLOCK) % (1 << 32), now=now)


@given(SEQUENCES, st.integers(0, 1 << 40))
def test_extending_keeps_the_bits_and_stays_near(number: int, near: int) -> None:
    whole = extend(number, near)
    assert whole % WIDTH == number
    assert -WIDTH // 2 <= whole - near < WIDTH // 2


@given(SEQUENCES, st.lists(st.integers(0, 300), max_size=60))
def test_every_number_passes_once_whatever_the_order(start: int, offsets: list[int]) -> None:
    arrivals = Arrivals(CLOCK)
    first = take(arrivals, start)
    assert first is not None
    passed = [number for offset in offsets if (number := take(arrivals, (start + offset) % WIDTH)) is not None]
    assert len(passed) == len(set(passed))
    assert set(passed) == {first + offset for offset in offsets if offset}


def test_a_gap_is_asked_for_at_once_then_after_each_round_trip_then_no_more() -> None:
    arrivals = Arrivals(CLOCK)
    take(arrivals, 65_534)
    take(arrivals, 2)

    assert arrivals.wanted(0.0, 0.1) == [65_535, 0, 1]
    assert arrivals.wanted(0.05, 0.1) == []
    assert arrivals.take_repeated(0) == WIDTH * 2
    assert arrivals.take_repeated(0) is None
    asked = [arrivals.wanted(0.1 * time, 0.1) for time in range(1, 20)]
    assert [65_535, 1] in asked
    assert sum(1 for numbers in asked if numbers) == 7
    arrivals.forget(1.5)
    assert take(arrivals, 1) is None


def test_a_leap_begins_anew_and_still_no_number_comes_twice() -> None:
    arrivals = Arrivals(CLOCK)
    before = take(arrivals, 10)
    after = take(arrivals, 10_000)
    assert before is not None
    assert after is not None
    assert after > before
    assert arrivals.restarts == 1
    assert take(arrivals, 9_999) is None


def test_the_report_tells_what_was_lost_between_two_reports() -> None:
    arrivals = Arrivals(CLOCK)
    for sequence in range(100):
        if sequence % 10 != 5:
            take(arrivals, sequence, sequence / 50)
    fraction, lost, highest, jitter = arrivals.report()
    assert (fraction, lost, highest) == (25, 10, 99)
    assert jitter < 5
    for sequence in range(100, 200):
        take(arrivals, sequence, sequence / 50)
    assert arrivals.report()[:3] == (0, 10, 199)


@given(
    st.lists(st.tuples(SEQUENCES, TIMESTAMPS, st.integers(1, 200), st.floats(0, 5)), min_size=1, max_size=6),
    SEQUENCES,
    TIMESTAMPS,
)
def test_a_seats_numbers_and_times_go_on_from_one_person_to_the_next(
    people: list[tuple[int, int, int, float]], sequence: int, timestamp: int
) -> None:
    seat = Continuation(clock=CLOCK, sequence=sequence, timestamp=timestamp)
    now, last_number, last_time = 100.0, sequence, timestamp
    for first, time, count, pause in people:
        now += pause
        seat.begin(WIDTH + first, time, now)
        for step in range(count):
            placed = seat.place(WIDTH + first + step, (time + 3_000 * step) % (1 << 32), now)
            assert placed is not None
            assert placed[0] == (last_number + 1) % WIDTH
            assert 0 < extend(placed[1], last_time, 1 << 32) - last_time <= 3_000 + 6 * CLOCK
            last_number, last_time = placed
            now += 1 / 30
        assert seat.place(WIDTH + first - 1, time, now) is None


def test_the_memory_holds_the_last_packets_and_no_older_ones() -> None:
    history = History()
    for sequence in range(65_000, 66_000):
        history.keep(sequence % WIDTH, packets.rtp(sequence=sequence % WIDTH))
    assert history.find(65_999 % WIDTH) == packets.rtp(sequence=65_999 % WIDTH)
    assert history.find(66_000 % WIDTH) is None
    assert history.find(65_487) is None
    assert history.find(65_488) is not None
    history.clear()
    assert history.find(65_999 % WIDTH) is None


def test_a_packet_goes_again_once_within_a_round_trip() -> None:
    repeats = Repeats()
    assert repeats.allow(5, 1_000, now=1.0, round_trip=0.3)
    assert not repeats.allow(5, 1_000, now=1.2, round_trip=0.3)
    assert repeats.allow(6, 1_000, now=1.2, round_trip=0.3)
    assert repeats.allow(5, 1_000, now=1.4, round_trip=0.3)
    assert not repeats.allow(5, 1_000, now=1.45, round_trip=0.001)


@given(st.integers(1, 400))
def test_repeats_stay_under_a_fifth_of_the_stream(seconds: int) -> None:
    repeats, sent, again = Repeats(), 0, 0
    for second in range(seconds):
        for number in range(50):
            sent += 1_000
            repeats.earn(1_000)
            again += 1_000 * repeats.allow((50 * second + number) % WIDTH, 1_000, now=second, round_trip=0.01)
    assert again <= 0.2 * sent + 48_000


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 3_000)), min_size=1, max_size=8), SEQUENCES)
def test_a_viewer_sees_no_hole_after_a_pause(spells: list[tuple[int, int]], start: int) -> None:
    shift, sequence, theirs = Shift(), start, [start]
    for shown, hidden in spells:
        for _ in range(shown):
            sequence = (sequence + 1) % WIDTH
            out = shift.out(sequence)
            assert out is not None
            assert shift.back(out) == sequence
            theirs.append(out)
        shift.pause(sequence)
        sequence = (sequence + hidden) % WIDTH
        shift.resume((sequence + 1) % WIDTH)
        assert shift.out(sequence) is None
    assert all((b - a) % WIDTH == 1 for a, b in pairwise(theirs))


def test_a_viewers_numbers_hold_for_hours_after_a_pause() -> None:
    shift = Shift()
    shift.pause(10)
    shift.resume(50)
    assert [shift.out(sequence % WIDTH) for sequence in range(50, 200_000)] == [
        sequence % WIDTH for sequence in range(11, 199_961)
    ]


def test_the_bucket_gives_no_more_than_it_holds() -> None:
    bucket = Bucket(100)
    assert bucket.take(60)
    assert not bucket.take(60)
    bucket.earn(1_000)
    assert bucket.take(100)
    assert not bucket.take(1)


@given(st.lists(st.tuples(st.floats(0, 0.01), st.integers(100, 1_500)), max_size=300))
def test_the_meter_holds_the_rate(arrivals: list[tuple[float, int]]) -> None:
    meter, now, passed = Meter(800_000, 1.5, 0.0), 0.0, 0
    for wait, size in arrivals:
        now += wait
        passed += size * meter.take(size, now)
    assert passed <= 100_000 * (now + 1.5) + 1


def test_requests_that_come_too_soon_become_one_that_follows() -> None:
    throttle = Throttle(0.5)
    assert throttle.ask(1.0)
    assert not throttle.due(1.6)
    assert not throttle.ask(1.1)
    assert not throttle.ask(1.2)
    assert not throttle.due(1.4)
    assert throttle.due(1.5)
    assert not throttle.due(2.1)


def test_loss_of_a_random_order_is_repaired() -> None:
    chance, arrivals = random.Random(1), Arrivals(CLOCK)
    take(arrivals, 0)
    lost = []
    for sequence in range(1, 2_000):
        if chance.random() < 0.05:
            lost.append(sequence)
        else:
            take(arrivals, sequence, sequence / 100)
            arrivals.forget(sequence / 100)
            for number in arrivals.wanted(sequence / 100, 0.05):
                assert arrivals.take_repeated(number) is not None
                lost.remove(number)
    assert lost == []


class Wire:
    """A link that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send_rtp(self, packet: bytes) -> None:
        self.sent.append(bytes(packet))


def test_only_what_went_after_a_pause_is_missed_of_a_picture_on_trial() -> None:
    track = Track(Kind.VIDEO, 0, Tally())
    wire = Wire()
    outlet = Outlet(track, cast("Link", wire), repairs=False)
    track.add(outlet)
    track.begin(1, 0, 0.0)

    def send(number: int) -> int:
        track.pass_on(packets.rtp(WHOLE_PICTURE), number, timestamp=0, now=number / 1_000)
        return rtp.read(bytearray(wire.sent[-1])).sequence

    before = [send(number) for number in range(1, 10)]
    track.pause(outlet)
    track.resume(outlet, 1.0)
    assert not any(outlet.went_since_pause(number) for number in before)
    after = [send(number) for number in range(200, 210)]
    assert not any(outlet.went_since_pause(number) for number in before)
    assert all(outlet.went_since_pause(number) for number in after)
