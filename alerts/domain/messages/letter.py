"""A mail as its reader sees it, once as text and once as a page; both say the same, in the same order.

The page loads nothing from anywhere and tells nobody that it was read. Whatever people wrote is text in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.template.loader import render_to_string

_TEMPLATE = "messages/mail.html"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """The parts of one mail; what is empty is left out. `grave` is a rescue or an alarm that goes on."""

    language: str
    subject: str
    sentence: str
    label: str = ""  # of a drill
    grave: bool = False
    needs: str = ""
    where: str = ""
    opening: str = ""
    link: str = ""
    button: str = ""
    address: str = ""  # said before the address in letters, for whom the button does nothing
    own: str = ""
    advice: str = ""
    personal: str = ""

    def text(self) -> str:
        """Paragraphs, the address on a line of its own."""
        return "\n\n".join(self._paragraphs()) + "\n"

    def html(self) -> str:
        """One page without scripts, images or addresses other than the link."""
        return render_to_string(_TEMPLATE, {"letter": self})

    def _paragraphs(self) -> Iterator[str]:
        opening = f"{self.opening}\n{self.link}" if self.link else ""
        parts = (self.subject, self.label, self.sentence, self.needs, self.where, opening, self.own)
        yield from (part for part in (*parts, self.advice, self.personal) if part)
