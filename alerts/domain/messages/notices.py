"""What her safe address reads of a change: no word of alerts, relatives or the service's real name.

FR and EN side by side, as in `wording`: a text is one segment of GSM-7, whatever the name and the device.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from alerts.domain.messages import gsm
from alerts.domain.messages.cleaning import clean_text
from alerts.models import ChangeKind

_MOST_DETAIL = 30


@dataclass(frozen=True, kw_only=True)
class NoticeWording:
    """One language. `%(what)s` is the change, `%(when)s` her local time."""

    changes: Mapping[str, str]
    when: str
    sentence: str
    advice: str
    letter_advice: str


FR = NoticeWording(
    changes={
        ChangeKind.SIGNED_IN: "nouvelle connexion",
        ChangeKind.SIGNED_OUT: "une connexion fermée à distance",
        ChangeKind.PASSWORD: "mot de passe changé",
        ChangeKind.SECOND_FACTOR: "deuxième vérification changée",
        ChangeKind.RECOVERY: "code de secours créé",
        ChangeKind.RECOVERED: "entrée par code de secours",
        ChangeKind.CODES: "codes changés",
        ChangeKind.CONTACTS: "liste de personnes changée",
        ChangeKind.SAFE_ADDRESS: "adresse de ces messages changée",
        ChangeKind.SHEET: "fiche changée",
        ChangeKind.SETTINGS: "réglages changés",
        ChangeKind.PHONES: "téléphones changés",
        ChangeKind.ASSOCIATION: "partage changé",
        ChangeKind.TAKEN_AWAY: "copie des informations emportée",
        ChangeKind.ERASED: "informations effacées",
    },
    when="%(day)s/%(month)s à %(time)s",
    sentence="%(name)s : %(what)s le %(when)s.",
    advice="Si ce n'était pas voulu, changez le mot de passe.",
    letter_advice="Si c'était voulu, il n'y a rien à faire. Sinon, changez le mot de passe depuis un appareil sûr, "
    "fermez les autres sessions, et parlez-en à l'association qui vous accompagne.",
)
EN = NoticeWording(
    changes={
        ChangeKind.SIGNED_IN: "new sign-in",
        ChangeKind.SIGNED_OUT: "a session ended from afar",
        ChangeKind.PASSWORD: "password changed",
        ChangeKind.SECOND_FACTOR: "second check changed",
        ChangeKind.RECOVERY: "recovery code drawn",
        ChangeKind.RECOVERED: "entered by recovery code",
        ChangeKind.CODES: "codes changed",
        ChangeKind.CONTACTS: "list of people changed",
        ChangeKind.SAFE_ADDRESS: "address of these messages changed",
        ChangeKind.SHEET: "sheet changed",
        ChangeKind.SETTINGS: "settings changed",
        ChangeKind.PHONES: "telephones changed",
        ChangeKind.ASSOCIATION: "sharing changed",
        ChangeKind.TAKEN_AWAY: "a copy of the data was taken",
        ChangeKind.ERASED: "data erased",
    },
    when="%(day)s/%(month)s at %(time)s",
    sentence="%(name)s: %(what)s on %(when)s.",
    advice="If it was not meant, change the password.",
    letter_advice="If it was meant, there is nothing to do. If not, change the password from a safe device, end the "
    "other sessions, and tell the association that supports you.",
)
WORDINGS: Mapping[str, NoticeWording] = {"fr": FR, "en": EN}


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One change. `at` is UTC; `detail` is a device, or nothing."""

    kind: str
    name: str
    at: datetime
    time_zone: tzinfo
    language: str = "fr"
    detail: str = ""

    def text(self) -> str:
        """An SMS of one segment."""
        return gsm.to_gsm(f"{self._sentence()} {self._said.advice}")

    def subject(self) -> str:
        """Of a mail: the name alone, because subjects are shown on locked screens."""
        return self.name

    def letter(self) -> str:
        """A mail, in plain text."""
        return f"{self._sentence()}\n\n{self._said.letter_advice}\n"

    @property
    def _said(self) -> NoticeWording:
        return WORDINGS.get(self.language.split("-", maxsplit=1)[0].lower(), FR)

    def _sentence(self) -> str:
        local = self.at.astimezone(self.time_zone)
        when = self._said.when % {"day": local.day, "month": local.month, "time": f"{local:%H:%M}"}
        what = self._said.changes[self.kind]
        if detail := clean_text(self.detail, _MOST_DETAIL):
            what = f"{what} ({detail})"
        return self._said.sentence % {"name": self.name, "what": what, "when": when}
