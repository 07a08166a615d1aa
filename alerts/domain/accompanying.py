"""What her association may do and see: what she ticked, nothing before, and nothing after she left it.

Three wishes, each apart: to try it together, to hear of what is silent, and to read the first names of her relatives.
Numbers, addresses, texts, places, alerts and who looked are not among them: no tick of hers opens those.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import ngettext

from alerts import access
from alerts.domain import changes, handing, profile, silences
from alerts.domain.silences import About
from alerts.models import Advocate, ChangeKind, RecoveryCode, RecoveryKind, Victim


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What she allows. `names`: first names of relatives in the other two, instead of numbers in her order."""

    advocate_drills: bool = False
    advocate_silences: bool = False
    advocate_names: bool = False


NOTHING: Mapping[str, bool] = asdict(Wishes())


def allow(victim: Victim, wishes: Wishes, *, now: datetime) -> None:
    """Put these wishes in the place of those before. Raises profile.AlertOpenError."""
    _change(victim, asdict(wishes), now=now)


def leave(victim: Victim, *, now: datetime) -> None:
    """Nobody accompanies her any more: what she allowed ends, and so does a code drawn to let her in.

    The on-call line, if it stands in her list, is a relative like others: she removes it there. Raises
    profile.AlertOpenError.
    """
    with transaction.atomic():
        _change(victim, {"association": None, **NOTHING}, now=now)
        RecoveryCode.objects.filter(account=victim.account_id, kind=RecoveryKind.ADVOCATE, used_at=None).delete()
    handing.take_back_all(victim, now=now)


def _change(victim: Victim, fields: Mapping[str, object], *, now: datetime) -> None:
    """As everything of hers it stands still during an alert, but not during a drill, which an advocate may have begun:
    consent is taken back at once.
    """
    with transaction.atomic():
        victim = Victim.objects.select_for_update().get(pk=victim.pk)
        alert = access.open_alert_of(victim, now=now)
        if alert is not None and not alert.drill:
            raise profile.AlertOpenError
        Victim.objects.filter(pk=victim.pk).update(**fields)
        changes.record(victim, ChangeKind.ASSOCIATION, now=now)


def may_drill(advocate: Advocate, victim: Victim) -> bool:
    """Whether she lets this advocate start drills with her."""
    return victim.association_id == advocate.association_id and victim.advocate_drills


def silent(victim: Victim, *, now: datetime) -> Sequence[str]:
    """What is silent, in sentences for her advocate; nothing where she did not agree.

    The names that she gave to her telephones are in them, and her page says so before; those of relatives only if she
    agreed to that too.
    """
    if not victim.advocate_silences:
        return ()
    found = silences.found(victim, now=now)
    if victim.advocate_names:
        return [one.words for one in found]
    nameless = [one.words for one in found if one.about is not About.CONTACTS]
    unreachable = len(found) - len(nameless)
    if unreachable:
        words = ngettext(
            "%(count)d proche : rien ne lui parvient.", "%(count)d proches : rien ne leur parvient.", unreachable
        )
        nameless.append(words % {"count": unreachable})
    return nameless
