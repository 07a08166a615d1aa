"""Services that relay mail: what each wants in a mail so that it changes nothing in it, and so that its events name us.

A relay that rewrites links for counting clicks would hold every personal link and open it through machines: where a
header can forbid it, it does; where none can, the service's own settings must (docs/operations.md).
"""

import json
from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

DELIVERY = "delivery"  # the word under which a relay gives our id back

_HOSTS = {
    "brevo.com": "brevo",
    "sendinblue.com": "brevo",
    "mailgun.org": "mailgun",
    "mailjet.com": "mailjet",
    "mailtrap.io": "mailtrap",
    "postmarkapp.com": "postmark",
    "resend.com": "resend",
    "sparkpostmail.com": "sparkpost",
}


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value)  # with its spaces: a header is folded at them, and coded beyond recognition without


def _own(delivery: UUID) -> Mapping[str, str]:
    return {DELIVERY: str(delivery)}


# Headers per service. Sources: each service's page on SMTP headers.
HEADERS: Mapping[str, Callable[[UUID], Mapping[str, str]]] = {
    "brevo": lambda delivery: {"X-Mailin-custom": _json(_own(delivery))},
    "mailgun": lambda delivery: {
        "X-Mailgun-Track": "no",
        "X-Mailgun-Track-Clicks": "no",
        "X-Mailgun-Track-Opens": "no",
        "X-Mailgun-Variables": _json(_own(delivery)),
    },
    "mailjet": lambda delivery: {
        "X-Mailjet-TrackOpen": "0",
        "X-Mailjet-TrackClick": "0",
        "X-MJ-EventPayload": _json(_own(delivery)),
    },
    "mailtrap": lambda delivery: {"X-MT-Custom-Variables": _json(_own(delivery))},
    "postal": lambda delivery: {"X-Postal-Tag": str(delivery)},
    "postmark": lambda delivery: {
        "X-PM-KeepID": "true",
        "X-PM-TrackOpens": "false",
        "X-PM-TrackLinks": "None",
        f"X-PM-Metadata-{DELIVERY}": str(delivery),
    },
    "resend": lambda delivery: {"X-Metadata": _json(_own(delivery))},
    "sparkpost": lambda delivery: {
        "X-MSYS-API": _json(
            {
                "metadata": _own(delivery),
                "options": {"open_tracking": False, "click_tracking": False, "transactional": True},
            }
        )
    },
}


def behind(host: str) -> frozenset[str]:
    """The service that this mail server belongs to, if it is a known one."""
    name = host.lower()
    return frozenset(relay for end, relay in _HOSTS.items() if name == end or name.endswith(f".{end}"))


def headers(relays: Iterable[str], delivery: UUID) -> Mapping[str, str]:
    """What these services want to find in the mail of this delivery."""
    wanted: dict[str, str] = {}
    for relay in sorted(relays):
        if relay in HEADERS:
            wanted |= HEADERS[relay](delivery)
    return wanted
