"""How much may pass, how often one may ask."""


class Bucket:
    """Holds so much, in bytes, and starts full unless said otherwise; what is earned beyond that is lost."""

    def __init__(self, size: float, left: float | None = None) -> None:
        self._size = size
        self._left = size if left is None else left

    def earn(self, amount: float) -> None:
        """Fill it by so much."""
        self._left = min(self._size, self._left + amount)

    def take(self, amount: float) -> bool:
        """Whether so much was left; then it is gone."""
        if amount > self._left:
            return False
        self._left -= amount
        return True


class Meter:
    """A bucket that fills with time: so many bits a second, and so many seconds of them at once."""

    def __init__(self, bits: float, seconds: float, now: float) -> None:
        self._rate = bits / 8
        self._size = self._left = self._rate * seconds
        self._at = now

    def take(self, amount: int, now: float) -> bool:
        """Whether a packet of so many bytes may pass now."""
        left = self._left + (now - self._at) * self._rate
        self._left = left = min(left, self._size)
        self._at = now
        if amount > left:
            return False
        self._left = left - amount
        return True


class Throttle:
    """Lets a request pass at once, then holds others back; one of those follows when the time is over."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._again = float("-inf")
        self._waiting = False

    def ask(self, now: float) -> bool:
        """Whether this request passes now; otherwise it waits, together with all others."""
        if now >= self._again:
            self._again, self._waiting = now + self._seconds, False
            return True
        self._waiting = True
        return False

    def due(self, now: float) -> bool:
        """Whether a request that waited passes now."""
        return self._waiting and self.ask(now)
