"""What a text to our number is answered: one segment of GSM-7, whatever the names. Pure."""

from dataclasses import dataclass

from alerts.domain.messages import gsm, wording
from alerts.domain.messages.cleaning import short_name
from alerts.domain.messages.wording import Wording


def clicked(language: str, *, or_answered: bool) -> str:
    """To her own telephone. `or_answered`: the same figure may have been an answer to somebody else's alert."""
    said = wording.of(language)
    return gsm.to_gsm(said.reply_click_or_answer if or_answered else said.reply_click)


def tried(language: str) -> str:
    """To her own telephone: a text of hers is heard."""
    return gsm.to_gsm(wording.of(language).reply_trial)


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """Answers one contact, in her or his language, about the alert or the drill of the victim with this name."""

    language: str
    name: str
    drill: bool

    def taken(self) -> str:
        """In charge from now on, by a text that may have been forged."""
        return self._labelled(self._said.reply_taken % {"name": self._short(self.name)})

    def taken_by(self, other: str) -> str:
        """Somebody else was faster."""
        return self._labelled(self._said.reply_taken_by % {"name": self._short(self.name), "by": self._short(other)})

    def declined(self) -> str:
        """Cannot help."""
        return self._labelled(self._said.reply_declined % {"name": self._short(self.name)})

    def over(self) -> str:
        """The alert has ended, however it did."""
        sentence = self._said.reply_drill_over if self.drill else self._said.reply_over
        return gsm.to_gsm(sentence % {"name": self._short(self.name)})

    @property
    def _said(self) -> Wording:
        return wording.of(self.language)

    def _labelled(self, text: str) -> str:
        return gsm.to_gsm(f"{self._said.drill}. {text}" if self.drill else text)

    def _short(self, name: str) -> str:
        return short_name(name) or self._said.somebody
