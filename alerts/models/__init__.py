"""The nouns of the record: fields, constraints, querysets."""

from alerts.models.accounts import Account
from alerts.models.alerts import Alert, Click, Event, Look, Position
from alerts.models.associations import Advocate, Association, Button
from alerts.models.changes import Change, ChangeKind
from alerts.models.consents import Consent, ConsentToken
from alerts.models.contacts import MOST_CONTACTS, ON_CALL_RANK, Contact
from alerts.models.deliveries import Delivery, Link, LinkToken
from alerts.models.entrances import Invitation, RecoveryCode, RecoveryKind, Sitting
from alerts.models.ladders import Ladder
from alerts.models.meters import Meter
from alerts.models.recordings import Handover, Lodging, Recording, RecordingState
from alerts.models.sheets import PoliceSheet
from alerts.models.victims import PairingCode, PairingGuess, Phone, Victim
from alerts.models.watch import Beat, Finding, Hook, Rest, Tariff

__all__ = [
    "MOST_CONTACTS",
    "ON_CALL_RANK",
    "Account",
    "Advocate",
    "Alert",
    "Association",
    "Beat",
    "Button",
    "Change",
    "ChangeKind",
    "Click",
    "Consent",
    "ConsentToken",
    "Contact",
    "Delivery",
    "Event",
    "Finding",
    "Handover",
    "Hook",
    "Invitation",
    "Ladder",
    "Link",
    "LinkToken",
    "Lodging",
    "Look",
    "Meter",
    "PairingCode",
    "PairingGuess",
    "Phone",
    "PoliceSheet",
    "Position",
    "Recording",
    "RecordingState",
    "RecoveryCode",
    "RecoveryKind",
    "Rest",
    "Sitting",
    "Tariff",
    "Victim",
]
