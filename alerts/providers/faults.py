"""Codes, as rows keep them, of refusals that only an operator can mend: our key, account, sender or settings.

Of two kinds. What is wrong with all of us (`OURS`) rests a network at once and turns the auditor. What concerns one
number alone (`ONE_NUMBER`) does neither: a network that may not write to Belgium is well for everybody else, and
another one may take just that message.
"""

from collections.abc import Mapping

from alerts.providers.twilio_words import VERDICTS, Verdict

# Twilio refuses one country or one number, for a reason that lies with us. https://www.twilio.com/docs/api/errors
_ONE_NUMBER: Mapping[str, str] = {
    "21215": "calls to this country are switched off in the account",
    "21219": "a trial account calls verified numbers alone",
    "21408": "texts to this country are switched off in the account",
    "21608": "a trial account writes to verified numbers alone",
    "21612": "our sender cannot reach this number",
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

OURS = frozenset({*_OF_TWILIO, *_OF_OVH, *_MAIL})
OURS_BY_PREFIX = ("smtp_login_5", "smtp_sender_5")  # our mail server refuses our password, our address
ONE_NUMBER = frozenset(_ONE_NUMBER)
