"""What an invitation says: who asks, and where to read the rest. Pure; nothing in it frightens, or tells a stranger."""

from alerts.domain.messages import Composed, gsm, wording
from alerts.domain.messages.cleaning import clean_name, short_name
from alerts.domain.messages.letter import Letter
from alerts.states import Channel


def compose(name: str, *, language: str, link: str, channel: Channel) -> Composed:
    """The invitation in the name of this victim, for a relative who reads this language."""
    if channel is Channel.EMAIL:
        letter = _letter(name, language, link)
        return Composed(text=letter.text(), subject=letter.subject, html=letter.html())
    return Composed(text=sms(name, language=language, link=link))


def sms(name: str, *, language: str, link: str) -> str:
    """One segment of GSM-7, the link before character 100."""
    said = wording.of(language)
    lead = said.invitation % {"name": short_name(name) or said.somebody}
    drafts = [gsm.to_gsm(f"{lead} {link} {advice}".rstrip()) for advice in said.invitation_advice]
    return next((draft for draft in drafts if gsm.segments(draft) == 1), drafts[-1])


def _letter(name: str, language: str, link: str) -> Letter:
    said = wording.of(language)
    sentence = said.invitation_subject % {"name": clean_name(name) or said.somebody}
    return Letter(
        language=wording.language_of(said),
        subject=sentence,
        sentence="",
        opening=said.invitation_open,
        link=link,
        button=said.invitation_button,
        address=said.mail_address,
        personal=said.invitation_personal,
    )
