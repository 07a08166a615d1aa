"""What was sent last, for whoever lost it: packets of one seat's video, by number."""

from responders.sfu.arrivals import WIDTH
from responders.sfu.bucket import Bucket

_KEPT = 512
_SHARE = 0.2
_LEAST_BETWEEN = 0.08
_BURST = 48_000
_AT_FIRST = 8_000
_REMEMBERED = 1_024


class History:
    """A ring of the last 512 packets, as everybody received them."""

    def __init__(self) -> None:
        self._slots: list[tuple[int, bytearray] | None] = [None] * _KEPT

    def keep(self, sequence: int, packet: bytearray) -> None:
        """Remember this packet in place of the one 512 numbers before."""
        self._slots[sequence % _KEPT] = sequence, packet

    def find(self, sequence: int) -> bytearray | None:
        """The packet of this number, unless it is gone or never came."""
        slot = self._slots[sequence % _KEPT]
        return slot[1] if slot and slot[0] == sequence else None

    def clear(self) -> None:
        """Forget everything: the person left."""
        self._slots = [None] * _KEPT


class Repeats:
    """What one viewer may have repeated: a fifth of the stream, and no packet again within 80 ms or its round trip.

    Without both, one thin link made a trial repeat 17 Mbit/s. Nor is a whole burst there from the first second on:
    links that turn out to be thin lose most in that one.
    """

    def __init__(self) -> None:
        self._bucket = Bucket(_BURST, _AT_FIRST)
        self._sent: dict[int, float] = {}
        self._number = 0

    def earn(self, size: int) -> None:
        """The stream itself carried so many bytes."""
        self._bucket.earn(_SHARE * size)

    def allow(self, sequence: int, size: int, *, now: float, round_trip: float) -> bool:
        """Whether this packet goes again now."""
        before = self._sent.get(sequence)
        if before is not None and now - before < max(_LEAST_BETWEEN, round_trip):
            return False
        if not self._bucket.take(size):
            return False
        self._sent.pop(sequence, None)
        self._sent[sequence] = now
        if len(self._sent) > _REMEMBERED:
            del self._sent[next(iter(self._sent))]
        return True

    def number(self) -> int:
        """The next number in the stream of retransmissions."""
        self._number = (self._number + 1) % WIDTH
        return self._number
