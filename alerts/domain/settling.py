"""In doubt, ask: what became of messages whose fate is unknown.

A message in doubt for the first time goes again when the network says that it has nothing, or when nobody could say
anything for a while. In doubt a second time it goes again on the network's clear word alone, for a third copy would be
one too many: until then it rests as unknown, for everybody to see, and is asked about at growing intervals.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from alerts.domain import composing, deliveries, lookalikes, messages, returning
from alerts.domain.deliveries import IN_DOUBT, RESENT, Outcome
from alerts.domain.lookalikes import AmbiguousError
from alerts.domain.questions import Answer
from alerts.domain.sending import Sender
from alerts.models import Alert, Delivery, LinkToken
from alerts.models.fields import UnreadableError
from alerts.providers.base import CannotTellError, ProviderError, Receipt, Sought
from alerts.states import Channel, DeliveryState

ASK_FOR = timedelta(seconds=20)  # then a first doubt is taken for a loss, whatever becomes of the network
BELIEVE_AFTER = (1, 5, 8)  # by doubts, seconds before a network that lists nothing is believed to have nothing
PATIENCE = 0.5  # seconds that a sweep waits for answers; what comes later is read by a later sweep
_SELDOM = timedelta(hours=6)
_NEVER = timedelta(days=3650)
_UNREADABLE = 100  # rows that no key decrypts, past which the others are still found


def settle_unknown(sender: Sender, *, now: datetime) -> None:
    """Ask the networks about what is in doubt, and move what they answered. Never waits for one that hangs.

    A message that cannot be read, for want of a key, holds back no other; raises its error once all others were asked.
    """
    until = time.monotonic() + PATIENCE
    answered = 0
    while True:
        unreadable: list[Exception] = []
        asked = [one for channel in Channel for one in _claimed(sender, channel, unreadable, now=now)]
        for delivery in asked:
            ask(sender, delivery)
        answers = list(sender.questions.answers(until))
        settle(answers, now=now)
        answered += len(answers)
        if not (asked or answers) or time.monotonic() >= until:
            sender.questions.hurry = bool(answered and asked)
            break
    if unreadable:
        raise unreadable[0]


def ask(sender: Sender, delivery: Delivery) -> None:
    """Put the question; a receipt that came meanwhile has answered it."""
    known = Receipt(provider=delivery.provider, provider_id=delivery.provider_id)
    sought = _sought(delivery)
    way = sender.ways[Channel(delivery.channel)]
    rivals = 0 if lookalikes.is_unmistakable(delivery) else lookalikes.in_doubt(delivery).count()
    is_known = bool(known.provider and known.provider_id)
    sender.questions.put(delivery, lambda: known if is_known else lookalikes.find_among(way, sought, rivals=rivals))


def settle(answers: Sequence[Answer], *, now: datetime) -> None:
    """Move the deliveries of which something is known now; what waits for a network that answers again is due."""
    # Of an unknown delivery `asked_at` says when the network was last asked in vain.
    heard = {Channel(answer.delivery.channel) for answer in answers if answer.delivery.asked_at and not answer.error}
    plain = [answer for answer in answers if lookalikes.is_unmistakable(answer.delivery)]
    deliveries.record([outcome for answer in plain for outcome in verdicts(answer, now=now)], now=now)
    for answer in answers:  # one by one: two calls to one number must not take the same line of the list for theirs
        if answer not in plain:
            deliveries.record(verdicts(answer, now=now), now=now)
    returning.welcome(heard, now=now)


def verdicts(answer: Answer, *, now: datetime) -> list[Outcome]:
    """What the answer means: taken, or to be sent again. Nothing: it rests, and is asked about later."""
    delivery = answer.delivery
    if answer.found is not None:
        return _recognised(delivery, answer.found, now=now)
    if isinstance(answer.error, AmbiguousError) and delivery.doubts <= 1:
        return _all_again(delivery, answer.error, now=now)
    if _goes_again(answer, age=now - delivery.moved_at):
        return [_again(delivery, now=now)]
    _let_rest(answer, now=now)
    return []


def _recognised(delivery: Delivery, found: Receipt, *, now: datetime) -> list[Outcome]:
    if lookalikes.is_of_another(found, delivery):
        return []
    if not lookalikes.is_unmistakable(delivery) and lookalikes.is_disturbed(delivery, now=now):
        lookalikes.put_off(delivery, now=now)
        return []
    return [_taken(delivery, found)]


def _all_again(delivery: Delivery, ambiguous: AmbiguousError, *, now: datetime) -> list[Outcome]:
    """Each at most once more. The names that are somebody's stay with them, so that nobody takes them later."""
    alike = [delivery, *lookalikes.in_doubt(delivery).filter(doubts__lte=1).select_related("alert")]
    names = dict(zip((one.pk for one in alike), ambiguous.found, strict=False))
    return [_again(one, now=now, perhaps=names.get(one.pk)) for one in alike]


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
    if isinstance(answer.error, CannotTellError) and not isinstance(answer.error, AmbiguousError):
        changes["not_before"] = now + _NEVER
    elif _was_silent(answer):
        changes["not_before"] = now + pause(now - delivery.moved_at)
    else:
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


