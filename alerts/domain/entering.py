"""Codes by which one comes into an account and back into it. None of them goes through her telephone."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q

from alerts.domain import accompanying, changes, sittings
from alerts.domain.enrolment import ALPHABET
from alerts.models import Account, Advocate, ChangeKind, Invitation, RecoveryCode, RecoveryKind, Victim
from alerts.models.fields import digest

INVITED_FOR = timedelta(days=14)
HELPED_FOR = timedelta(minutes=30)
_INVITATION_CHARACTERS = 12  # 59 bits, for two weeks and behind a limit of tries
_RECOVERY_CHARACTERS = 25  # 123 bits, as long as the paper lasts
_GROUP = 4
_LARGE_GROUP = 5
_FOUR_DIGITS, _NINE_DIGITS = 1_000, 100_000_000  # the first number of so many
_DRAWS = 50


class UnknownCodeError(Exception):
    """Never drawn, used, replaced or too old: the same answer."""


class NotAccompaniedError(Exception):
    """This association does not accompany this person."""


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """Whose account it was, and whether the second factor went with the old password."""

    account: Account
    without_second_factor: bool


def pseudonym(word: str) -> str:
    """Her word with digits drawn for it, four unless all are used: a sign-up tells nobody which words are in use."""
    for _ in range(_DRAWS):
        drawn = _with_tail(word, _FOUR_DIGITS)
        if not Account.objects.filter(username__iexact=drawn).exists():
            return drawn
    return _with_tail(word, _NINE_DIGITS)


def _with_tail(word: str, first: int) -> str:
    return f"{word}-{first + secrets.randbelow(9 * first)}"


def invite(advocate: Advocate, *, now: datetime) -> str:
    """A code for the sign-up of somebody whom this association accompanies, told this one time."""
    code = _drawn(_INVITATION_CHARACTERS)
    Invitation.objects.create(
        association=advocate.association,
        drawn_by=advocate,
        code_digest=_digest("invitation", code),
        drawn_at=now,
        expires_at=now + INVITED_FOR,
    )
    return grouped(code, _GROUP)


def invitation_of(code: str, *, now: datetime) -> Invitation:
    """The invitation behind a code. Raises UnknownCodeError."""
    found = (
        Invitation.objects.select_related("association")
        .filter(code_digest=_digest("invitation", code), used_at=None, expires_at__gt=now)
        .first()
    )
    if found is None:
        raise UnknownCodeError
    return found


def accept(invitation: Invitation, victim: Victim, *, now: datetime) -> None:
    """From now on this association accompanies her, and reads nothing. Of two sign-ups with one code, one gets in.

    Raises UnknownCodeError.
    """
    with transaction.atomic():
        Invitation.objects.filter(victim=victim).update(victim=None)  # of an association that she left
        mine = Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_at=now, victim=victim)
        if not mine:
            raise UnknownCodeError
        Victim.objects.filter(pk=victim.pk).update(association=invitation.association, **accompanying.NOTHING)
        changes.record(victim, ChangeKind.ASSOCIATION, now=now)


def draw_paper(victim: Victim, *, now: datetime) -> str:
    """The code that she keeps on paper, told this one time; an older one stops working."""
    with transaction.atomic():
        RecoveryCode.objects.filter(account=victim.account, kind=RecoveryKind.PAPER, used_at=None).delete()
        changes.record(victim, ChangeKind.RECOVERY, now=now)
        return _recovery(victim.account, RecoveryKind.PAPER, now=now, expires_at=None)


def draw_with_advocate(advocate: Advocate, victim: Victim, *, now: datetime) -> str:
    """The code that her advocate gives her face to face, for half an hour. Raises NotAccompaniedError."""
    if victim.association_id != advocate.association_id:
        raise NotAccompaniedError
    with transaction.atomic():
        RecoveryCode.objects.filter(account=victim.account, kind=RecoveryKind.ADVOCATE, used_at=None).delete()
        changes.record(victim, ChangeKind.RECOVERY, now=now)
        return _recovery(victim.account, RecoveryKind.ADVOCATE, now=now, expires_at=now + HELPED_FOR)


def has_paper(victim: Victim) -> bool:
    """Whether a code on paper would work."""
    return RecoveryCode.objects.filter(account=victim.account_id, kind=RecoveryKind.PAPER, used_at=None).exists()


def recovery_of(code: str, *, now: datetime) -> RecoveryCode:
    """The unused code. Raises UnknownCodeError."""
    in_time = Q(expires_at=None) | Q(expires_at__gt=now)
    found = (
        RecoveryCode.objects.select_related("account")
        .filter(in_time, code_digest=_digest("recovery", code), used_at=None, account__is_active=True)
        .first()
    )
    if found is None:
        raise UnknownCodeError
    return found


def recover(drawn: RecoveryCode, password: str, *, now: datetime) -> Recovered:
    """Set a new password and end every session. Raises UnknownCodeError if another call used the code first.

    A code from her advocate, who has seen her, also takes the second factor away: it may have been lost with the
    telephone. A code on paper does not: who finds the paper still meets it.
    """
    with transaction.atomic():
        if not RecoveryCode.objects.filter(pk=drawn.pk, used_at=None).update(used_at=now):
            raise UnknownCodeError
        account = drawn.account
        account.set_password(password)
        account.save(update_fields=["password"])
        sittings.end(account)
        loses_second = drawn.kind == RecoveryKind.ADVOCATE
        if loses_second:
            Authenticator.objects.filter(user_id=account.pk).delete()
        victim = Victim.objects.filter(account=account).first()
        if victim is not None:
            changes.record(victim, ChangeKind.RECOVERED, now=now)
    return Recovered(account=account, without_second_factor=loses_second)


def grouped(code: str, size: int) -> str:
    """A code as one reads it aloud and copies it."""
    return "-".join(code[start : start + size] for start in range(0, len(code), size))


def _recovery(account: Account, kind: RecoveryKind, *, now: datetime, expires_at: datetime | None) -> str:
    code = _drawn(_RECOVERY_CHARACTERS)
    RecoveryCode.objects.create(
        account=account, kind=kind, code_digest=_digest("recovery", code), drawn_at=now, expires_at=expires_at
    )
    return grouped(code, _LARGE_GROUP)


def _drawn(characters: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(characters))


def _digest(kind: str, code: str) -> str:
    return digest(kind, "".join(character for character in code.upper() if character.isalnum()))
