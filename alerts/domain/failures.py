"""Why a message did not arrive, in plain words: the codes of the networks, of mail servers and of our own refusals."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext as _

from alerts.providers import twilio_words
from alerts.providers.numbers import FORBIDDEN

IN_CHARGE = "in_charge"
DECLINED = "declined"
REPLACED = "replaced"
OVER = "alert_over"
UNTOLD = "untold"
NEEDLESS = frozenset({IN_CHARGE, DECLINED, REPLACED, UNTOLD})  # our own refusals: nobody needs it any more
_STOPPED = "stopped"


class Reason(StrEnum):
    """What somebody can do something about; a code that is not here has no words."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    LANDLINE = "landline"
    STOPPED = "stopped"
    NO_SUCH_NUMBER = "no_such_number"
    NO_SUCH_MAILBOX = "no_such_mailbox"
    NOT_ALLOWED = "not_allowed"
    FILTERED = "filtered"
    FORBIDDEN = "forbidden"
    LEFT = "left"
    OVER = "over"


# Five digits: Twilio, https://www.twilio.com/docs/api/errors. Words with a hyphen or none: what became of its calls.
REASONS: Mapping[str, Reason] = {
    "no-answer": Reason.NO_ANSWER,
    "busy": Reason.BUSY,
    "30003": Reason.UNREACHABLE,
    "30036": Reason.UNREACHABLE,  # its time ran out before the telephone was found
    "21614": Reason.LANDLINE,
    "21635": Reason.LANDLINE,
    "30006": Reason.LANDLINE,
    "21610": Reason.STOPPED,
    _STOPPED: Reason.STOPPED,
    "21211": Reason.NO_SUCH_NUMBER,
    "21214": Reason.NO_SUCH_NUMBER,
    "21217": Reason.NO_SUCH_NUMBER,
    "21401": Reason.NO_SUCH_NUMBER,
    "21421": Reason.NO_SUCH_NUMBER,
    "21604": Reason.NO_SUCH_NUMBER,
    "30005": Reason.NO_SUCH_NUMBER,
    "21215": Reason.NOT_ALLOWED,
    "21216": Reason.NOT_ALLOWED,
    "21408": Reason.NOT_ALLOWED,
    "21612": Reason.NOT_ALLOWED,
    "30004": Reason.FILTERED,
    "30007": Reason.FILTERED,
    "30450": Reason.FILTERED,
    "smtp_550": Reason.NO_SUCH_MAILBOX,
    "smtp_551": Reason.NO_SUCH_MAILBOX,
    "smtp_553": Reason.NO_SUCH_MAILBOX,
    FORBIDDEN: Reason.FORBIDDEN,
    "contact_left": Reason.LEFT,
    OVER: Reason.OVER,
    "too_late": Reason.OVER,
}


def is_hopeless(code: str) -> bool:
    """Whether a message by the same way would fail again.

    STOP is not meant: whether it still holds is said by the contact's own record (`Contact.sms_stopped_at`).
    """
    return code == FORBIDDEN or (twilio_words.is_permanent(code) and not twilio_words.says_stop(code))


def words(code: str) -> str:
    """The reason in the active language; nothing where it is not known."""
    reason = REASONS.get(code)
    return reason_words(reason) if reason else ""


def reason_words(reason: Reason) -> str:
    """The same of a reason."""
    return _words()[reason]


def _words() -> Mapping[Reason, str]:
    return {
        Reason.NO_ANSWER: _("pas de réponse"),
        Reason.BUSY: _("occupé"),
        Reason.UNREACHABLE: _("téléphone éteint ou hors réseau"),
        Reason.LANDLINE: _("ligne fixe, sans SMS"),
        Reason.STOPPED: _("a répondu STOP"),
        Reason.NO_SUCH_NUMBER: _("numéro inconnu"),
        Reason.NO_SUCH_MAILBOX: _("adresse inconnue"),
        Reason.NOT_ALLOWED: _("refusé par l'opérateur"),
        Reason.FILTERED: _("bloqué par l'opérateur"),
        Reason.FORBIDDEN: _("numéro interdit"),
        Reason.LEFT: _("n'est plus à prévenir"),
        Reason.OVER: _("l'alerte est terminée"),
    }
