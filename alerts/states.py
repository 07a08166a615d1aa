"""Every state and every allowed move, on one page. States only move forward."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class Gesture(StrEnum):
    """What her hand did."""

    SINGLE = "single"
    DOUBLE = "double"
    LONG = "long"


class AlertKind(StrEnum):
    """How grave; a stronger gesture upgrades an open alert, never the other way."""

    PREVENTION = "prevention"
    RESCUE = "rescue"
    ALARM = "alarm"


KIND_OF_GESTURE: Mapping[Gesture, AlertKind] = {
    Gesture.SINGLE: AlertKind.PREVENTION,
    Gesture.DOUBLE: AlertKind.RESCUE,
    Gesture.LONG: AlertKind.ALARM,
}
GRAVITY: Mapping[AlertKind, int] = {AlertKind.PREVENTION: 1, AlertKind.RESCUE: 2, AlertKind.ALARM: 3}


class AlertState(StrEnum):
    """Closed under duress is closed on her phone only: for the contacts it goes on until the cap."""

    OPEN = "open"
    CLOSED = "closed"
    CLOSED_UNDER_DURESS = "closed_under_duress"
    EXPIRED = "expired"


ALERT_MOVES: Mapping[AlertState, frozenset[AlertState]] = {
    AlertState.OPEN: frozenset({AlertState.CLOSED, AlertState.CLOSED_UNDER_DURESS, AlertState.EXPIRED}),
    AlertState.CLOSED: frozenset(),
    AlertState.CLOSED_UNDER_DURESS: frozenset({AlertState.EXPIRED}),
    AlertState.EXPIRED: frozenset(),
}
LIVE_FOR_CONTACTS = frozenset({AlertState.OPEN, AlertState.CLOSED_UNDER_DURESS})


class Channel(StrEnum):
    """A way to reach a contact."""

    SMS = "sms"
    VOICE = "voice"
    EMAIL = "email"


class Occasion(StrEnum):
    """Why a delivery exists; one per alert, contact and channel for each occasion."""

    CLICK = "click"
    UPGRADE = "upgrade"
    UPGRADE_2 = "upgrade_2"  # prevention, rescue, alarm: two upgrades of one alert
    ROUND_1 = "round_1"
    ROUND_2 = "round_2"
    ROUND_3 = "round_3"
    ROUND_4 = "round_4"  # the ladder climbed again after a release: three rounds each time, three times at most
    ROUND_5 = "round_5"
    ROUND_6 = "round_6"
    ROUND_7 = "round_7"
    ROUND_8 = "round_8"
    ROUND_9 = "round_9"
    ON_CALL = "on_call"  # the on-call line of her association, after the third round
    ON_CALL_2 = "on_call_2"
    ON_CALL_3 = "on_call_3"
    CORRECTION = "correction"
    END = "end"
    DRILL = "drill"
    INVITATION = "invitation"
    CODE = "code"
    NOTICE = "notice"


ENDINGS = frozenset({Occasion.END, Occasion.CORRECTION})  # they tell of no danger, and carry no link
ROUNDS = (
    Occasion.ROUND_1,
    Occasion.ROUND_2,
    Occasion.ROUND_3,
    Occasion.ROUND_4,
    Occasion.ROUND_5,
    Occasion.ROUND_6,
    Occasion.ROUND_7,
    Occasion.ROUND_8,
    Occasion.ROUND_9,
)
LAST_ROUNDS = ROUNDS[2::3]  # of a lap: their texts wait for a telephone that is off
ON_CALLS = (Occasion.ON_CALL, Occasion.ON_CALL_2, Occasion.ON_CALL_3)


class DeliveryState(StrEnum):
    """Where one message to one contact by one channel stands."""

    DUE = "due"  # written with the click, waiting for a worker
    SENDING = "sending"  # leased by a worker, perhaps already with the provider
    UNKNOWN = "unknown"  # the provider may or may not have taken it: ask before sending again
    ACCEPTED = "accepted"  # the provider took it
    FAILED = "failed"  # it will never arrive by this channel
    DELIVERED = "delivered"  # a receipt says that it reached the telephone
    OPENED = "opened"  # a human opened its link
    ANSWERED = "answered"  # a human pressed a key: never a mere pick-up


_SEEN = frozenset({DeliveryState.OPENED, DeliveryState.ANSWERED})
# How far a message came, the least first: of several to one person the farthest is told.
FARTHER = (
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
    DeliveryState.DUE,
    DeliveryState.SENDING,
    DeliveryState.ACCEPTED,
    DeliveryState.DELIVERED,
    DeliveryState.OPENED,
    DeliveryState.ANSWERED,
)
DELIVERY_MOVES: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    # Beyond being leased: it goes out again because nobody knew, and now a receipt or her relative says that it came.
    DeliveryState.DUE: frozenset({DeliveryState.SENDING, DeliveryState.ACCEPTED, DeliveryState.DELIVERED}) | _SEEN,
    DeliveryState.SENDING: frozenset(
        {
            DeliveryState.ACCEPTED,
            DeliveryState.FAILED,
            DeliveryState.UNKNOWN,
            DeliveryState.DUE,
            DeliveryState.DELIVERED,
        }
    )
    | _SEEN,
    DeliveryState.UNKNOWN: frozenset({DeliveryState.ACCEPTED, DeliveryState.DUE, DeliveryState.DELIVERED}) | _SEEN,
    DeliveryState.ACCEPTED: frozenset({DeliveryState.DELIVERED, DeliveryState.FAILED}) | _SEEN,
    DeliveryState.FAILED: _SEEN,
    DeliveryState.DELIVERED: _SEEN,
    DeliveryState.OPENED: frozenset(),
    DeliveryState.ANSWERED: frozenset(),
}


class ContactState(StrEnum):
    """Whether a relative agreed to be told."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    DECOY = "decoy"  # looks enrolled, is never told anything again
    REMOVED = "removed"  # by her; tells the contact nothing


