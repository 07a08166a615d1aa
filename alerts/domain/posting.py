"""Messages of no alert, such as an invitation: rows like any other, sent apart from those that help somebody.

One thread of the worker sends them one after the other, so that a network that hangs keeps nothing but them waiting,
and no invitation ever takes the seat of an alert. In doubt the network is asked, as everywhere: at most one duplicate.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from alerts.domain import consenting, costs, deliveries, inviting
from alerts.domain.messages import invitation
from alerts.domain.rounds import Rounds
from alerts.domain.ways import Ways
from alerts.models import ConsentToken, Contact, Delivery
from alerts.models.deliveries import DeliveryQuerySet
from alerts.providers.base import CannotTellError, Message, ProviderError, Receipt, Sought, UnknownOutcomeError
from alerts.states import TOLD, Channel, DeliveryState, Occasion

EVERY = 1.0  # seconds
LEASE = timedelta(seconds=30)  # a network answers within ten
KEPT_TRYING = timedelta(days=1)
BELIEVED_AFTER = timedelta(seconds=5)  # a network that lists nothing then has nothing
ASKED_AFTER = timedelta(seconds=30)
ASKED_AGAIN = timedelta(minutes=10)
_NEVER = timedelta(days=3650)
_AT_ONCE = 20
_LEFT, _STOPPED, _TOO_LATE = "contact_left", "stopped", "too_late"

Clock = Callable[[], datetime]

log = logging.getLogger(__name__)


class Poster(Rounds):
    """The thread."""

    def __init__(self, ways: Ways, *, worker: str) -> None:
        super().__init__("post")
        self._ways = ways
        self._worker = worker

    def act(self) -> None:
        """As Rounds."""
        post(self._ways, worker=self._worker)

    def pause(self) -> float:
        """As Rounds."""
        return EVERY


def post(ways: Ways, *, worker: str, clock: Clock = timezone.now) -> None:
    """One round: send what is due, ask about what is in doubt or was never confirmed, fall back to mail."""
    _give_back(now=clock())
    _each(_alone().due(clock()).order_by("not_before"), lambda row: _send(row, ways, worker=worker, clock=clock))
    _each(_in_doubt(clock()), lambda row: _settle(row, ways, now=clock()))
    _each(_unheard_of(clock()), lambda row: _ask(row, ways, now=clock()))
    _fall_back(now=clock())


def _alone() -> DeliveryQuerySet:
    return Delivery.objects.filter(alert=None)


def _each(rows: DeliveryQuerySet, do: Callable[[Delivery], None]) -> None:
    """Some of them, each by itself: one that no key decrypts, or a fault of ours, holds back no other."""
    for pk in list(rows.values_list("pk", flat=True)[:_AT_ONCE]):
        try:
            delivery = Delivery.objects.select_related("contact__victim").filter(pk=pk).first()
            if delivery is not None:
                do(delivery)
        except DatabaseError:
            raise
        except Exception:
            log.exception("Delivery %s could not be posted; it will be looked at again.", pk)


def _give_back(*, now: datetime) -> None:
    """What a dead worker held may have left: it is asked about."""
    for held in _alone().filter(state=DeliveryState.SENDING, leased_until__lte=now).only("pk"):
        deliveries.move_alone(held, DeliveryState.UNKNOWN, now=now, doubts=F("doubts") + 1, not_before=now)


def _send(delivery: Delivery, ways: Ways, *, worker: str, clock: Clock) -> None:
    token = _lease(delivery, worker=worker, now=clock())
    if token is None:
        return
    if why := _refusal(delivery, now=clock()):
        deliveries.move_alone(delivery, DeliveryState.FAILED, now=clock(), error_code=why)
        return
    message = _message(delivery, token)
    try:
        receipt = ways[Channel(delivery.channel)].send(message)
    except ProviderError as error:
        _refused(delivery, error, now=clock())
    except UnknownOutcomeError as error:
        later = clock() + BELIEVED_AFTER
        doubt = {"doubts": F("doubts") + 1, "not_before": later, "provider": error.provider}
        deliveries.move_alone(delivery, DeliveryState.UNKNOWN, now=clock(), parts=costs.parts_of(message), **doubt)
    else:
        _taken(delivery, receipt, now=clock(), parts=F("parts") + costs.parts_of(message))


def _lease(delivery: Delivery, *, worker: str, now: datetime) -> str | None:
    """The token of the page if this very call took the lease; both are written, or neither."""
    with transaction.atomic():
        due = Delivery.objects.due(now).filter(pk=delivery.pk)
        leased = {"leased_until": now + LEASE, "leased_by": worker, "moved_at": now, "provider": ""}
        if not due.update(state=DeliveryState.SENDING, attempts=F("attempts") + 1, **leased):
            return None
        return consenting.draw(delivery.contact, delivery, at=now)


def _refusal(delivery: Delivery, *, now: datetime) -> str:
    """Why this message must not go out any more, or nothing."""
    contact = delivery.contact
    if contact.state not in TOLD:
        return _LEFT
    if delivery.channel == Channel.SMS and contact.sms_stopped_at is not None:
        return _STOPPED
    return _TOO_LATE if now - delivery.created_at > KEPT_TRYING else ""


def _message(delivery: Delivery, token: str) -> Message:
    contact, channel = delivery.contact, Channel(delivery.channel)
    link = consenting.url(token)
    composed = invitation.compose(contact.victim.name, language=contact.language, link=link, channel=channel)
    path: str = reverse("alerts:twilio_status", args=[delivery.pk])
    return Message(
        id=delivery.pk,
        channel=channel,
        to=contact.email if channel is Channel.EMAIL else contact.phone_number,
        name=contact.name,
        text=composed.text,
        subject=composed.subject,
        html=composed.html,
        language=contact.language,
        receipts=f"{settings.SHERIF.public_url}{path}" if channel is not Channel.EMAIL else "",
    )


def _refused(delivery: Delivery, error: ProviderError, *, now: datetime) -> None:
    log.warning("Delivery %s was refused (%s).", delivery.pk, error.code)
    if error.permanent:
        deliveries.move_alone(delivery, DeliveryState.FAILED, now=now, error_code=error.code)
        return
    again = deliveries.next_attempt(delivery.attempts + 1, now=now, retry_after=error.retry_after)
    deliveries.move_alone(delivery, DeliveryState.DUE, now=now, error_code=error.code, not_before=again)


def _taken(delivery: Delivery, receipt: Receipt, *, now: datetime, **more: object) -> None:
    named = {"provider": receipt.provider, "provider_id": receipt.provider_id, "error_code": ""}
    deliveries.move_alone(delivery, DeliveryState.ACCEPTED, now=now, **named, **more)


def _in_doubt(now: datetime) -> DeliveryQuerySet:
    return _alone().filter(state=DeliveryState.UNKNOWN, not_before__lte=now).order_by("not_before")


def _settle(delivery: Delivery, ways: Ways, *, now: datetime) -> None:
    """Taken, or sent once more; in doubt a second time it goes again on the network's clear word alone."""
    try:
        found = ways[Channel(delivery.channel)].find(_sought(delivery))
    except CannotTellError:
        if delivery.doubts <= 1:
            _again(delivery, now=now)
        else:
            _rest(delivery, until=now + _NEVER)
    except ProviderError:
        _rest(delivery, until=now + ASKED_AGAIN)
    else:
        if found is not None:
            _taken(delivery, found, now=now)
        elif now - delivery.moved_at >= BELIEVED_AFTER:
            _again(delivery, now=now)


