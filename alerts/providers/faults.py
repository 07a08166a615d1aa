"""Refusals that are our own fault: until somebody repairs the installation, nobody at all is told.

The auditor reads these codes in rows. Sources: https://www.twilio.com/docs/api/errors for the codes of five digits;
those of three are statuses of HTTP; `ovh_` stands before OVHcloud's `errorCode` or status; those of mail are our own
(`alerts.providers.mailbox`).
"""

from collections.abc import Mapping

OURS: Mapping[str, str] = {
    "401": "our key is refused",
    "403": "our key may not do this",
    "10001": "the account is not active",
    "20003": "our key is wrong",
    "20005": "the account is not active",
    "20404": "the account is not known",
    "21210": "our caller number is not verified",
    "21212": "our sender is wrong",
    "21213": "our caller number is missing",
    "21215": "calls to this country are switched off in the account",
    "21219": "a trial account calls verified numbers alone",
    "21408": "texts to this country are switched off in the account",
    "21472": "the account is not active",
    "21603": "our sender is missing",
    "21606": "our sender cannot send texts",
    "21608": "a trial account writes to verified numbers alone",
    "21659": "our sender is not a number of the network",
    "21660": "our sender is not a number of the account",
    "21661": "our sender cannot send texts",
    "30002": "the account was suspended",
    "63038": "the account sent all that it may today",
    "ovh_INVALID_CREDENTIAL": "our key is wrong",
    "ovh_INVALID_KEY": "our key is wrong",
    "ovh_INVALID_SIGNATURE": "our secret or our clock is wrong",
    "ovh_NOT_CREDENTIAL": "our key is missing",
    "ovh_NOT_GRANTED_CALL": "our key may not do this",
    "ovh_QUERY_TIME_OUT": "our clock is wrong",
    "ovh_401": "our key is refused",
    "ovh_402": "no credit is left",
    "ovh_403": "our key may not do this",
    "ovh_404": "the SMS service is not known",
    "ovh_460": "the SMS service has expired",
    "smtp_bad_sender": "our address is none",
    "smtp_not_trusted": "our mail server offers no TLS, or a certificate that is not valid",
}
OURS_BY_PREFIX: Mapping[str, str] = {
    "smtp_login_5": "our mail server refuses our password",
    "smtp_sender_5": "our mail server refuses our address",
}
