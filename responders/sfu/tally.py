"""Numbers for whoever watches: how much came, went, was asked for again, and was refused."""

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class Tally:
    """Counted since this process began; packets unless said otherwise."""

    joins: int = 0
    bad_answers: int = 0
    connected: int = 0
    """Browsers whose keys were agreed."""
    wrong_keys: int = 0
    timed_out: int = 0
    failures: int = 0
    """Errors of our own; each is in the log, with what it cost."""
    heard: int = 0
    heard_bytes: int = 0
    forwarded: int = 0
    refused: int = 0
    """Broken, of a codec that was not offered, or of a stream that was not declared."""
    over_budget: int = 0
    repeated_late: int = 0
    """Numbers that came before, or too late."""
    asked_again: int = 0
    found_again: int = 0
    """Lost on the way to us, asked for, and here after all."""
    wanted_again: int = 0
    repeated: int = 0
    checks_answered: int = 0
    """Checks of ours that browsers answered."""
    pictures_asked: int = 0
    pictures_paused: int = 0
    broken: int = 0
    """Of seats that are gone; see `Link.broken`."""

    def as_dict(self) -> dict[str, int]:
        """By name."""
        return asdict(self)
