"""Whether a relative can be reached: what became of the last message by each way, whatever it was about."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from alerts.domain import failures
from alerts.domain.timeline import channel_words
from alerts.models import Contact, Delivery
from alerts.states import Channel, DeliveryState, Gesture

LATELY = timedelta(days=400)
_SEEN = (DeliveryState.OPENED, DeliveryState.ANSWERED)
_HAS_COME = (DeliveryState.DELIVERED, *_SEEN)
_UNTRIED = Q(state__in=(DeliveryState.DUE, DeliveryState.SENDING), attempts=0)
_OURS = (*failures.NEEDLESS, failures.OVER, "contact_left", "too_late")


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to a relative, and the last message by it: `state` and `at` (UTC) are None if there was none."""

    channel: Channel
    state: DeliveryState | None = None
    at: datetime | None = None
    code: str = ""

    @property
    def is_broken(self) -> bool:
        """The last message by it failed."""
        return self.state is DeliveryState.FAILED

    @property
    def has_worked(self) -> bool:
        """The last message by it is known to have come."""
        return self.state in _HAS_COME

    @property
    def name(self) -> str:
        """The channel as a word."""
        return channel_words(self.channel)

    @property
    def words(self) -> str:
        """What is known, in the active language."""
        if self.state is None:
            return _("pas encore essayé")
        if self.state is DeliveryState.FAILED:
            return ", ".join(filter(None, (_("échec"), failures.words(self.code))))
        if self.state in _SEEN:
            return _("lu ou répondu")
        if self.state is DeliveryState.DELIVERED:
            return _("décroché") if self.channel is Channel.VOICE else _("reçu")
        return _("parti, sans accusé de réception")


def ways(contacts: Collection[Contact], *, now: datetime) -> Mapping[int, tuple[Way, ...]]:
    """For each of them (by id) the ways that are open, in the order in which they are used."""
    last: dict[tuple[int, str], Way] = {}
    rows = Delivery.objects.filter(contact__in=contacts, created_at__gt=now - LATELY)
    told = rows.exclude(_UNTRIED).exclude(error_code__in=_OURS).order_by("created_at")
    for contact, channel, state, at, code in told.values_list(
        "contact_id", "channel", "state", "moved_at", "error_code"
    ):
        last[contact, channel] = Way(channel=Channel(channel), state=DeliveryState(state), at=at, code=code)
    return {
        contact.pk: tuple(
            last.get((contact.pk, channel), Way(channel=channel)) for channel in contact.channels(Gesture.DOUBLE)
        )
        for contact in contacts
    }


def is_unreachable(open_ways: Collection[Way]) -> bool:
    """Whether nothing reaches this relative: no way is open, or the last message by every one of them failed."""
    return all(way.is_broken for way in open_ways)
