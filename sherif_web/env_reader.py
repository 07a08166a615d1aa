"""How variables of the environment are read: one by one, remembering what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why the environment is unsafe or unreadable: a check id, a sentence, and what to do."""

    id: str
    message: str
    hint: str


class Reader:
    """Reads variables one by one and remembers what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[Problem] = []

    def text(self, name: str, default: str = "") -> str:
        """The value without spaces around it, or the default."""
        return self._environ.get(name, "").strip() or default

    def listed(self, name: str, default: str = "") -> tuple[str, ...]:
        """The parts between commas."""
        return tuple(part.strip() for part in self.text(name, default).split(",") if part.strip())

    def flag(self, name: str) -> bool:
        """Yes or no; anything else is refused (E002)."""
        value = self.text(name, "0").lower()
        if value not in {"0", "1", "false", "true", "no", "yes"}:
            self.refuse("E002", f"{name} is not a yes or a no.", "Use 1 or 0.")
        return value in {"1", "true", "yes"}

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        """A whole number within bounds; anything else is refused (E002)."""
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            self.refuse("E002", f"{name} is not a whole number from {low} to {high}.", f"The default is {default}.")
            return default
        return int(value)

    def url(self, name: str, default: str) -> str:
        """The origin of a web site; anything else is refused (E003)."""
        value = self.text(name, default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
            self.refuse("E003", f"{name} is not the origin of a web site.", "For instance https://sos.example")
            return default
        return value

    def refuse(self, number: str, message: str, hint: str) -> None:
        """Remember what is wrong."""
        self.problems.append(Problem(id=f"sherif.{number}", message=message, hint=hint))
