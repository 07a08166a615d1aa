"""How the operator's own drill went, judged from rows alone.

A canary is an ordinary alert of somebody who does not exist: her one contact is SHERIF_CANARY_TO. It is well if the
text is known to have arrived, or, where the network gives no receipts, if it was taken.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from alerts.models import Alert, Delivery
from alerts.states import Channel, DeliveryState, Occasion

USERNAME = "canary of the operator"  # nobody can sign up under it: it holds spaces
TAKEN_WITHIN = timedelta(seconds=30)
ARRIVES_WITHIN = timedelta(minutes=2)
WITHOUT_RECEIPTS = ("console",)  # ways out that never say what became of a message

_ON_ITS_WAY = frozenset({DeliveryState.DUE, DeliveryState.SENDING, DeliveryState.UNKNOWN})
_SEEN = frozenset({DeliveryState.OPENED, DeliveryState.ANSWERED})


class Standing(StrEnum):
    """What is known of one canary."""

    RUNNING = "running"
    WELL = "well"
    FAILED = "failed"


def newest() -> Alert | None:
    """The last canary that was let go, ended or not."""
    return Alert.objects.filter(victim__account__username=USERNAME, victim__canary=True).order_by("-opened_at").first()


def standing(alert: Alert, *, now: datetime) -> Standing:
    """Where a canary stands at this moment."""
    text = Delivery.objects.filter(alert=alert, occasion=Occasion.DRILL, channel=Channel.SMS).first()
    if text is None or text.state == DeliveryState.FAILED:
        return Standing.FAILED
    if text.state in _ON_ITS_WAY:
        return Standing.FAILED if now - alert.opened_at > TAKEN_WITHIN else Standing.RUNNING
    after = text.moved_at - alert.opened_at
    if text.provider in WITHOUT_RECEIPTS and text.state == DeliveryState.ACCEPTED:
        return Standing.WELL if after <= TAKEN_WITHIN else Standing.FAILED
    if text.state == DeliveryState.ACCEPTED:
        return Standing.FAILED if now - alert.opened_at > ARRIVES_WITHIN else Standing.RUNNING
    return Standing.WELL if text.state in _SEEN or after <= ARRIVES_WITHIN else Standing.FAILED
