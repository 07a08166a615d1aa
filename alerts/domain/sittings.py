"""In which browsers somebody is signed in, and the end of one from another."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction

from alerts.domain import changes
from alerts.models import Account, ChangeKind, Sitting, Victim

SEEN_EVERY = timedelta(minutes=5)
# The first that fits: every browser calls itself several others.
_BROWSERS = (
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("Mac", r"Macintosh"),
    ("Linux", r"Linux|X11"),
)


def device(agent: str) -> str:
    """A browser as one knows one's own: Firefox, Android. Empty where it does not say."""
    return ", ".join(filter(None, (_first(_BROWSERS, agent), _first(_SYSTEMS, agent))))


def _first(names: Sequence[tuple[str, str]], agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, agent)), "")


def note(account: Account, *, session_key: str, agent: str, now: datetime) -> Sitting | None:
    """This session is in use. Returns it if that is new, else None; what is known is written every five minutes."""
    row = Sitting.objects.filter(session_key=session_key, account=account)
    if row.filter(seen_at__gt=now - SEEN_EVERY).exists() or row.update(seen_at=now):
        return None
    fresh = {"account": account, "device": device(agent), "began_at": now, "seen_at": now}
    sitting, is_first = Sitting.objects.get_or_create(session_key=session_key, defaults=fresh)
    return sitting if is_first else None


def open_of(account: Account, *, now: datetime) -> list[Sitting]:
    """Those that still open something, the one in use last first; the others are forgotten."""
    rows = list(Sitting.objects.filter(account=account).order_by("-seen_at", "-pk"))
    keys = {row.session_key for row in rows}
    alive = set(Session.objects.filter(session_key__in=keys, expire_date__gt=now).values_list("session_key", flat=True))
    Sitting.objects.filter(account=account, session_key__in=keys - alive).delete()
    return [row for row in rows if row.session_key in alive]


def end(account: Account, *, pk: int | None = None, keep: str = "") -> int:
    """End one session of hers, or all but the one whose key is kept. Returns how many ended."""
    rows = Sitting.objects.filter(account=account).exclude(session_key=keep)
    if pk is not None:
        rows = rows.filter(pk=pk)
    with transaction.atomic():
        keys = list(rows.values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        rows.delete()
    return len(keys)


def end_from_afar(victim: Victim, *, pk: int | None, keep: str, now: datetime) -> int:
    """The same from her list of sessions, announced if any ended."""
    with transaction.atomic():
        ended = end(victim.account, pk=pk, keep=keep)
        if ended:
            changes.record(victim, ChangeKind.SIGNED_OUT, now=now)
    return ended


def blank() -> SessionStore:
    """A session of nobody, in the place of one that could not be ended."""
    return SessionStore()
