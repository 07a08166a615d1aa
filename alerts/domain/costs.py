"""What the networks will bill: segments of texts, begun minutes of calls, mails; in euros where a tariff is known.

Counted is what left: each copy that a network took, or may have taken. Prices are the operator's rows (`Tariff`): none
is written here. The canary's drills are counted apart, and their sums outlive them, as meters. A month is one of the
service's own time zone.
"""

import math
import threading
import time
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily

from alerts.domain.messages import gsm
from alerts.models import Alert, Association, Contact, Delivery, Meter, Tariff
from alerts.providers.base import Message
from alerts.states import Channel

Whose = tuple[Any, ...]

_ASK_EVERY = 60.0  # seconds between two counts for /metrics: whoever scrapes each second reads the same figure
_EARLIEST, _LATEST = 2000, 2999  # years
_GONE, _LEFT = "gone:", "left:"
_FRENCH = "+33"  # how what is left without a number is priced
_TAKEN = ~Q(provider_id="")
_UNITS = Case(
    When(_TAKEN, channel=Channel.SMS, then=Greatest("parts", Value(1))),  # known to the network alone after a kill
    When(channel=Channel.SMS, then=F("parts")),
    When(channel=Channel.VOICE, then=(Coalesce("seconds", 0) + Value(59)) / Value(60)),
    When(_TAKEN, channel=Channel.EMAIL, then=Value(1)),
    default=Value(0),
    output_field=IntegerField(),
)


@dataclass(kw_only=True)
class Bill:
    """Units per channel, and what they cost; `unpriced` are units for which no tariff is known."""

    alerts: int = 0
    sms_parts: int = 0
    call_minutes: int = 0
    mails: int = 0
    euros: Decimal = field(default_factory=Decimal)
    unpriced: int = 0

    def add(self, channel: Channel, units: int, price: Decimal | None) -> None:
        """Count so many units of a channel; without a price they are only counted."""
        if channel is Channel.SMS:
            self.sms_parts += units
        elif channel is Channel.VOICE:
            self.call_minutes += units
        else:
            self.mails += units
        if price is None:
            self.unpriced += units
        else:
            self.euros += units * price


@dataclass(frozen=True, kw_only=True)
class Charge:
    """The bill of one association; without one: of victims who belong to none, or of the canary."""

    association: Association | None
    canary: bool
    bill: Bill


def parts_of(message: Message) -> int:
    """The segments of one copy of a text (3GPP TS 23.038); a call is billed by its length, a mail by itself: 0."""
    return gsm.segments(message.text) if message.channel is Channel.SMS else 0


