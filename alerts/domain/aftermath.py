"""What became of one past alert, person by person, as her pages may tell it: free and forced ends read the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from alerts.domain import decoys, endings, failures, looking, stories, timeline
from alerts.domain.looking import Seen
from alerts.domain.timeline import About
from alerts.models import Alert, Contact, Delivery, Event, Link
from alerts.states import ENDINGS, Channel, EventKind

_FURTHER = ("failed", "waiting", "unsure", "sent", "received", "answered")


@dataclass(frozen=True, kw_only=True)
class Person:
    """One contact who was told. Times are UTC; `looks` counts how often the position was looked at."""

    name: str
    ways: tuple[str, ...]
    opened_at: datetime | None
    looks: int
    looked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Aftermath:
    """A past alert. `lines` are what people did, the oldest first, as (when, what)."""

    ended_at: datetime
    people: tuple[Person, ...]
    lines: tuple[tuple[datetime, str], ...]
    looks: tuple[Seen, ...]


def of(alert: Alert) -> Aftermath:
    """Read it. The alert is over for her."""
    end = endings.of(alert)
    events = stories.hers(alert)[::-1]
    looks = looking.of([alert])
    told = Delivery.objects.filter(alert=alert, created_at__lte=end).exclude(occasion__in=ENDINGS)
    opened = dict(Link.objects.filter(alert=alert, opened_at__lte=end).values_list("contact_id", "opened_at"))
    contacts = list(Contact.objects.filter(pk__in=told.values("contact")))
    people = [(one, _person(one, opened.get(one.pk), events=events, looks=looks)) for one in contacts]
    people += [
        (one, _seeming(one, channels)) for one, channels in decoys.seeming(alert, told=[one.pk for one in contacts])
    ]
    return Aftermath(
        ended_at=end,
        people=tuple(person for _one, person in sorted(people, key=_in_her_order)),
        lines=tuple((event.at, timeline.words(event, placed=False)) for event in events if _is_about_people(event)),
        looks=tuple(looks),
    )


def _is_about_people(event: Event) -> bool:
    return timeline.facts(event)["about"] == About.PEOPLE


def _in_her_order(told: tuple[Contact, Person]) -> tuple[int, int]:
    return told[0].rank, told[0].pk


def _seeming(contact: Contact, channels: Sequence[Channel]) -> Person:
    """A decoy, as told as anybody who did nothing."""
    ways = [_line(channel, _("lancé") if channel is Channel.VOICE else _("parti")) for channel in channels]
    return Person(name=contact.name, ways=tuple(ways), opened_at=None, looks=0, looked_at=None)


def _person(contact: Contact, opened_at: datetime | None, *, events: Sequence[Event], looks: Sequence[Seen]) -> Person:
    own = [seen for seen in looks if seen.contact == contact.pk]
    return Person(
        name=contact.name,
        ways=_ways(contact, events),
        opened_at=opened_at,
        looks=len(own),
        looked_at=max((seen.at for seen in own), default=None),
    )


def _ways(contact: Contact, events: Sequence[Event]) -> tuple[str, ...]:
    """How far it got by each way, in the words of the timeline."""
    newest = {event.delivery: event for event in events if event.delivery and event.delivery.contact_id == contact.pk}
    furthest: dict[Channel, tuple[int, Event]] = {}
    for sent, event in newest.items():
        if _is_needless(event, sent):
            continue
        rank = _FURTHER.index(timeline.OUTCOMES[EventKind(event.kind)])
        channel = Channel(sent.channel)
        if channel not in furthest or rank >= furthest[channel][0]:
            furthest[channel] = rank, event
    return tuple(_way(channel, furthest[channel][1]) for channel in Channel if channel in furthest)


def _line(channel: Channel, state: str) -> str:
    return _("%(channel)s : %(state)s") % {"channel": timeline.channel_words(channel), "state": state}


def _is_needless(event: Event, sent: Delivery) -> bool:
    return event.kind == EventKind.FAILED and sent.error_code in failures.NEEDLESS


def _way(channel: Channel, event: Event) -> str:
    said = {
        "failed": _("échec"),
        "waiting": _("en attente"),
        "unsure": _("sans réponse du réseau"),
        "sent": _("lancé") if channel is Channel.VOICE else _("parti"),
        "received": _("décroché, peut-être par une messagerie") if channel is Channel.VOICE else _("reçu"),
        "answered": _("une touche a été pressée"),
    }[timeline.OUTCOMES[EventKind(event.kind)]]
    line = _line(channel, said)
    failed = event.kind == EventKind.FAILED and event.delivery is not None
    reason = failures.words(event.delivery.error_code) if failed and event.delivery else ""
    return _("%(line)s, %(reason)s") % {"line": line, "reason": reason} if reason else line
