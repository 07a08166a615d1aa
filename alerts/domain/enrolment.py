"""How a telephone becomes hers, how it stops being, and whose PIN was typed on it."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.db.models import F, Q

from alerts.domain import changes, throttling
from alerts.links import fingerprint
from alerts.models import ChangeKind, PairingCode, PairingGuess, Phone, Victim
from alerts.models.fields import digest
from alerts.states import AlertState

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # no I, L, O, 0, 1: nothing that is read or heard as another
CODE_CHARACTERS = 8
_TOKEN_BYTES = 32
_OSMAND_BYTES = 16

GUESSES = 10
PIN_TRIES = 5
CODE_TRIES = 10
WINDOW = timedelta(minutes=10)


class UnknownCodeError(Exception):
    """Never drawn, used, replaced by a newer one, or older than ten minutes: the same answer."""


class WrongPinError(Exception):
    """Neither her PIN nor her duress PIN."""


class TooManyTriesError(Exception):
    """Too many wrong codes within ten minutes; `wait` until the next is looked at."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("too many wrong codes")
        self.wait = wait


@dataclass(frozen=True, kw_only=True)
class Paired:
    """A phone and its two secrets: only their digests are stored, so this is the one time to tell them."""

    phone: Phone
    token: str
    osmand_id: str


def draw_pairing_code(victim: Victim, *, now: datetime) -> str:
    """Eight characters (40 bits) that pair one phone within ten minutes; an older code of hers stops working."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS))
    with transaction.atomic():
        PairingCode.objects.filter(victim=victim, used_at=None).delete()
        PairingCode.objects.create(victim=victim, code_digest=_code_digest(code), drawn_at=now)
    return code


def pair(code: str, *, peer: str, now: datetime) -> Paired:
    """Pair a new phone. Case, spaces and hyphens of the code do not matter; `peer` is the caller's address.

    Raises TooManyTriesError after ten wrong codes of one peer within ten minutes, UnknownCodeError otherwise.
    """
    peer_digest = digest("peer", peer)
    _refuse_guesser(peer_digest, now=now)
    with transaction.atomic():
        drawn = _redeem(code, now=now)
        if drawn is not None:
            return _new_phone(drawn.victim, now=now)
        PairingGuess.objects.filter(at__lte=now - WINDOW).delete()
        PairingGuess.objects.create(peer_digest=peer_digest, at=now)
    raise UnknownCodeError


def _refuse_guesser(peer_digest: str, *, now: datetime) -> None:
    guesses = PairingGuess.objects.filter(peer_digest=peer_digest, at__gt=now - WINDOW).order_by("-at")
    times = list(guesses.values_list("at", flat=True)[:GUESSES])
    if len(times) == GUESSES:
        raise TooManyTriesError(times[-1] + WINDOW - now)


def _redeem(code: str, *, now: datetime) -> PairingCode | None:
    """The code, if this very call used it: of two phones that type the same code, one gets in."""
    drawn = PairingCode.objects.select_related("victim").filter(code_digest=_code_digest(code)).first()
    if drawn is None or now >= drawn.expires_at:
        return None
    return drawn if PairingCode.objects.filter(pk=drawn.pk, used_at=None).update(used_at=now) else None


def _new_phone(victim: Victim, *, now: datetime) -> Paired:
    token, osmand_id = secrets.token_urlsafe(_TOKEN_BYTES), secrets.token_urlsafe(_OSMAND_BYTES)
    phone = Phone.objects.create(
        victim=victim,
        token_hash=fingerprint(token),
        osmand_id=osmand_id,
        osmand_digest=digest("osmand", osmand_id),
        paired_at=now,
    )
    changes.record(victim, ChangeKind.PHONES, now=now)
    return Paired(phone=phone, token=token, osmand_id=osmand_id)


def _code_digest(code: str) -> str:
    typed = "".join(character for character in code.upper() if character not in " -\u00a0\u2013\u2011\t")
    return digest("pairing", typed)


def revoke(phone: Phone, *, now: datetime) -> bool:
    """From now on this phone's token and OsmAnd id open nothing. Returns whether this call did it."""
    with transaction.atomic():
        if not Phone.objects.active().filter(pk=phone.pk).update(revoked_at=now):
            return False
        changes.record(phone.victim, ChangeKind.PHONES, now=now)
    return True


def rename(phone: Phone, label: str, *, now: datetime) -> None:
    """How a telephone is called in her list: who swaps two names makes her cut off the wrong one."""
    with transaction.atomic():
        Phone.objects.filter(pk=phone.pk).update(label=label)
        changes.record(phone.victim, ChangeKind.PHONES, now=now)


def check_pin(phone: Phone, pin: str, *, now: datetime) -> AlertState:
    """To what state this PIN closes an alert: closed, or closed under duress.

    The try is counted before the PIN is compared, so that a hundred guesses at once are still a hundred; both hashes
    are computed whatever the first one says, so that time does not tell the two PINs apart.
    Raises TooManyTriesError after five wrong ones within ten minutes, WrongPinError.
    """
    _count_try(phone, now=now)
    typed = _which(phone.victim, pin)
    Phone.objects.filter(pk=phone.pk).update(wrong_pins=0, wrong_pins_since=None)
    return typed


def check_code(victim: Victim, code: str, *, now: datetime) -> AlertState:
    """Which of her two codes was typed at her own pages, in the words of `check_pin`.

    Counted apart from her telephones, so that whoever guesses here stops nothing there. Raises TooManyTriesError after
    ten tries within ten minutes, right ones included, and WrongPinError.
    """
    if not throttling.passes(f"code of {victim.pk}", now=now, most=CODE_TRIES):
        raise TooManyTriesError(WINDOW)
    return _which(victim, code)


def _which(victim: Victim, pin: str) -> AlertState:
    is_pin = check_password(pin, victim.pin_hash)
    is_duress_pin = check_password(pin, victim.duress_pin_hash)
    if not (is_pin or is_duress_pin):
        raise WrongPinError
    return AlertState.CLOSED if is_pin else AlertState.CLOSED_UNDER_DURESS


def _count_try(phone: Phone, *, now: datetime) -> None:
    row = Phone.objects.filter(pk=phone.pk)
    begun_long_ago = Q(wrong_pins_since=None) | Q(wrong_pins_since__lte=now - WINDOW)
    if row.filter(begun_long_ago).update(wrong_pins=1, wrong_pins_since=now):
        return
    if row.filter(wrong_pins__lt=PIN_TRIES).update(wrong_pins=F("wrong_pins") + 1):
        return
    since = row.values_list("wrong_pins_since", flat=True).get()
    raise TooManyTriesError(WINDOW if since is None else since + WINDOW - now)