def month(at: datetime) -> tuple[datetime, datetime]:
    """The month around this moment, in the service's own time zone: its beginning and that of the next."""
    begin = timezone.localtime(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
    return begin, following


def month_named(name: str) -> datetime:
    """The beginning of a month written as `2026-11`. Raises ValueError for anything else."""
    year, month_number = (int(part) for part in name.split("-"))
    if not _EARLIEST <= year <= _LATEST:
        raise ValueError(name)
    return datetime(year, month_number, 1, tzinfo=timezone.get_default_timezone())


def of_month(at: datetime) -> list[Charge]:
    """What every association costs in the month around this moment, by name; nobody's and the canary's at the end."""
    begin, end = month(at)
    sent = Delivery.objects.filter(created_at__gte=begin, created_at__lt=end)
    bills: defaultdict[Whose, Bill] = defaultdict(Bill)
    bills.update(_bills(sent, "contact__victim__association", "contact__victim__canary"))
    opened = Alert.objects.filter(opened_at__gte=begin, opened_at__lt=end).order_by()
    whose = ("victim__association", "victim__canary")
    for *key, alerts in opened.values_list(*whose).annotate(alerts=Count("pk")):
        bills[tuple(key)].alerts = alerts
    _add_kept(bills, f"{begin:%Y-%m}")
    names = Association.objects.in_bulk([pk for pk, _ in bills if pk is not None])
    charges = [
        Charge(association=names.get(pk) if pk is not None else None, canary=canary, bill=bill)
        for (pk, canary), bill in bills.items()
    ]
    return sorted(charges, key=lambda one: (one.canary, one.association is None, str(one.association or "")))


def of_alerts(alerts: Iterable[Alert]) -> dict[UUID, Bill]:
    """What each of these alerts costs, by its id; nothing of those that cost nothing."""
    return {pk: bill for (pk,), bill in _bills(Delivery.objects.filter(alert__in=list(alerts)), "alert").items()}


def _bills(sent: QuerySet[Delivery], *whose: str) -> dict[Whose, Bill]:
    """Units and prices of these deliveries, by whose they are."""
    tariffs = _Tariffs.read()
    bills: defaultdict[Whose, Bill] = defaultdict(Bill)
    by = ("provider", "channel", *(["contact"] if tariffs.know_prefixes else []))
    counted = sent.order_by().values_list(*whose, *by).annotate(units=Sum(_UNITS)).filter(units__gt=0)
    rows = [(row[: len(whose)], *row[len(whose) :]) for row in counted]
    numbers = _numbers({row[3] for row in rows}) if tariffs.know_prefixes else {}
    for key, provider, channel, *rest in rows:
        number = numbers.get(rest[0], "") if tariffs.know_prefixes else ""
        bills[key].add(Channel(channel), rest[-1], tariffs.price(provider, channel, number))
    return dict(bills)


# ---- What rows cost before they were deleted: the canary's as meters `gone:2026-11:twilio:sms`, `gone:2026-11:alerts`,
# ---- those of victims as `left:2026-11:3:twilio:sms`, 3 being their association and 0 none: nobody is in them.


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """Units of one channel of one network; without a channel, alerts."""

    association: int | None
    canary: bool
    provider: str
    channel: str
    count: int


def keep(alerts: Collection[UUID], *, now: datetime) -> None:
    """Keep the sums of drills of the canary. Call it in the transaction that deletes them, under their locks."""
    sums: defaultdict[str, int] = defaultdict(int)
    for opened_at in Alert.objects.filter(pk__in=alerts).values_list("opened_at", flat=True):
        sums[f"{_GONE}{_name(opened_at)}:alerts"] += 1
    sent = Delivery.objects.filter(alert__in=alerts).annotate(units=_UNITS).filter(units__gt=0)
    for provider, channel, at, units in sent.values_list("provider", "channel", "created_at", "units"):
        sums[f"{_GONE}{_name(at)}:{provider}:{channel}"] += units
    _add_up(sums, now=now)


def keep_left(sent: QuerySet[Delivery], *, now: datetime, alerts: Collection[UUID] = ()) -> None:
    """Keep the sums of these deliveries, and the number of these alerts, before both are deleted for good.

    Call it in the transaction that deletes them, under their locks.
    """
    sums: defaultdict[str, int] = defaultdict(int)
    opened = Alert.objects.filter(pk__in=alerts).values_list("opened_at", "victim__association")
    for at, association in opened:
        sums[f"{_LEFT}{_name(at)}:{association or 0}:alerts"] += 1
    counted = sent.order_by().annotate(units=_UNITS).filter(units__gt=0)
    columns = ("contact__victim__association", "provider", "channel", "created_at", "units")
    for association, provider, channel, at, units in counted.values_list(*columns):
        sums[f"{_LEFT}{_name(at)}:{association or 0}:{provider}:{channel}"] += units
    _add_up(sums, now=now)


def _name(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m}"


def _add_up(sums: Mapping[str, int], *, now: datetime) -> None:
    Meter.objects.bulk_create([Meter(key=key, since=now) for key in sorted(sums)], ignore_conflicts=True)
    for key in sorted(sums):
        Meter.objects.filter(key=key).update(count=F("count") + sums[key])


def _kept(name: str = "") -> Iterator[_Kept]:
    """The sums of a month, or of all months."""
    for start in (_GONE, _LEFT):
        for key, count in Meter.objects.filter(key__startswith=f"{start}{name}").values_list("key", "count"):
            words = key.split(":")[2:]
            whose = 0 if start == _GONE else int(words.pop(0))
            *_, provider, channel = ("", *words)
            yield _Kept(
                association=whose or None,
                canary=start == _GONE,
                provider=provider,
                channel="" if channel == "alerts" else channel,
                count=count,
            )


def _add_kept(bills: defaultdict[Whose, Bill], name: str) -> None:
    tariffs, canarys = _Tariffs.read(), None
    for one in _kept(name):
        bill = bills[one.association, one.canary]
        if not one.channel:
            bill.alerts += one.count
            continue
        if one.canary and canarys is None:
            canarys = Contact.objects.filter(victim__canary=True).values_list("phone_number", flat=True).first() or ""
        number = canarys or "" if one.canary else _FRENCH
        bill.add(Channel(one.channel), one.count, tariffs.price(one.provider, one.channel, number))


def _numbers(contacts: Iterable[int]) -> dict[int, str]:
    """Numbers are encrypted, so that no query can look at their prefix."""
    return dict(Contact.objects.filter(pk__in=contacts).values_list("pk", "phone_number"))


@dataclass(frozen=True)
class _Tariffs:
    rows: Sequence[Tariff]

    @classmethod
    def read(cls) -> "_Tariffs":
        return cls(sorted(Tariff.objects.all(), key=lambda row: len(row.prefix), reverse=True))

    @property
    def know_prefixes(self) -> bool:
        return any(row.prefix for row in self.rows)

    def price(self, provider: str, channel: str, number: str) -> Decimal | None:
        """In euros for one unit; the longest prefix that fits decides."""
        fitting = (
            row.price
            for row in self.rows
            if (row.provider, row.channel) == (provider, channel) and number.startswith(row.prefix)
        )
        return next(fitting, None)


class PartsCounter:
    """Everything ever sent, by provider and channel, counted in the rows once a minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: Mapping[tuple[str, str], int] = {}
        self._asked = -math.inf

    def figure(self) -> CounterMetricFamily:
        """`sherif_message_parts_total`: segments of texts, begun minutes of calls, mails."""
        family = CounterMetricFamily(
            "sherif_message_parts", "Segments of SMS, begun minutes of calls, mails", labels=["provider", "channel"]
        )
        for labels, units in self._fresh().items():
            family.add_metric(labels, units)
        return family

    def _fresh(self) -> Mapping[tuple[str, str], int]:
        with self._lock:
            if time.monotonic() - self._asked >= _ASK_EVERY:
                rows = Delivery.objects.order_by().values_list("provider", "channel").annotate(units=Sum(_UNITS))
                counted = Tally({(provider or "none", channel): units for provider, channel, units in rows if units})
                for one in _kept():
                    if one.channel:
                        counted[one.provider or "none", one.channel] += one.count
                self._counted = counted
                self._asked = time.monotonic()
            return self._counted


parts = PartsCounter()