_STAYED = frozenset({ContactState.INVITED, ContactState.ACCEPTED})
CONTACT_MOVES: Mapping[ContactState, frozenset[ContactState]] = {
    ContactState.INVITED: frozenset(
        {
            ContactState.ACCEPTED,
            ContactState.DECLINED,
            ContactState.WITHDRAWN,
            ContactState.DECOY,
            ContactState.REMOVED,
        }
    ),
    ContactState.ACCEPTED: frozenset({ContactState.WITHDRAWN, ContactState.DECOY, ContactState.REMOVED}),
    # Asked again by her, or of a changed mind on their own page.
    ContactState.DECLINED: frozenset({ContactState.INVITED, ContactState.ACCEPTED, ContactState.REMOVED}),
    ContactState.WITHDRAWN: frozenset({ContactState.INVITED, ContactState.ACCEPTED, ContactState.REMOVED}),
    ContactState.DECOY: frozenset({ContactState.REMOVED}),
    ContactState.REMOVED: _STAYED,  # undo, to what it was
}
TOLD = _STAYED


class ConsentAnswer(StrEnum):
    """What a relative said on the consent page; what she makes of it is `ContactState`."""

    AWAITED = "awaited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class FindingKind(StrEnum):
    """What the auditor may find wrong."""

    NOBODY_REACHED = "nobody_reached"  # an open alert older than a minute of which nobody is known to know
    OVERDUE = "overdue"  # a message that should have left and did not
    LEASED_TOO_LONG = "leased_too_long"
    IN_DOUBT = "in_doubt"  # nobody can tell whether a message was taken
    LADDER_OVERDUE = "ladder_overdue"
    RECEIPTS_MISSING = "receipts_missing"
    PROVIDER_REFUSES_US = "provider_refuses_us"  # our key or our sender is wrong: nobody at all is told
    WORKERS_SILENT = "workers_silent"  # no worker was seen: the next click would wait
    CANARY_FAILED = "canary_failed"


class ButtonState(StrEnum):
    """From the box of an association to her hand and back."""

    STOCK = "stock"
    HANDED_OVER = "handed_over"
    ACTIVATED = "activated"
    DRILLED = "drilled"
    USED = "used"
    RETURNED = "returned"


BUTTON_MOVES: Mapping[ButtonState, frozenset[ButtonState]] = {
    ButtonState.STOCK: frozenset({ButtonState.HANDED_OVER}),
    ButtonState.HANDED_OVER: frozenset({ButtonState.ACTIVATED, ButtonState.RETURNED}),
    ButtonState.ACTIVATED: frozenset({ButtonState.DRILLED, ButtonState.USED, ButtonState.RETURNED}),
    ButtonState.DRILLED: frozenset({ButtonState.USED, ButtonState.RETURNED}),
    ButtonState.USED: frozenset({ButtonState.RETURNED}),
    ButtonState.RETURNED: frozenset({ButtonState.STOCK}),
}

State = TypeVar("State", AlertState, DeliveryState, ContactState, ButtonState)


def before(moves: Mapping[State, frozenset[State]], to: State) -> frozenset[State]:
    """The states from which `to` may be reached in one move."""
    return frozenset(start for start, ends in moves.items() if to in ends)


class EventKind(StrEnum):
    """What a line of the timeline says."""

    OPENED = "opened"
    CLICKED = "clicked"  # a weaker or equal gesture during an open alert
    UPGRADED = "upgraded"
    CLOSED = "closed"
    FALSE_ALARM = "false_alarm"
    CLOSED_UNDER_DURESS = "closed_under_duress"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    LINK_OPENED = "link_opened"
    ANSWERED = "answered"
    TAKE_CHARGE = "take_charge"
    RELEASE = "release"
    HAND_OVER = "hand_over"
    CALL_17 = "call_17"
    REACHED_17 = "reached_17"
    NOT_REACHED_17 = "not_reached_17"
    GO = "go"
    CHILDREN = "children"
    STAND_BY = "stand_by"
    CUT_OFF = "cut_off"
    DECLINED = "declined"  # key 9: this contact cannot help
    ROUND_1 = "round_1"  # nobody took charge: those not reached are called again
    ROUND_2 = "round_2"
    ROUND_3 = "round_3"
    ON_CALL = "on_call"  # nobody took charge: the on-call line is called
    EXHAUSTED = "exhausted"  # everybody was called, nobody took charge
    NOBODY_REACHED = "nobody_reached"  # the auditor: nobody is known to have received anything
    LIMITED = "limited"  # a repetition waits, because so many went out
    STOPPED = "stopped"  # a contact answered STOP
    POSITION_FIRST = "position_first"  # the click had none
    POSITION_BACK = "position_back"  # after a silence of minutes


class Action(StrEnum):
    """What a responder may do."""

    TAKE_CHARGE = "take_charge"
    RELEASE = "release"
    HAND_OVER = "hand_over"
    CALL_17 = "call_17"
    REACHED_17 = "reached_17"
    NOT_REACHED_17 = "not_reached_17"
    GO = "go"
    CHILDREN = "children"
    STAND_BY = "stand_by"
