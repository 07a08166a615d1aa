"""What she sets up, in the order that serves her best, and what of it is still missing.

First what hides, then what helps: a dull name, the codes, people, what they will tell the police and read; then the
telephone, and a drill that proves all of it. Ways back into the account come last: nothing of the alarm waits for them.
"""

from enum import StrEnum

from alerts import access
from alerts.domain import contacts, entering, profile
from alerts.models import Victim


class Step(StrEnum):
    """One thing to set up, on one page."""

    FACE = "face"
    CODES = "codes"
    CONTACTS = "contacts"
    SHEET = "sheet"
    MESSAGES = "messages"
    PHONES = "phones"
    DRILL = "drill"
    ABOUT = "about"
    RECOVERY = "recovery"
    SAFE = "safe"


def done(victim: Victim) -> frozenset[Step]:
    """What is set up already."""
    standing = {
        Step.FACE: bool(victim.disguise),
        Step.CODES: bool(victim.pin_hash and victim.duress_pin_hash),
        Step.CONTACTS: bool(contacts.relatives(victim)),
        Step.SHEET: bool(victim.home),
        Step.MESSAGES: bool(victim.text_prevention),
        Step.PHONES: profile.has_phone(victim),
        Step.DRILL: access.drills_of(victim).exists(),
        Step.ABOUT: bool(victim.phone_number),
        Step.RECOVERY: entering.has_paper(victim),
        Step.SAFE: bool(victim.safe_email or victim.safe_number),
    }
    return frozenset(step for step, is_done in standing.items() if is_done)
