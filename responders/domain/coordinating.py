"""What a responder does, as one shared state: taking charge, calling 17, going there. Pages and sockets call `act`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from alerts.domain import responding, timeline
from alerts.models import Alert, Event, Link
from alerts.states import Action, EventKind
from responders.domain import snapshot
from responders.models import Escalation, Role, SharedPosition
from responders.states import Outcome, RoleKind

_MOST_NOTE = 200
_ROLES = {Action.GO: RoleKind.GO, Action.CHILDREN: RoleKind.CHILDREN, Action.STAND_BY: RoleKind.STAND_BY}
_OUTCOMES = {Action.REACHED_17: Outcome.REACHED, Action.NOT_REACHED_17: Outcome.NOT_REACHED}
_CALLS = {Action.CALL_17, *_OUTCOMES}
_LINES = {
    Action.TAKE_CHARGE: {EventKind.TAKE_CHARGE, EventKind.HAND_OVER},
    Action.HAND_OVER: {EventKind.TAKE_CHARGE, EventKind.HAND_OVER},
}


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
    """One action as its author asked for it. `to` is the contact (id) who shall take over."""

    action: Action
    uid: UUID | None = None
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

    def moment(self, name: str) -> None:
        """The author's clock is a claim: it must be readable, the server's decides."""
        value = self.text(name)
        try:
            readable = not value or parse_datetime(value) is not None
        except ValueError:
            readable = False
        if not readable:
            self.wrong[name] = _("Une date ISO 8601 est attendue.")

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
    reader.moment("at")
    uid, note, over = reader.uid("id"), reader.text("note")[:_MOST_NOTE], reader.flag("over")
    reader.check()
    return Deed(action=Action(action), uid=uid, to=int(to) if to else None, note=note, over=over)


def read_place(body: Mapping[str, object]) -> Place:
    """A responder's own position; raises RefusedError (422), also for NaN and for a latitude of 91."""
    reader = _Reader(body=body)
    latitude = reader.number("latitude", low=-90, high=90)
    longitude = reader.number("longitude", low=-180, high=180)
    accuracy = reader.number("accuracy", low=0, high=1e7, needed=False)
    reader.check()
    return Place(latitude=latitude or 0.0, longitude=longitude or 0.0, accuracy=accuracy)


def act(link: Link, deed: Deed, *, now: datetime) -> int:
    """Do it, for everybody to see; the same id again changes nothing. Returns the alert's sequence.

    Raises RefusedError: `ended`; `taken` with the name of who is in charge; `not_in_charge`; `unknown_contact`;
    `id_reused`; `drill` for anything that would say that 17 was really called.
    """
    try:
        with transaction.atomic():
            alert = Alert.objects.select_for_update().get(pk=link.alert_id)
            if not _repeated(alert, link, deed):
                _VERBS[deed.action](alert, link, deed, now=now)
    except responding.OverError:
        message = _("L'alerte est terminée : rien n'a été changé.")
        raise RefusedError("ended", message, status=HTTPStatus.CONFLICT) from None
    except responding.TakenError as taken:
        message = _("%(name)s a déjà pris en charge.") % {"name": taken.name}
        fields = {"in_charge": taken.name}
        raise RefusedError("taken", message, status=HTTPStatus.CONFLICT, fields=fields) from None
    return Alert.objects.values_list("sequence", flat=True).get(pk=link.alert_id)


def share(link: Link, place: Place, *, now: datetime) -> int:
    """This responder shows where she or he is, until `stop_sharing`. Raises RefusedError after the end."""
    with transaction.atomic():
        alert = _live(link, now=now)
        shared, _fresh = SharedPosition.objects.update_or_create(
            link=link,
            defaults={
                "latitude": place.latitude,
                "longitude": place.longitude,
                "accuracy": place.accuracy,
                "at": now,
            },
        )
        _tell_presence(alert, link, position=snapshot.shared_line(shared))
    return alert.sequence


def stop_sharing(link: Link) -> int:
    """This responder's position is erased, at any time."""
    with transaction.atomic():
        SharedPosition.objects.filter(link=link).delete()
        _tell_presence(link.alert, link, position=None)
    return link.alert.sequence


