"""Once a week at most an advocate is told by mail that something is silent with somebody accompanied: a number alone.

Who it is and what it is stands behind the sign-in. The beat is claimed before anything is sent, so that of several
workers one writes; a mail that is lost is not sent again, for the list says the same every day.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from alerts.domain import accompanying, beats
from alerts.domain.aside import Aside
from alerts.domain.ways import Ways
from alerts.models import Advocate, Beat, Victim
from alerts.providers.base import Message, ProviderError, UnknownOutcomeError
from alerts.states import Channel

REMINDER = "reminder"  # the beat: advocates were told what is silent
EVERY = timedelta(days=7)
_VALID_FOR = 24 * 3600  # seconds

log = logging.getLogger(__name__)
_reminding: Aside[int] = Aside("remind")


def remind_due(ways: Ways, *, now: datetime) -> None:
    """A step of the sweep: a week after the last time, aside. The first week begins when the service does."""
    last = beats.last(REMINDER)
    if last is None or last > now:  # never yet, or a clock was set back
        beats.beat(REMINDER, now=now)
    elif now - last >= EVERY:
        _reminding.begin(partial(remind, ways, now=now))


def remind(ways: Ways, *, now: datetime) -> int:
    """Write to every advocate with an address whose association has something to look at. Returns how many mails."""
    if not Beat.objects.filter(name=REMINDER, at__lte=now - EVERY).update(at=now):
        return 0  # another worker was first
    silent = _silent(now=now)
    advocates = Advocate.objects.select_related("account").filter(association__in=silent, account__is_active=True)
    return sum(
        _send(_letter(advocate.account.email, silent[advocate.association_id]), ways)
        for advocate in advocates.exclude(account__email="")
    )


def _silent(*, now: datetime) -> Mapping[int, int]:
    """With how many of those who agreed something is silent, by association."""
    counts: dict[int, int] = {}
    agreed = Victim.objects.filter(advocate_silences=True, canary=False, account__is_active=True)
    for victim in agreed.exclude(association=None).iterator():
        if victim.association_id is not None and accompanying.silent(victim, now=now):
            counts[victim.association_id] = counts.get(victim.association_id, 0) + 1
    return counts


def _letter(to: str, count: int) -> Message:
    with override(settings.LANGUAGE_CODE):  # accounts of advocates have no language of their own
        words = ngettext(
            "Chez %(count)d personne que vous accompagnez, quelque chose ne marche plus.",
            "Chez %(count)d personnes que vous accompagnez, quelque chose ne marche plus.",
            count,
        )
        where = _("Connectez-vous pour savoir chez qui, et quoi :")
        subject = _("À vérifier cette semaine")
    address = f"{settings.SHERIF.her_url}{reverse('alerts:accompanied')}"
    return Message(
        id=uuid4(),
        channel=Channel.EMAIL,
        to=to,
        name="",
        text=f"{words % {'count': count}}\n\n{where} {address}\n",
        subject=subject,
        language=settings.LANGUAGE_CODE,
        valid_for=_VALID_FOR,
    )


def _send(message: Message, ways: Ways) -> bool:
    try:
        ways[message.channel].send(message)
    except ProviderError as error:
        log.warning("An advocate could not be told what is silent (%s).", error.code)
        return False
    except UnknownOutcomeError:
        log.warning("Nobody knows whether an advocate was told what is silent.")
    return True
