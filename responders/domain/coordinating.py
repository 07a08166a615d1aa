"""What a responder does, as one shared state: taking charge, calling 17, going there. Pages and sockets call `act`."""

from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db import transaction
from django.utils.translation import gettext as _

from alerts.domain import responding, timeline
from alerts.models import Alert, Event, Link
from alerts.states import Action, EventKind
from responders.domain import calling, snapshot
from responders.domain.deeds import Deed, Place, RefusedError
from responders.models import Role, SharedPosition
from responders.states import RoleKind

_HELD_UP = timedelta(seconds=10)  # news that is older than this was held up on its way
_ROLES = {Action.GO: RoleKind.GO, Action.CHILDREN: RoleKind.CHILDREN, Action.STAND_BY: RoleKind.STAND_BY}
_LINES = {
    Action.TAKE_CHARGE: {EventKind.TAKE_CHARGE, EventKind.HAND_OVER},
    Action.HAND_OVER: {EventKind.TAKE_CHARGE, EventKind.HAND_OVER},
}


def act(link: Link, deed: Deed, *, now: datetime) -> int:
    """Do it, for everybody to see; the same id again changes nothing. Returns the alert's sequence.

    Raises RefusedError: `ended`; `taken` with the name of who is in charge; `not_in_charge`; `unknown_contact`;
    `id_reused`; `drill` for anything that would say that 17 was really called.
    """
    try:
        with transaction.atomic():
            alert = Alert.objects.select_for_update().get(pk=link.alert_id)
            if not _repeated(alert, link, deed):
                _VERBS[deed.action](alert, link, _placed(deed, alert, now=now), now=now)
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


def _placed(deed: Deed, alert: Alert, *, now: datetime) -> Deed:
    """The deed with its own moment only where that tells more than ours: held up on its way, and within this alert."""
    is_late = deed.at is not None and alert.opened_at <= deed.at < now - _HELD_UP
    return deed if is_late else replace(deed, at=None)


def _deed_act(deed: Deed) -> responding.Act:
    return responding.Act(by="page", uid=deed.uid, note=deed.note, done_at=deed.at)


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
    """One role at a time. News that was held up is a line, and no role if another was taken since."""
    done = deed.at or now
    kind, newer = _ROLES[deed.action], Role.objects.filter(link=link, since__gt=done).first()
    if newer is None:
        Role.objects.update_or_create(link=link, defaults={"kind": kind, "since": done})
    shown = newer.kind if newer else kind
    responding.note(alert.pk, link.contact, _deed_act(deed), kind=EventKind(deed.action), now=now, role=shown)


def _call_17(alert: Alert, link: Link, deed: Deed, *, now: datetime) -> None:
    calling.report(alert, link, deed, done=deed.at or now)
    calls = calling.lines(alert)
    facts = {"seventeen": calling.told(calls), "calls": calls}
    responding.note(alert.pk, link.contact, _deed_act(deed), kind=EventKind(deed.action), now=now, **facts)


_VERBS = {
    Action.TAKE_CHARGE: _take_charge,
    Action.RELEASE: _release,
    Action.HAND_OVER: _hand_over,
    **dict.fromkeys(calling.ACTIONS, _call_17),
    **dict.fromkeys(_ROLES, _take_role),
}
