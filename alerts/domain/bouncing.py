"""What services that relay mail say of a mail: it arrived, or it came back. Whichever service it was."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from alerts.domain import deliveries
from alerts.models import Delivery
from alerts.providers.base import Standing
from alerts.states import Channel, DeliveryState

_UUID = re.compile(r"\s*<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:@[^>]*>?)?\s*")
_MOST_CODE = 40

log = logging.getLogger(__name__)

# The words of django-anymail's events (anymail.signals.EventType). None: it says nothing that we do not know better.
WORDS: Mapping[str, DeliveryState | None] = {
    "queued": None,
    "sent": None,
    "deferred": None,  # a later word follows
    "delivered": DeliveryState.DELIVERED,
    "bounced": DeliveryState.FAILED,
    "rejected": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "complained": DeliveryState.FAILED,  # taken for unwanted: the next ones will not arrive either
    "opened": None,  # machines open mails: only our own link says that a human did
    "clicked": None,
    "autoresponded": None,
    "unsubscribed": None,
    "subscribed": None,
    "inbound": None,
    "inbound_failed": None,
    "unknown": None,
}


@dataclass(frozen=True, kw_only=True)
class MailEvent:
    """One event: its word, why if it came back, and every name under which the service may know our mail."""

    word: str
    reason: str = ""
    names: tuple[str, ...] = ()


def receive(event: MailEvent, *, now: datetime) -> bool:
    """An event of a service that proved who it is. Late, doubled and reversed ones change nothing; whether it moved."""
    if event.word not in WORDS:
        log.warning("A mail service said a word that is not known.")
    to = WORDS.get(event.word)
    if to is None:
        return False
    code = f"mail_{event.reason or event.word}"[:_MOST_CODE] if to is DeliveryState.FAILED else ""
    found = _mail_of(event.names)
    return found is not None and deliveries.receive_receipt(found, Standing(state=to, code=code), now=now)


def _mail_of(names: tuple[str, ...]) -> UUID | None:
    """The mail that bears one of these names: `<our id@host>` or our id alone. Texts and calls are never meant."""
    ids = [UUID(found.group(1)) for name in names if (found := _UUID.fullmatch(name.lower()))]
    mails = Delivery.objects.filter(pk__in=ids, channel=Channel.EMAIL)
    return mails.values_list("pk", flat=True).first()
