"""Everything that is kept of her, to take away: the same facts once for programs and once for eyes.

Her password opens it, so whoever knows her password reads it: an alert closed under duress is in it as it would be had
she closed it freely, and nothing in it tells what her relatives wrote to each other, where they were, or whether they
called the 17 (`stories.hers`). Secrets are no facts: codes, tokens and digests of them stay behind.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation

from alerts import access
from alerts.domain import (
    aftermath,
    changes,
    consenting,
    endings,
    her_alert,
    her_drills,
    listening,
    sheets,
    stories,
    timeline,
    zones,
)
from alerts.domain.aftermath import Aftermath
from alerts.models import Alert, Change, Click, Consent, Contact, Event, Phone, Position, Victim
from alerts.states import AlertKind, AlertState

FORMAT = "carnet 1"
_MOST_CHANGES = 1_000  # on the page; the other file has them all
_AFTER_THE_END = timedelta(hours=1)  # how long a fix may take to arrive, as for her phone
_HERS = (
    "name",
    "phone_number",
    "home",
    "language",
    "time_zone",
    "phone_allowed",
    "siren",
    "recording",
    "disguise",
    "exit_to",
    "alert_hours",
    "safe_email",
    "safe_number",
    "advocate_drills",
    "advocate_silences",
    "advocate_names",
    "text_prevention",
    "text_rescue",
    "text_alarm",
    "created_at",
)
_OF_CONTACTS = (
    "rank",
    "name",
    "phone_number",
    "email",
    "language",
    "by_sms",
    "by_voice",
    "by_email",
    "on_single",
    "may_ring",
    "sms_stopped_at",
    "created_at",
    "removed_at",
)
_OF_PHONES = (
    "label",
    "paired_at",
    "seen_at",
    "revoked_at",
    "battery",
    "position_allowed",
    "button_seen_at",
    "button_battery",
)
_OF_POSITIONS = (
    "recorded_at",
    "fixed_at",
    "latitude",
    "longitude",
    "accuracy",
    "speed",
    "heading",
    "altitude",
    "battery",
)

# Rows that hang on her, and which file they are in; what is not in any is withheld for the reason beside it. A table
# that stands in neither fails a test: somebody decides.
TOLD: Mapping[str, str] = {
    "alerts.Victim": "hers",
    "alerts.Contact": "contacts",
    "alerts.Phone": "phones",
    "alerts.Button": "buttons",
    "alerts.Alert": "alerts",
    "alerts.Click": "alerts",
    "alerts.Position": "alerts",
    "alerts.Event": "alerts",
    "alerts.Delivery": "alerts, as words",
    "alerts.Look": "alerts",
    "alerts.PoliceSheet": "sheet",
    "alerts.Change": "changes",
    "alerts.Consent": "contacts",
    "alerts.Recording": "recordings, if her code was typed",
    "alerts.Handover": "recordings, if her code was typed",
}
WITHHELD: Mapping[str, str] = {
    "alerts.ConsentToken": "secrets of relatives",
    "alerts.Finding": "what the auditor thought of the service",
    "alerts.Ladder": "a timer",
    "alerts.Link": "secrets of relatives; when it was opened is said",
    "alerts.LinkToken": "secrets of relatives",
    "alerts.PairingCode": "secrets",
    "responders.ConsentVisit": "browsers of relatives",
    "responders.Escalation": "what relatives told the 17",
    "responders.Role": "what relatives did among themselves",
    "responders.SharedPosition": "where relatives were",
    "responders.Visit": "browsers of relatives",
}

Facts = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One past alert, read once for both files."""

    alert: Alert
    state: AlertState
    told: Aftermath
    events: Sequence[Event]
    clicks: Sequence[Click]
    positions: Sequence[Position]


def files(victim: Victim, *, now: datetime, recordings: bool | None = None) -> Iterator[tuple[str, Iterator[str]]]:
    """The archive's files, name and pieces. Every piece is read when it is asked for, so that little is in memory.

    Recordings stand behind her code: they are told where she typed it (True), there are none where the one under
    duress was typed (False), and without a code nobody learns whether there are any (None).
    """
    told = listening.listed(access.recordings_of(victim)) if recordings else None if recordings is None else []
    yield "carnet.html", _page(victim, told, now=now)
    yield "carnet.json", _document(victim, told, now=now)


def _chapters(victim: Victim, *, now: datetime) -> Iterator[Chapter]:
    for pk in list(access.past_alerts_of(victim, now=now).order_by("opened_at").values_list("pk", flat=True)):
        if (alert := access.past_alert_of(victim, pk, now=now)) is not None:
            with _hers(victim):
                chapter = _chapter(alert, now=now)
            yield chapter


def _chapter(alert: Alert, *, now: datetime) -> Chapter:
    end = endings.of(alert)
    fixes = Position.objects.filter(alert=alert, fixed_at__lte=end, received_at__lte=end + _AFTER_THE_END)
    return Chapter(
        alert=alert,
        state=her_alert.state_on_her_phone(alert, now=now),
        told=aftermath.of(alert),
        events=stories.hers(alert)[::-1],
        clicks=list(Click.objects.filter(alert=alert, received_at__lte=end).order_by("received_at")),
        positions=list(fixes.order_by("recorded_at", "pk")),
    )