def _tell_presence(alert: Alert, link: Link, *, position: dict[str, object] | None) -> None:
    timeline.announce(alert, "presence", contact=link.contact_id, opened=True, position=position)


def _live(link: Link, *, now: datetime) -> Alert:
    alert = Alert.objects.get(pk=link.alert_id)
    if not alert.is_live(now) or Link.objects.filter(pk=link.pk, cut_off_at__isnull=False).exists():
        message = _("L'alerte est terminée : rien n'a été changé.")
        raise RefusedError("ended", message, status=HTTPStatus.CONFLICT)
    return alert


def _repeated(alert: Alert, link: Link, deed: Deed) -> bool:
    if deed.uid is None:
        return False
    done = Event.objects.filter(alert=alert, act=deed.uid).first()
    if done is None:
        return False
    lines = _LINES.get(deed.action, {EventKind(deed.action)})
    by_hand_over = deed.action is Action.HAND_OVER
    if done.kind not in lines or (done.contact_id != link.contact_id and not by_hand_over):
        message = _("Cet identifiant a déjà servi à autre chose.")
        raise RefusedError("id_reused", message, status=HTTPStatus.CONFLICT, fields={"id": message})
    return True


def _deed_act(deed: Deed) -> responding.Act:
    return responding.Act(by="page", uid=deed.uid, note=deed.note)


def _take_charge(alert: Alert, link: Link, deed: Deed, *, now: datetime) -> None:
    responding.take_charge(alert.pk, link.contact, _deed_act(deed), now=now, over=deed.over)


def _release(alert: Alert, link: Link, deed: Deed, *, now: datetime) -> None:
    responding.release(alert.pk, link.contact, _deed_act(deed), now=now)


def _hand_over(alert: Alert, link: Link, deed: Deed, *, now: datetime) -> None:
    """Only who is in charge hands over, and only to somebody who opened the link: the ladder stays stopped."""
    heir = Link.objects.select_related("contact").filter(alert=alert, contact=deed.to, cut_off_at=None).first()
    if heir is None or heir.opened_at is None:
        message = _("Cette personne n'a pas ouvert son lien : elle ne peut pas prendre le relais.")
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        raise RefusedError("unknown_contact", message, status=status, fields={"to": message})
    if alert.in_charge_id != link.contact_id:
        message = _("Vous n'avez pas pris en charge : vous ne pouvez pas passer le relais.")
        raise RefusedError("not_in_charge", message, status=HTTPStatus.CONFLICT)
    responding.take_charge(alert.pk, heir.contact, _deed_act(deed), now=now, over=True)


def _take_role(alert: Alert, link: Link, deed: Deed, *, now: datetime) -> None:
    kind = _ROLES[deed.action]
    Role.objects.update_or_create(link=link, defaults={"kind": kind, "since": now})
    responding.note(alert.pk, link.contact, _deed_act(deed), kind=EventKind(deed.action), now=now, role=kind)


def _call_17(alert: Alert, link: Link, deed: Deed, *, now: datetime) -> None:
    """Starting a call, or saying how it ended; an outcome without a start was a call from another telephone."""
    if alert.drill:
        message = _("C'est un exercice : n'appelez pas le 17.")
        raise RefusedError("drill", message, status=HTTPStatus.CONFLICT)
    if outcome := _OUTCOMES.get(deed.action):
        call = Escalation.objects.filter(link=link).order_by("-since", "-pk").first() or Escalation(
            link=link, since=now
        )
        call.outcome, call.ended_at = outcome, now
        call.save()
    else:
        Escalation.objects.create(link=link, since=now)
    told = snapshot.seventeen(alert)
    responding.note(alert.pk, link.contact, _deed_act(deed), kind=EventKind(deed.action), now=now, seventeen=told)


_VERBS = {
    Action.TAKE_CHARGE: _take_charge,
    Action.RELEASE: _release,
    Action.HAND_OVER: _hand_over,
    **dict.fromkeys(_CALLS, _call_17),
    **dict.fromkeys(_ROLES, _take_role),
}
