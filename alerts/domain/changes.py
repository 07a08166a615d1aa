"""What changed in her account: written down for her to read, and announced where her phone does not show it."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alerts.domain import disguises, zones
from alerts.domain.aside import Aside
from alerts.domain.messages import notices
from alerts.domain.ways import Ways
from alerts.models import Change, ChangeKind, Victim
from alerts.providers.base import Message, ProviderError, UnknownOutcomeError
from alerts.states import Channel

_AGAIN_AFTER = timedelta(minutes=5)
_MOST_ATTEMPTS = 6
_AT_ONCE = 20
_VALID_FOR = 24 * 3600  # seconds
_MAIL_ALONE = frozenset({ChangeKind.SIGNED_IN, ChangeKind.SIGNED_OUT})  # they come often; a text each would be lost
_IN_ROWS = frozenset(
    {ChangeKind.CONTACTS, ChangeKind.SETTINGS, ChangeKind.SHEET, ChangeKind.PHONES, ChangeKind.TAKEN_AWAY}
)
_ONE_ROW = timedelta(minutes=5)  # as long as a password that was given again lasts: one message says it all

_WORDS = {
    ChangeKind.SIGNED_IN: _("Nouvelle connexion"),
    ChangeKind.SIGNED_OUT: _("Connexion fermée à distance"),
    ChangeKind.PASSWORD: _("Mot de passe changé"),
    ChangeKind.SECOND_FACTOR: _("Deuxième vérification changée"),
    ChangeKind.RECOVERY: _("Code de secours créé"),
    ChangeKind.RECOVERED: _("Entrée par code de secours"),
    ChangeKind.CODES: _("Codes changés"),
    ChangeKind.CONTACTS: _("Liste de proches changée"),
    ChangeKind.SAFE_ADDRESS: _("Adresse sûre changée"),
    ChangeKind.SHEET: _("Fiche pour la police changée"),
    ChangeKind.SETTINGS: _("Réglages changés"),
    ChangeKind.PHONES: _("Téléphones changés"),
    ChangeKind.ASSOCIATION: _("Partage avec une association changé"),
    ChangeKind.TAKEN_AWAY: _("Copie des informations emportée"),
    ChangeKind.ERASED: _("Informations effacées"),
}

log = logging.getLogger(__name__)
_announcing: Aside[int] = Aside("announce")


def record(victim: Victim, kind: ChangeKind, *, now: datetime, detail: str = "") -> None:
    """Write a change down; it is told to her safe address as this stands in `victim`, that is before the change.

    Call it inside the transaction that changes. `detail` is a device or nothing: never a name, a number or a code.
    """
    again = kind in _IN_ROWS and _announced(victim, kind, since=now - _ONE_ROW)
    change = _of(victim, kind, now=now)
    change.victim, change.detail = victim, detail[:60]
    if again:
        change.not_before = None
    change.save(force_insert=True)


def say_erased(victim: Victim, *, now: datetime) -> None:
    """The last news of her: it outlives her row, and goes itself once it is told or cannot be."""
    change = _of(victim, ChangeKind.ERASED, now=now)
    if change.not_before is not None:
        change.save(force_insert=True)


def _of(victim: Victim, kind: ChangeKind, *, now: datetime) -> Change:
    number = "" if kind in _MAIL_ALONE else victim.safe_number
    return Change(
        kind=kind,
        at=now,
        email=victim.safe_email,
        number=number,
        name=disguises.name_for(victim),
        language=victim.language,
        time_zone=victim.time_zone,
        not_before=now if victim.safe_email or number else None,
    )


def _announced(victim: Victim, kind: ChangeKind, *, since: datetime) -> bool:
    """Whether a message about the same was or will be sent."""
    announced = Q(not_before__isnull=False) | Q(told_at__isnull=False)
    return Change.objects.filter(announced, victim=victim, kind=kind, at__gt=since).exists()


def lately(victim: Victim, most: int = 30) -> Sequence[Change]:
    """The newest first."""
    return list(Change.objects.filter(victim=victim).order_by("-at", "-pk")[:most])


def words(change: Change) -> str:
    """What it was, in the active language, as her own list says it."""
    return str(_WORDS[ChangeKind(change.kind)])


def announce_due(ways: Ways, *, now: datetime) -> None:
    """Tell safe addresses what changed, aside: a network that hangs holds up nothing. The sweeper calls it."""
    if Change.objects.due(now).exists():
        _announcing.begin(partial(announce, ways, now=now))


def announce(ways: Ways, *, now: datetime) -> int:
    """Claim what is due and send it. Returns how many changes were told.

    A claim moves the row to its next attempt, so that of two workers one sends, and a killed one is followed.
    """
    return sum(_tell(change, ways, now=now) for change in _claim(now=now))


def _claim(*, now: datetime) -> Sequence[Change]:
    claimed = []
    for change in Change.objects.due(now)[:_AT_ONCE]:
        row = Change.objects.filter(pk=change.pk, not_before=change.not_before)
        again = now + _AGAIN_AFTER if change.attempts + 1 < _MOST_ATTEMPTS else None
        if row.update(not_before=again, attempts=F("attempts") + 1):
            claimed.append(change)
    return claimed


def _tell(change: Change, ways: Ways, *, now: datetime) -> bool:
    told = [_send(message, ways) for message in _messages(change)]
    row = Change.objects.filter(pk=change.pk)
    if any(told):
        row.update(told_at=now, not_before=None)
    row.filter(victim=None, not_before=None).delete()  # nothing of her remains
    return any(told)


def _messages(change: Change) -> Sequence[Message]:
    notice = notices.Notice(
        kind=change.kind,
        name=change.name,
        at=change.at,
        time_zone=zones.of(change.time_zone),
        language=change.language,
        detail=change.detail,
    )
    ways = ((Channel.EMAIL, change.email), (Channel.SMS, change.number))
    return [
        Message(
            id=uuid4(),
            channel=channel,
            to=to,
            name="",
            sender=change.name,  # the service's own would stand in the list of her mails
            text=notice.letter() if channel is Channel.EMAIL else notice.text(),
            subject=notice.subject() if channel is Channel.EMAIL else "",
            language=change.language,
            valid_for=_VALID_FOR,
        )
        for channel, to in ways
        if to
    ]


def _send(message: Message, ways: Ways) -> bool:
    """Whether a network took it, or may have: then it is not sent again."""
    try:
        ways[message.channel].send(message)
    except ProviderError as error:
        log.warning("A change could not be told by %s (%s).", message.channel, error.code)
        return False
    except UnknownOutcomeError:
        log.warning("Nobody knows whether a change was told by %s.", message.channel)
    return True
