"""In doubt, ask: what became of messages whose fate is unknown.

A message in doubt for the first time goes again when the network says that it has nothing, or when nobody could say
anything for a while. In doubt a second time it goes again on the network's clear word alone, for a third copy would be
one too many: until then it rests as unknown, for everybody to see, and is asked about at growing intervals.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from alerts.domain import composing, deliveries, messages, returning
from alerts.domain.deliveries import IN_DOUBT, RESENT, Outcome
from alerts.domain.questions import Answer
from alerts.domain.sending import Sender
from alerts.models import Alert, Delivery, LinkToken
from alerts.providers.base import CannotTellError, ProviderError, Receipt, Sought
from alerts.states import Channel, DeliveryState

ASK_FOR = timedelta(seconds=20)  # then a first doubt is taken for a loss, whatever becomes of the network
BELIEVE_AFTER = (1, 5, 15, 30)  # by doubts, seconds before a network that lists nothing is believed to have nothing
PATIENCE = 0.5  # seconds that a sweep waits for answers; what comes later is read by a later sweep
_HOLD = timedelta(seconds=10)  # nobody else asks meanwhile
_LONG_AGO = timedelta(minutes=1)  # well beyond what clocks differ by
_SELDOM = timedelta(hours=6)
_NEVER = timedelta(days=3650)


def settle_unknown(sender: Sender, *, now: datetime) -> None:
    """Ask the networks about what is in doubt, and move what they answered. Never waits for one that hangs."""
    until = time.monotonic() + PATIENCE
    while True:
        asked = [delivery for channel in Channel for delivery in _claimed(sender, channel, now=now)]
        for delivery in asked:
            ask(sender, delivery)
        answers = list(sender.questions.answers(until))
        settle(answers, now=now)
        if not (asked or answers) or time.monotonic() >= until:
            return


def ask(sender: Sender, delivery: Delivery) -> None:
    """Put the question; a receipt that came meanwhile has answered it."""
    known = Receipt(provider=delivery.provider, provider_id=delivery.provider_id)
    sought = _sought(delivery)
    way = sender.ways[Channel(delivery.channel)]
    sender.questions.put(delivery, lambda: known if known.provider and known.provider_id else way.find(sought))


def settle(answers: Sequence[Answer], *, now: datetime) -> None:
    """Move the deliveries of which something is known now; what waits for a network that answers again is due."""
    # Of an unknown delivery `asked_at` says when the network was last asked in vain.
    heard = {Channel(answer.delivery.channel) for answer in answers if answer.delivery.asked_at and not answer.error}
    for answer in answers:  # one by one: two calls to one number must not take the same line of the list for theirs
        if outcome := verdict(answer, now=now):
            deliveries.record([outcome], now=now)
    returning.welcome(heard, now=now)


def verdict(answer: Answer, *, now: datetime) -> Outcome | None:
    """What the answer means: taken, or to be sent again. None: it rests, and is asked about later."""
    delivery = answer.delivery
    if answer.found is not None:
        return None if _is_of_another(answer.found, delivery) else _taken(delivery, answer.found)
    if _goes_again(answer, age=now - delivery.moved_at):
        return _again(delivery, now=now)
    _let_rest(answer, now=now)
    return None


def _goes_again(answer: Answer, *, age: timedelta) -> bool:
    doubts = answer.delivery.doubts
    if isinstance(answer.error, CannotTellError):
        return doubts <= 1
    if _was_silent(answer):
        return doubts <= 1 and age >= ASK_FOR
    return age >= _believed_after(doubts)


def _let_rest(answer: Answer, *, now: datetime) -> None:
    delivery = answer.delivery
    changes: dict[str, object] = {}
    if isinstance(answer.error, CannotTellError):
        changes["not_before"] = now + _NEVER
    elif not _was_silent(answer):
        changes |= {"not_before": delivery.moved_at + _believed_after(delivery.doubts), "asked_at": None}
    if delivery.doubts > 1 and answer.error is not None:
        changes["error_code"] = IN_DOUBT
    if changes:
        Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.UNKNOWN).update(**changes)


def _believed_after(doubts: int) -> timedelta:
    return timedelta(seconds=BELIEVE_AFTER[min(max(doubts, 1), len(BELIEVE_AFTER)) - 1])


def _was_silent(answer: Answer) -> bool:
    """No word of the network; one that refuses the very question for good never took the message either."""
    return isinstance(answer.error, ProviderError) and not answer.error.permanent


def _taken(delivery: Delivery, receipt: Receipt) -> Outcome:
    return Outcome(
        delivery=delivery.pk,
        alert=_alert(delivery).pk,
        to=DeliveryState.ACCEPTED,
        provider=receipt.provider,
        provider_id=receipt.provider_id,
    )


def _again(delivery: Delivery, *, now: datetime) -> Outcome:
    return Outcome(delivery=delivery.pk, alert=_alert(delivery).pk, to=DeliveryState.DUE, code=RESENT, not_before=now)


def pause(age: timedelta) -> timedelta:
    """Between two questions about the same message: the older the doubt, the longer."""
    return min(max(age / 4, _HOLD), _SELDOM)


def _claimed(sender: Sender, channel: Channel, *, now: datetime) -> list[Delivery]:
    """Those in doubt that this worker alone asks about now, the longest waiting first.

    Each is claimed in a transaction of its own: several rows in one would be locked in another order than elsewhere.
    """
    unknown = Delivery.objects.filter(state=DeliveryState.UNKNOWN, channel=channel, alert__isnull=False)
    waiting = unknown.filter(not_before__lte=now).select_related("contact", "alert__victim").order_by("not_before")
    return [
        delivery
        for delivery in waiting[: sender.questions.room(channel)]
        if Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.UNKNOWN, not_before=delivery.not_before).update(
            not_before=now + pause(now - delivery.moved_at), asked_at=now
        )
        and not _must_wait(delivery, now=now)
    ]


def _must_wait(delivery: Delivery, *, now: datetime) -> bool:
    """Whether another call to the same number is being asked about: both would take one line of the list for theirs.

    Both were claimed before either looks here, so that one of the two waits, also between two machines.
    """
    twins = _to_the_same(delivery).filter(state=DeliveryState.UNKNOWN, asked_at__gt=now - _HOLD, pk__lt=delivery.pk)
    if LinkToken.objects.filter(delivery=delivery).exists() or not twins.exists():
        return False
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.UNKNOWN).update(
        not_before=now + timedelta(seconds=1), asked_at=delivery.asked_at
    )
    return True


def _to_the_same(delivery: Delivery) -> "QuerySet[Delivery]":
    """All others by this channel to the same telephone, whoever's relative it is; the on-call line is many people's."""
    contact = delivery.contact
    same = Q(contact=contact) | Q(contact__phone_digest=contact.phone_digest)
    others = Delivery.objects.filter(same if contact.phone_digest else Q(contact=contact), channel=delivery.channel)
    return others.exclude(pk=delivery.pk)


def _is_of_another(receipt: Receipt, delivery: Delivery) -> bool:
    return _to_the_same(delivery).filter(provider=receipt.provider, provider_id=receipt.provider_id).exists()


def _sought(delivery: Delivery) -> Sought:
    channel = Channel(delivery.channel)
    others = _to_the_same(delivery).filter(moved_at__gte=delivery.created_at - _LONG_AGO).exclude(provider_id="")
    composed = messages.compose(composing.telling_of(delivery, _alert(delivery), None, token=""), channel)
    return Sought(
        id=delivery.pk,
        channel=channel,
        to=delivery.contact.email if channel is Channel.EMAIL else delivery.contact.phone_number,
        since=delivery.created_at,
        token_hashes=frozenset(LinkToken.objects.filter(delivery=delivery).values_list("token_hash", flat=True)),
        text=composed.text,  # known in advance where no link travels: an ending says no place
        taken_ids=frozenset(others.values_list("provider_id", flat=True)),
        provider=delivery.provider if delivery.doubts <= 1 else "",  # two attempts may lie with two networks
    )


def _alert(delivery: Delivery) -> Alert:
    if delivery.alert is None:
        raise ValueError("a delivery without an alert is not this module's")
    return delivery.alert
