"""Codes, as rows keep them, of refusals that only an operator can mend: our key, account, sender or settings."""

from collections.abc import Mapping

from alerts.providers.twilio_words import VERDICTS, Verdict

# Twilio refuses one country or one number, for a reason that lies in our account. https://www.twilio.com/docs/api/errors
_SETTINGS: Mapping[str, str] = {
    "21215": "calls to this country are switched off in the account",
    "21219": "a trial account calls verified numbers alone",
    "21408": "texts to this country are switched off in the account",
    "21608": "a trial account writes to verified numbers alone",
    "63038": "the account sent all that it may today",
}
_MAIL: Mapping[str, str] = {
    "smtp_bad_sender": "our address is none",
    "smtp_not_trusted": "our mail server offers no TLS, or a certificate that is not valid",
}
# Of OVHcloud: key, clock, credit and account.
_OVH_WORDS = ("INVALID_CREDENTIAL", "INVALID_KEY", "INVALID_SIGNATURE", "NOT_CREDENTIAL", "NOT_GRANTED_CALL")
_OVH_CODES = ("QUERY_TIME_OUT", "401", "402", "403", "404", "460")
_OF_OVH = frozenset(f"ovh_{word}" for word in (*_OVH_WORDS, *_OVH_CODES))
_OF_TWILIO = frozenset(str(code) for code, verdict in VERDICTS.items() if verdict is Verdict.OUR_FAULT)

OURS = frozenset({*_OF_TWILIO, *_OF_OVH, *_SETTINGS, *_MAIL})
OURS_BY_PREFIX = ("smtp_login_5", "smtp_sender_5")  # our mail server refuses our password, our address
