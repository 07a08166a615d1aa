"""What a page, a form or a socket asks for, read once at the edge: every refusal names the field that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from alerts.states import Action

_MOST_NOTE = 200


class RefusedError(Exception):
    """Nothing was changed. `code` is for programs, `message` a sentence for people, `fields` says which part."""

    def __init__(self, code: str, message: str, *, status: int, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code, self.message, self.status, self.fields = code, message, status, dict(fields or {})

    def body(self) -> dict[str, object]:
        """The contract's error, for a page and for a socket alike."""
        return {"error": {"code": self.code, "message": self.message, "fields": self.fields}}


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One action as its author asked for it. `to` is the contact (id) who shall take over.

    `at` is when its author did it (UTC): a claim, of use where the news of it was held up.
    """

    action: Action
    uid: UUID | None = None
    at: datetime | None = None
    to: int | None = None
    note: str = ""
    over: bool = False


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where somebody says she or he is: degrees (WGS 84), metres."""

    latitude: float
    longitude: float
    accuracy: float | None = None


@dataclass(kw_only=True)
class _Reader:
    """Reads the fields of a body one by one and remembers what is wrong with them."""

    body: Mapping[str, object]
    wrong: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        value = self.body.get(name)
        if value is None or isinstance(value, str):
            return " ".join("".join(c if c.isprintable() else " " for c in value or "").split())
        self.wrong[name] = _("Un texte est attendu.")
        return ""

    def uid(self, name: str) -> UUID | None:
        value = self.text(name)
        try:
            return UUID(value) if value else None
        except ValueError:
            self.wrong[name] = _("Un identifiant UUID est attendu.")
            return None

    def moment(self, name: str) -> datetime | None:
        """What cannot be placed on the server's clock, because it names no zone, is readable and says nothing."""
        value = self.text(name)
        try:
            moment = parse_datetime(value) if value else None
        except ValueError:
            moment = None
        if value and moment is None:
            self.wrong[name] = _("Une date ISO 8601 est attendue.")
        return moment if moment and moment.tzinfo else None

    def flag(self, name: str) -> bool:
        value = self.body.get(name)
        if value in (None, "", "0", "false", False):  # a tuple: what is sent may not be hashable
            return False
        if value in ("1", "on", "true", True):
            return True
        self.wrong[name] = _("Oui ou non est attendu.")
        return False

    def number(self, name: str, *, low: float, high: float, needed: bool = True) -> float | None:
        value = self.body.get(name)
        if value in (None, "") and not needed:
            return None
        try:
            number = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else None
        except (ValueError, OverflowError):
            number = None
        if number is not None and low <= number <= high:  # false for NaN
            return number
        self.wrong[name] = _("Un nombre de %(low)s à %(high)s est attendu.") % {"low": low, "high": high}
        return None

    def check(self) -> None:
        if self.wrong:
            message = _("Cette demande est incomplète ou illisible.")
            raise RefusedError("invalid", message, status=HTTPStatus.UNPROCESSABLE_ENTITY, fields=self.wrong)


def read_deed(body: Mapping[str, object]) -> Deed:
    """A deed from a form, a JSON object or a socket's message; raises RefusedError (422) naming the wrong fields."""
    reader = _Reader(body=body)
    action = reader.text("action")
    if action not in {str(known) for known in Action}:
        reader.wrong["action"] = _("Action inconnue.")
    to = str(body.get("to") or "")
    if to and not (to.isascii() and to.isdigit() and len(to) <= len(str(2**62))):
        reader.wrong["to"] = _("Le numéro d'un proche est attendu.")
    uid, at = reader.uid("id"), reader.moment("at")
    note, over = reader.text("note")[:_MOST_NOTE], reader.flag("over")
    reader.check()
    return Deed(action=Action(action), uid=uid, at=at, to=int(to) if to else None, note=note, over=over)


def read_place(body: Mapping[str, object]) -> Place:
    """A responder's own position; raises RefusedError (422), also for NaN and for a latitude of 91."""
    reader = _Reader(body=body)
    latitude = reader.number("latitude", low=-90, high=90)
    longitude = reader.number("longitude", low=-180, high=180)
    accuracy = reader.number("accuracy", low=0, high=1e7, needed=False)
    reader.check()
    return Place(latitude=latitude or 0.0, longitude=longitude or 0.0, accuracy=accuracy)