def _again(delivery: Delivery, *, now: datetime, perhaps: Receipt | None = None) -> Outcome:
    return Outcome(
        delivery=delivery.pk,
        alert=_alert(delivery).pk,
        to=DeliveryState.DUE,
        code=RESENT,
        unknown_since=delivery.moved_at,
        provider=perhaps.provider if perhaps else "",
        provider_id=perhaps.provider_id if perhaps else "",
        not_before=now,
    )


def pause(age: timedelta) -> timedelta:
    """Between two questions about the same message: the older the doubt, the longer."""
    return min(max(age / 4, lookalikes.HOLD), _SELDOM)


def _claimed(sender: Sender, channel: Channel, unreadable: list[Exception], *, now: datetime) -> Iterator[Delivery]:
    """Those in doubt that this worker alone asks about now, the longest waiting first; should it die, another one soon.

    Each is claimed in a transaction of its own: several rows in one would be locked in another order than elsewhere.
    """
    unknown = Delivery.objects.filter(state=DeliveryState.UNKNOWN, channel=channel, alert__isnull=False)
    waiting = unknown.filter(not_before__lte=now).order_by("not_before", "created_at")
    room = sender.questions.room(channel)
    for pk in waiting.values_list("pk", flat=True)[: room + _UNREADABLE]:
        if not room:
            return
        try:
            delivery = waiting.select_related("contact", "alert__victim").filter(pk=pk).first()
        except UnreadableError as error:
            unreadable.append(error)
            continue
        if delivery is not None and _claim(delivery, now=now):
            room -= 1
            if not lookalikes.must_wait(delivery, now=now):
                yield delivery


def _claim(delivery: Delivery, *, now: datetime) -> bool:
    mine = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.UNKNOWN, not_before=delivery.not_before)
    return bool(mine.update(not_before=now + lookalikes.HOLD, asked_at=now))


def _sought(delivery: Delivery) -> Sought:
    channel = Channel(delivery.channel)
    hashes = frozenset(LinkToken.objects.filter(delivery=delivery).values_list("token_hash", flat=True))
    return Sought(
        id=delivery.pk,
        channel=channel,
        to=delivery.contact.email if channel is Channel.EMAIL else delivery.contact.phone_number,
        since=delivery.created_at,
        token_hashes=hashes,
        text="" if hashes else _text(delivery, channel),
        taken_ids=lookalikes.taken_ids(delivery),
        provider=delivery.provider if delivery.doubts <= 1 else "",  # two attempts may lie with two networks
    )


def _text(delivery: Delivery, channel: Channel) -> str:
    """Known in advance where no link travels: an ending says no place."""
    return messages.compose(composing.telling_of(delivery, _alert(delivery), None, token=""), channel).text


def _alert(delivery: Delivery) -> Alert:
    if delivery.alert is None:
        raise ValueError("a delivery without an alert is not this module's")
    return delivery.alert
