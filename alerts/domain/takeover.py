"""One network takes over from another, and gives back: what a process found out becomes a row that all of them read.

Nothing here is on the way of a message: `Pair` orders the networks from memory. Once a second the sweeper writes what
its process decided, reads what the others did, looks whether receipts come, and greets those whose rest is over.
"""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Count, Q

from alerts.domain.ways import Ways
from alerts.models import Alert, Delivery, Rest
from alerts.providers.health import LATE_RECEIPTS, Change, Spell
from alerts.providers.pair import Pair
from alerts.states import Channel, DeliveryState

# How soon a receipt is expected. OVHcloud sends none: it is asked, a while later.
RECEIPT_WITHIN: Mapping[str, timedelta] = {"twilio": timedelta(seconds=30), "ovh": timedelta(seconds=120)}
_DEFAULT_WITHIN = timedelta(seconds=30)
LOOKED_BACK = timedelta(minutes=5)
LEAST = 5  # telephones: fewer may simply be switched off
MOST_SILENT = 0.6  # of them without a receipt

log = logging.getLogger(__name__)


def refresh(ways: Ways, *, now: datetime) -> None:
    """Bring this process and the rows together for every channel that has more than one network."""
    for channel, way in ways.items():
        if isinstance(way, Pair):
            if way.health.is_time_to_look(now):
                _look_at_receipts(way, channel, now=now)
            _write(way, channel)
            way.health.learn(_spells(channel), now=now)
            for name in way.health.to_greet(now):
                threading.Thread(target=greet, args=(way, name), name=f"greet-{name}", daemon=True).start()


def greet(way: Pair, name: str) -> None:
    """Ask one network something harmless, on a thread of its own: it may hang as long as it likes."""
    answers = False
    try:
        answers = way.greet(name)
    except Exception:
        log.exception("%s could not be greeted.", name)
    finally:
        way.health.greeted(name, answers=answers, now=way.now())


def _write(way: Pair, channel: Channel) -> None:
    for change in way.health.changes():
        _write_one(change, channel)
        way.health.written(change)


def _write_one(change: Change, channel: Channel) -> None:
    rest = Rest.objects.filter(provider=change.network, channel=channel)
    if change.spell is not None:
        spell = change.spell
        fields = {"at": spell.at, "until": spell.until, "reason": spell.reason}
        Rest.objects.update_or_create(provider=change.network, channel=channel, defaults=fields)
    elif change.over is not None:
        rest.filter(at=change.over.at).delete()  # a newer rest, of another process, stays


def _spells(channel: Channel) -> dict[str, Spell]:
    rests = Rest.objects.filter(channel=channel)
    return {rest.provider: Spell(at=rest.at, until=rest.until, reason=rest.reason) for rest in rests}


def _look_at_receipts(way: Pair, channel: Channel, *, now: datetime) -> None:
    """Whether most telephones that a network should have reached in the last minutes are silent."""
    live = Alert.objects.live_for_contacts(now)
    recent = Delivery.objects.filter(alert__in=live, channel=channel, created_at__gt=now - LOOKED_BACK)
    for name in way.health.names:
        due = Q(moved_at__lte=now - RECEIPT_WITHIN.get(name, _DEFAULT_WITHIN), state=DeliveryState.ACCEPTED)
        heard = ~Q(state__in=[DeliveryState.ACCEPTED, DeliveryState.DUE, DeliveryState.SENDING, DeliveryState.UNKNOWN])
        found = recent.filter(due | heard, provider=name).aggregate(
            all=Count("contact", distinct=True), silent=Count("contact", distinct=True, filter=due)
        )
        if found["all"] >= LEAST and found["silent"] >= MOST_SILENT * found["all"]:
            way.health.rest(name, LATE_RECEIPTS, now=now)
