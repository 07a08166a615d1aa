"""How the network behaves: well, or badly for the next requests, by dice, or dead altogether."""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

# "drop" takes the message and closes the line without an answer; "hang" takes it and answers after `hang_seconds`;
# "reset" breaks the line before it took anything; "stall" takes nothing and says nothing for `hang_seconds`;
# a number answers that HTTP status (429 with Retry-After), (status, code) adds an error code of Twilio.
Mood = int | str | Sequence[int]
Death = Literal["", "says 503", "refuses", "hangs"]
WORDS = frozenset({"drop", "hang", "reset", "stall"})


@dataclass
class Moods:
    """`moods` is for the coming sends, one each; `share` of all others meet one of `bad`, by `dice` of a seed."""

    moods: list[Any] = field(default_factory=list)
    hang_seconds: float = 2.0
    delay_seconds: float = 0.0  # before every answer
    retry_after: int = 1  # seconds, said with a 429
    lists: bool = True  # whether lists and single messages can be asked for
    listed_after_seconds: float = 0.0  # a list that lags behind
    share: float = 0.0
    bad: Sequence[Any] = (500, 429, "drop", "reset")
    dice: random.Random = field(default_factory=lambda: random.Random(17))
    dead: Death = ""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def next_mood(self) -> Mood | None:
        """What the next send meets."""
        with self._lock:
            if self.moods:
                return _checked(self.moods.pop(0))
            if self.share and self.dice.random() < self.share:
                return _checked(self.dice.choice(list(self.bad)))
        return None

    def seed(self, number: int) -> None:
        """The same dice again."""
        self.dice = random.Random(number)


def _checked(mood: Any) -> Mood | None:
    if isinstance(mood, str) and mood not in WORDS:
        raise ValueError(f"a network has no mood {mood!r}")
    if mood is None or isinstance(mood, int | str):
        return mood
    status, code = mood
    return (int(status), int(code))
