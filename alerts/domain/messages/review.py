"""What her safe address reads once something waits for her decision: no word of what it is, nor of the service's name.

FR and EN side by side, as in `wording`: a text is one segment of GSM-7, whatever the name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.domain.messages import gsm


@dataclass(frozen=True, kw_only=True)
class ReviewWording:
    """One language. `%(name)s` is the name that her pages bear."""

    sentence: str
    advice: str


FR = ReviewWording(
    sentence="%(name)s : une question attend votre réponse, derrière votre code. Rien ne se perd d'ici là.",
    advice="Connectez-vous depuis un appareil sûr. Sans réponse de votre part, rien ne change.",
)
EN = ReviewWording(
    sentence="%(name)s: a question awaits your answer, behind your code. Nothing is lost until then.",
    advice="Sign in from a safe device. Without your answer nothing changes.",
)
WORDINGS: Mapping[str, ReviewWording] = {"fr": FR, "en": EN}


@dataclass(frozen=True, kw_only=True)
class Question:
    """Under which name, and in which language."""

    name: str
    language: str = "fr"

    def text(self) -> str:
        """An SMS of one segment."""
        return gsm.to_gsm(self._sentence())

    def letter(self) -> str:
        """A mail, in plain text."""
        return f"{self._sentence()}\n\n{self._said.advice}\n"

    @property
    def _said(self) -> ReviewWording:
        return WORDINGS.get(self.language.split("-", maxsplit=1)[0].lower(), FR)

    def _sentence(self) -> str:
        return self._said.sentence % {"name": self.name}