# ---- For programs ----


def _document(victim: Victim, recordings: list[Facts] | None, *, now: datetime) -> Iterator[str]:
    """One JSON object, alert by alert."""
    with _hers(victim):
        head = _written({"format": FORMAT, "written_at": now, **_about(victim), "recordings": recordings})
    yield head.removesuffix("\n}") + ',\n "alerts": ['
    between = "\n"
    for chapter in _chapters(victim, now=now):
        with _hers(victim):
            written = _written(_of_alert(chapter))
        yield between + written
        between = ",\n"
    yield "\n]}\n"


def _written(facts: Facts) -> str:
    return json.dumps(facts, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _about(victim: Victim) -> Facts:
    account = victim.account
    return {
        "account": {"username": account.username, "email": account.email, "created_at": account.date_joined},
        "hers": {**_columns(victim, _HERS), "association": str(victim.association or "")},
        "codes_chosen": bool(victim.pin_hash and victim.duress_pin_hash),
        "sheet": asdict(kept) if (kept := sheets.of(victim)) else None,
        "contacts": [_of_contact(contact) for contact in _contacts(victim)],
        "phones": [_columns(phone, _OF_PHONES) for phone in _phones(victim)],
        "buttons": list(victim.buttons.order_by("pk").values("serial", "state")),
        "changes": list(Change.objects.filter(victim=victim).order_by("at", "pk").values("at", "kind", "detail")),
    }


def _of_alert(chapter: Chapter) -> Facts:
    alert, told = chapter.alert, chapter.told
    return {
        "id": alert.pk,
        "kind": alert.kind,
        "state": chapter.state,
        "reason": alert.reason,
        "drill": alert.drill,
        "started_by": her_drills.starter(alert),
        "opened_at": alert.opened_at,
        "ended_at": told.ended_at,
        "clicks": [_columns(click, ("gesture", "clicked_at", "received_at", "battery")) for click in chapter.clicks],
        "told": [
            {"name": one.name, "ways": one.ways, "opened_at": one.opened_at, "looks": one.looks} for one in told.people
        ],
        "looks": [{"at": seen.at, "who": seen.who, "what": seen.words} for seen in told.looks],
        "timeline": [
            {"at": event.at, "kind": event.kind, "text": timeline.words(event, placed=True)} for event in chapter.events
        ],
        "positions": [_columns(position, _OF_POSITIONS) for position in chapter.positions],
    }


def _columns(row: object, names: Sequence[str]) -> Facts:
    return {name: getattr(row, name) for name in names}


def _of_contact(contact: Contact) -> Facts:
    """As her list shows it: a decoy said what a decoy says."""
    consent: Consent | None = getattr(contact, "consent", None)
    return {
        **_columns(contact, _OF_CONTACTS),
        "state": consenting.looks(contact),
        "answered_at": consent.answered_at if consent else None,
    }


def _contacts(victim: Victim) -> list[Contact]:
    return list(victim.contacts.select_related("consent").order_by("rank", "pk"))


def _phones(victim: Victim) -> list[Phone]:
    return list(victim.phones.order_by("paired_at"))


# ---- For eyes ----


def _page(victim: Victim, recordings: list[Facts] | None, *, now: datetime) -> Iterator[str]:
    """One page that needs nothing else: no script, no address of ours."""
    yield _rendered(victim, "head", {**_of_head(victim, now=now), "recordings": recordings})
    for chapter in _chapters(victim, now=now):
        kind = AlertKind(chapter.alert.kind)
        with _hers(victim):
            lines = [(event.at, timeline.words(event)) for event in chapter.events]
            facts = {"chapter": chapter, "kind": timeline.kind_words(kind), "lines": lines}
        yield _rendered(victim, "alert", facts)
    yield _rendered(victim, "foot", {})


def _of_head(victim: Victim, *, now: datetime) -> Facts:
    sheet = sheets.of(victim)
    return {
        "now": now,
        "sheet": sheet,
        "protections": [sheets.PROTECTION_NAMES[sheets.Protection(one)] for one in sheet.protections] if sheet else [],
        "contacts": _contacts(victim),
        "phones": _phones(victim),
        "changes": [(one, changes.words(one)) for one in changes.lately(victim, most=_MOST_CHANGES)],
    }


def _rendered(victim: Victim, part: str, facts: Facts) -> str:
    with _hers(victim):
        return render_to_string(f"alerts/export/{part}.html", {"victim": victim, **facts})


@contextmanager
def _hers(victim: Victim) -> Iterator[None]:
    """In her language and by her clock. Never around a `yield` of a piece: others work in this thread meanwhile."""
    with translation.override(victim.language), timezone.override(zones.of(victim.time_zone)):
        yield