def _again(delivery: Delivery, *, now: datetime) -> None:
    deliveries.move_alone(delivery, DeliveryState.DUE, now=now, error_code=deliveries.RESENT, not_before=now)


def _rest(delivery: Delivery, *, until: datetime) -> None:
    _alone().filter(pk=delivery.pk, state=DeliveryState.UNKNOWN).update(not_before=until)


def _sought(delivery: Delivery) -> Sought:
    channel = Channel(delivery.channel)
    hashes = ConsentToken.objects.filter(delivery=delivery).values_list("token_hash", flat=True)
    return Sought(
        id=delivery.pk,
        channel=channel,
        to=delivery.contact.email if channel is Channel.EMAIL else delivery.contact.phone_number,
        since=delivery.created_at,
        token_hashes=frozenset(hashes),
        provider=delivery.provider if delivery.doubts <= 1 else "",
    )


def _unheard_of(now: datetime) -> DeliveryQuerySet:
    """Texts that were taken and of which nothing was heard since."""
    due = Q(asked_at=None) | Q(asked_at__lte=now - ASKED_AGAIN)
    taken = _alone().filter(due, state=DeliveryState.ACCEPTED, channel=Channel.SMS)
    return taken.filter(moved_at__lte=now - ASKED_AFTER, moved_at__gt=now - KEPT_TRYING).exclude(provider_id="")


def _ask(delivery: Delivery, ways: Ways, *, now: datetime) -> None:
    mine = _alone().filter(pk=delivery.pk, state=DeliveryState.ACCEPTED, asked_at=delivery.asked_at)
    if not mine.update(asked_at=now):
        return
    try:
        standing = ways[Channel(delivery.channel)].ask(Channel(delivery.channel), delivery.provider_id)
    except ProviderError:
        return
    if standing is not None and standing.state != DeliveryState.ACCEPTED:
        deliveries.receive_receipt(delivery.pk, standing, now=now)


def _fall_back(*, now: datetime) -> None:
    """An invitation by text that will never arrive goes by mail, where there is an address."""
    failed = _alone().filter(occasion=Occasion.INVITATION, channel=Channel.SMS, state=DeliveryState.FAILED)
    lately = failed.filter(moved_at__gt=now - ASKED_AGAIN).exclude(error_code__in=(_LEFT, _TOO_LATE))
    for row in lately:
        with transaction.atomic():
            contact = Contact.objects.select_for_update().get(pk=row.contact_id)
            mails = contact.deliveries.filter(alert=None, channel=Channel.EMAIL, created_at__gte=row.created_at)
            wanted = contact.state in TOLD and contact.by_email and bool(contact.email)
            if wanted and not mails.exists():
                inviting.write(contact, Channel.EMAIL, now=now)
