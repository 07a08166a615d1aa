"""What a browser's reports say was lost on its link, and how sure that is."""

import math
from collections import deque

from responders.sfu.layout import Kind

_LOOKS = 3


class Losses:
    """Packets expected and lost, by kind, look by look. One look a second."""

    def __init__(self) -> None:
        self._looks: deque[dict[Kind, tuple[int, int]]] = deque([{}], _LOOKS)
        self._deaf_until = float("-inf")

    def hear(self, kind: Kind, expected: int, *, lost: int, now: float) -> None:
        """So many packets more were expected and lost, says a report that came now."""
        if now < self._deaf_until:
            return
        before = self._looks[-1].get(kind, (0, 0))
        self._looks[-1][kind] = before[0] + expected, before[1] + lost

    def forget(self, until: float) -> None:
        """Something was done about it: what is reported until then happened before."""
        self._looks = deque([{}], _LOOKS)
        self._deaf_until = until

    def take(self) -> float:
        """The largest share that was surely lost: of sound, of pictures or of all; of late, or over three looks.

        Few packets prove little: two of ten may well be a loss of 5 %. More looks and both kinds together prove more.
        """
        newest = [list(self._looks)[-1:], list(self._looks)]
        share = max(_surely(looks, kinds) for looks in newest for kinds in ({*Kind}, *({kind} for kind in Kind)))
        self._looks.append({})
        return share


def _surely(looks: list[dict[Kind, tuple[int, int]]], kinds: set[Kind]) -> float:
    """Two standard deviations less than seen."""
    counts = [counted for look in looks for kind, counted in look.items() if kind in kinds]
    expected, lost = sum(one for one, _ in counts), sum(one for _, one in counts)
    if expected <= 0:
        return 0.0
    share = min(1.0, max(0, lost) / expected)
    return max(0.0, share - 2 * math.sqrt(share * (1 - share) / expected))
