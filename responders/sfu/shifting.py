"""One viewer's own numbers, after a pause: what it did not get leaves no hole, or it would ask for all of that."""

from responders.sfu.arrivals import WIDTH, extend

_LATE = 1_000


class Shift:
    """From the seat's numbers to one viewer's and back. Idle until the first pause."""

    def __init__(self) -> None:
        self.active = False
        self._by = 0
        self._last: int | None = None
        self._from: int | None = None

    def pause(self, sequence: int) -> None:
        """The viewer got the seat's packets up to this one. Two pauses without a packet between count as one."""
        self._last = (sequence + self._by) % WIDTH

    def resume(self, sequence: int) -> None:
        """From this packet of the seat on it gets them again."""
        if self._last is not None:
            self._by = (self._last + 1 - sequence) % WIDTH
            self._from = sequence
            self.active = True

    def out(self, sequence: int) -> int | None:
        """The viewer's number for the seat's; None for a packet from before the end of the pause."""
        if self._from is not None:
            ahead = extend(sequence, self._from) - self._from
            if ahead < 0:
                return None
            if ahead > _LATE:
                self._from = None
        return (sequence + self._by) % WIDTH

    def back(self, theirs: int) -> int | None:
        """The seat's number for the viewer's; None for one from before the pause."""
        sequence = (theirs - self._by) % WIDTH
        if self._from is not None and extend(sequence, self._from) < self._from:
            return None
        return sequence
