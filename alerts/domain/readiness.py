"""How a drill went: for each person what arrived, what was done and in how many seconds, and what to mend.

A call that was picked up proves nothing: voicemail picks up too. What came after the end of the drill does not count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from alerts.domain import decoys, endings, failures, timeline
from alerts.domain.failures import Reason
from alerts.models import Alert, Contact, Delivery, Event, Link
from alerts.states import ENDINGS, FARTHER, Channel, DeliveryState, EventKind

_SEEN = frozenset({DeliveryState.OPENED, DeliveryState.ANSWERED})


@dataclass(frozen=True, kw_only=True)
class Way:
    """How far it got by one way; `reason` is why it did not arrive."""

    channel: Channel
    state: DeliveryState
    reason: Reason | None = None

    @property
    def words(self) -> str:
        """As a line: "SMS : reçu"."""
        said = _call_words() if self.channel is Channel.VOICE else _words()
        facts = {"channel": timeline.channel_words(self.channel), "state": said[self.state]}
        line = _("%(channel)s : %(state)s") % facts
        why = failures.reason_words(self.reason) if self.reason else ""
        return _("%(line)s, %(reason)s") % {"line": line, "reason": why} if why else line


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """One person in a drill: seconds from its beginning until something arrived, was opened, was taken in charge.

    None is "not, or not known". `stopped`: this number answered STOP to texts.
    """

    name: str
    ways: tuple[Way, ...]
    received: int | None
    opened: int | None
    took_charge: int | None
    declined: bool
    stopped: bool

    @property
    def is_ready(self) -> bool:
        """Whether a human is known to have noticed."""
        return self.opened is not None or self.took_charge is not None or self.declined


@dataclass(frozen=True, kw_only=True)
class Report:
    """How a drill went, or goes so far."""

    is_over: bool
    people: tuple[Readiness, ...]

    @property
    def ready(self) -> int:
        """How many noticed."""
        return sum(person.is_ready for person in self.people)

    @property
    def took_charge(self) -> bool:
        """Whether somebody did."""
        return any(person.took_charge is not None for person in self.people)


def report(drill: Alert, *, now: datetime) -> Report:
    """Everybody who was told, in her order."""
    end = endings.of(drill)
    rows: dict[int, list[Delivery]] = {}
    sent = Delivery.objects.filter(alert=drill, created_at__lte=end).exclude(occasion__in=ENDINGS)
    for row in sent.order_by("created_at"):
        rows.setdefault(row.contact_id, []).append(row)
    clock = _Clock.read(drill, end=end)
    told = [
        (contact, _ways(rows[contact.pk], end=end))
        for contact in Contact.objects.filter(pk__in=rows).order_by("rank", "pk")
    ]
    told += [(contact, _gone(channels)) for contact, channels in decoys.seeming(drill, told=rows)]
    people = tuple(_person(contact, ways, clock) for contact, ways in sorted(told, key=_in_her_order))
    return Report(is_over=now >= end or drill.ended_at is not None, people=people)


def nameless(report: Report) -> Report:
    """The same for eyes that may not read who her relatives are: numbers in her order instead of names."""
    people = enumerate(report.people, start=1)
    return replace(
        report,
        people=tuple(replace(person, name=_("Proche %(rank)d") % {"rank": rank}) for rank, person in people),
    )


def _in_her_order(told: tuple[Contact, tuple[Way, ...]]) -> tuple[int, int]:
    return told[0].rank, told[0].pk


def _gone(channels: Sequence[Channel]) -> tuple[Way, ...]:
    return tuple(Way(channel=channel, state=DeliveryState.ACCEPTED) for channel in Channel if channel in channels)


@dataclass(frozen=True, kw_only=True)
class _Clock:
    """When what happened first to whom, within the drill."""

    begun: datetime
    arrived: Mapping[int, datetime]
    opened: Mapping[int, datetime]
    taken: Mapping[int, datetime]
    declined: Mapping[int, datetime]

    @classmethod
    def read(cls, drill: Alert, *, end: datetime) -> "_Clock":
        events = Event.objects.filter(alert=drill, at__lte=end).order_by("-sequence")
        arrived = events.filter(kind=EventKind.DELIVERED).exclude(delivery__channel=Channel.VOICE)
        taken = events.filter(kind__in=(EventKind.TAKE_CHARGE, EventKind.HAND_OVER))
        declined = events.filter(kind=EventKind.DECLINED)
        opened = Link.objects.filter(alert=drill, opened_at__lte=end).values_list("contact_id", "opened_at")
        return cls(
            begun=drill.opened_at,
            arrived=dict(arrived.values_list("delivery__contact_id", "at")),
            opened={contact: at for contact, at in opened if at is not None},
            taken=dict(taken.values_list("contact_id", "at")),
            declined=dict(declined.values_list("contact_id", "at")),
        )

    def seconds(self, at: datetime | None) -> int | None:
        return None if at is None else max(int((at - self.begun).total_seconds()), 0)


def _person(contact: Contact, ways: tuple[Way, ...], clock: _Clock) -> Readiness:
    opened, taken = clock.opened.get(contact.pk), clock.taken.get(contact.pk)
    noticed = [at for at in (clock.arrived.get(contact.pk), opened, taken) if at is not None]
    return Readiness(
        name=contact.name,
        ways=ways,
        received=clock.seconds(min(noticed, default=None)),
        opened=clock.seconds(opened),
        took_charge=clock.seconds(taken),
        declined=contact.pk in clock.declined,
        stopped=contact.sms_stopped_at is not None,
    )


def _ways(rows: Sequence[Delivery], *, end: datetime) -> tuple[Way, ...]:
    """The furthest by each way: a call of a later round that nobody took undoes nothing."""
    furthest: dict[Channel, Way] = {}
    for row in rows:
        if row.error_code in failures.NEEDLESS:
            continue
        way = Way(channel=Channel(row.channel), state=_state(row, end=end), reason=failures.REASONS.get(row.error_code))
        known = furthest.get(way.channel)
        if known is None or FARTHER.index(way.state) >= FARTHER.index(known.state):
            furthest[way.channel] = way
    return tuple(furthest[channel] for channel in Channel if channel in furthest)


def _state(row: Delivery, *, end: datetime) -> DeliveryState:
    state = DeliveryState(row.state)
    return DeliveryState.ACCEPTED if state in _SEEN and row.moved_at > end else state


def _words() -> Mapping[DeliveryState, str]:
    return {
        DeliveryState.DUE: _("en attente"),
        DeliveryState.SENDING: _("envoi en cours"),
        DeliveryState.UNKNOWN: _("sans réponse du réseau"),
        DeliveryState.ACCEPTED: _("parti"),
        DeliveryState.FAILED: _("échec"),
        DeliveryState.DELIVERED: _("reçu"),
        DeliveryState.OPENED: _("reçu, lien ouvert"),
        DeliveryState.ANSWERED: _("réponse reçue"),
    }


def _call_words() -> Mapping[DeliveryState, str]:
    return {
        **_words(),
        DeliveryState.ACCEPTED: _("lancé"),
        DeliveryState.DELIVERED: _("décroché, peut-être par une messagerie"),
        DeliveryState.ANSWERED: _("une touche a été pressée"),
    }
