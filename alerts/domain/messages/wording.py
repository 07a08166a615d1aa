"""Every word that travels by SMS, voice and mail, per language, side by side.

These stand here and not in the catalogues because each is measured against the 160 places of an SMS: a translation is
a change of layout, and a missing one must be a failing test rather than a French message to an English sister.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.states import AlertKind


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The sentences of one language. `%(name)s` is the victim's name, `%(time)s` her time, `%(place)s` the place.

    In `in_charge` the name is that of the relative.
    """

    kinds: Mapping[AlertKind, str]
    drill: str
    over: str
    worse: str
    again: str  # a round of the ladder
    on_call: str  # to the on-call line of her association
    unknown_place: str
    somebody: str
    advice: tuple[str, ...]  # from the longest to the shortest that still helps
    again_advice: tuple[str, ...]
    on_call_advice: tuple[str, ...]
    accompanied_advice: tuple[str, ...]  # to the on-call line, with the association's name
    drill_advice: tuple[str, ...]
    do_not_call: str
    ended: str
    false_alarm: str
    spoken_kinds: Mapping[AlertKind, str]
    spoken_when: str
    spoken_place: str
    spoken_no_place: str
    spoken_elsewhere: str
    spoken_drill: str
    spoken_as_if: str  # in a drill, before what an alert would say
    spoken_worse: str
    nobody_in_charge: str
    no_relative_in_charge: str
    in_charge: str
    spoken_on_call: str
    spoken_accompanied: str
    spoken_keys: str
    spoken_17: str
    taken: str
    taken_by: str
    declined: str
    alert_over: str
    reply_click: str  # read over her shoulder, perhaps: nothing that says what it is about
    reply_click_or_answer: str
    reply_trial: str
    reply_taken: str
    reply_taken_by: str
    reply_declined: str
    reply_over: str
    reply_drill_over: str
    mail_needs: str
    mail_where: str
    mail_open: str
    mail_button: str
    mail_address: str
    mail_own: str
    mail_personal: str
    code_word: str
    invitation: str
    invitation_advice: tuple[str, ...]  # from the longest to the shortest
    invitation_subject: str
    invitation_open: str
    invitation_button: str
    invitation_personal: str


FR = Wording(
    kinds={AlertKind.PREVENTION: "PREVENTION", AlertKind.RESCUE: "SECOURS", AlertKind.ALARM: "ALARME"},
    drill="EXERCICE",
    over="FIN",
    worse="PLUS GRAVE",
    again="RAPPEL",
    on_call="ASTREINTE",
    unknown_place="position inconnue",
    somebody="Une personne",
    advice=(
        "Ouvrez, dites qui fait quoi, appelez le 17 si danger.",
        "Ouvrez. Si danger, appelez le 17.",
        "Danger : 17.",
    ),
    again_advice=(
        "Personne n'est en charge : ouvrez, dites qui fait quoi. Danger : 17.",
        "Personne n'est en charge : ouvrez. Danger : 17.",
        "Danger : 17.",
    ),
    on_call_advice=(
        "Aucun proche n'est en charge : ouvrez, appelez le 17 si danger.",
        "Aucun proche en charge. Danger : 17.",
        "Danger : 17.",
    ),
    accompanied_advice=(
        "Suivie par %(association)s. Aucun proche n'est en charge : ouvrez.",
        "%(association)s : aucun proche en charge. Danger : 17.",
        "%(association)s : aucun proche en charge.",
    ),
    drill_advice=(
        "Ouvrez le lien, rien d'autre. N'appelez pas la police.",
        "Ouvrez le lien, rien d'autre.",
        "Ouvrez.",
    ),
    do_not_call="N'appelez pas %(name)s.",
    ended="%(name)s se dit en sécurité : alerte fermée avec son code. Merci.",
    false_alarm="Fausse alerte, fermée par %(name)s avec son code. Si le 17 est prévenu, rappelez-le.",
    spoken_kinds={
        AlertKind.PREVENTION: "%(name)s vous prévient : elle ne se sent pas en sécurité.",
        AlertKind.RESCUE: "%(name)s appelle au secours.",
        AlertKind.ALARM: "%(name)s donne l'alarme : danger immédiat.",
    },
    spoken_when="Alerte donnée à %(time)s.",
    spoken_place="Sa dernière position : %(place)s.",
    spoken_no_place="Sa position est inconnue pour l'instant.",
    spoken_elsewhere="Sa position est dans votre message.",
    spoken_drill="Ceci est un exercice. N'appelez pas la police.",
    spoken_as_if="Dans une vraie alerte, vous entendriez : %(sentence)s",
    spoken_worse="C'est plus grave qu'avant.",
    nobody_in_charge="Personne n'est en charge pour l'instant.",
    no_relative_in_charge="Aucun de ses proches n'est en charge.",
    in_charge="%(name)s est en charge.",
    spoken_on_call="Ligne d'astreinte.",
    spoken_accompanied="%(name)s est suivie par %(association)s.",
    spoken_keys="Pour prendre en charge, tapez 1. Pour réécouter, tapez 2. Si vous ne pouvez pas aider, tapez 9.",
    spoken_17="En cas de danger, raccrochez et appelez le 17.",
    taken="C'est noté : vous prenez en charge. Ouvrez le lien de votre message.",
    taken_by="%(name)s a déjà pris en charge. Ouvrez le lien de votre message.",
    declined="C'est noté. Merci.",
    alert_over="Cette alerte est terminée. Merci.",
    reply_click="C'est noté.",
    reply_click_or_answer="C'est noté. Si vous répondiez à un message, écrivez OK.",
    reply_trial="C'est noté. C'était un essai : rien n'est parti.",
    reply_taken="Noté par SMS : vous prenez en charge l'alerte de %(name)s. Ce n'est pas vous ? "
    "Ouvrez le lien de votre message.",
    reply_taken_by="%(by)s a déjà pris en charge l'alerte de %(name)s. Ouvrez le lien de votre message pour aider.",
    reply_declined="Noté par SMS : vous ne pouvez pas aider %(name)s. Si c'est faux, répondez OK.",
    reply_over="L'alerte de %(name)s est terminée. Dans le doute, appelez le 17.",
    reply_drill_over="L'exercice de %(name)s est terminé. Merci.",
    mail_needs="Alerte donnée à %(time)s (son heure).",
    mail_where="Où : %(place)s",
    mail_open="Ouvrez votre lien personnel pour voir où elle est et dire qui fait quoi :",
    mail_button="Ouvrir mon lien",
    mail_address="Si le bouton ne fait rien, ouvrez cette adresse :",
    mail_own="Son message : %(text)s",
    mail_personal="Ce lien est le vôtre : ne le transmettez pas. Il cesse de fonctionner à la fin de l'alerte.",
    code_word="Mot convenu : %(word)s.",
    # Nothing that tells a stranger, or who looks over a shoulder, what it is about.
    invitation="%(name)s vous demande d'être une de ses personnes de confiance :",
    invitation_advice=("Lisez, puis dites oui ou non. Rien d'urgent.", "Rien d'urgent.", ""),
    invitation_subject="%(name)s vous demande d'être une de ses personnes de confiance",
    invitation_open="Lisez ce que cela veut dire, puis répondez :",
    invitation_button="Lire et répondre",
    invitation_personal="Rien d'urgent. Ce lien est le vôtre : ne le transmettez pas. Gardez-le : il sert aussi à "
    "changer d'avis, à tout moment.",
)

EN = Wording(
    kinds={AlertKind.PREVENTION: "PREVENTION", AlertKind.RESCUE: "RESCUE", AlertKind.ALARM: "ALARM"},
    drill="DRILL",
    over="END",
    worse="WORSE",
    again="REMINDER",
    on_call="ON-CALL",
    unknown_place="position unknown",
    somebody="Somebody",
    advice=(
        "Open, say who does what, call 17 if she is in danger.",
        "Open. If she is in danger: 17.",
        "Danger: 17.",
    ),
    again_advice=(
        "Nobody is in charge: open, say who does what. Danger: 17.",
        "Nobody is in charge: open. Danger: 17.",
        "Danger: 17.",
    ),
    on_call_advice=(
        "No relative is in charge: open, call 17 if she is in danger.",
        "No relative in charge. Danger: 17.",
        "Danger: 17.",
    ),
    accompanied_advice=(
        "Supported by %(association)s. No relative is in charge: open.",
        "%(association)s: no relative in charge. Danger: 17.",
        "%(association)s: no relative in charge.",
    ),
    drill_advice=(
        "Open the link, nothing else. Do not call the police.",
        "Open the link, nothing else.",
        "Open.",
    ),
    do_not_call="Do not ring %(name)s.",
    ended="%(name)s says she is safe: alert closed with her PIN. Thank you.",
    false_alarm="False alarm, closed by %(name)s with her PIN. If 17 was called, tell them.",
    spoken_kinds={
        AlertKind.PREVENTION: "%(name)s is warning you: she does not feel safe.",
        AlertKind.RESCUE: "%(name)s is calling for help.",
        AlertKind.ALARM: "%(name)s raised the alarm: immediate danger.",
    },
    spoken_when="Alert given at %(time)s.",
    spoken_place="Her last position: %(place)s.",
    spoken_no_place="Her position is unknown for now.",
    spoken_elsewhere="Her position is in your message.",
    spoken_drill="This is a drill. Do not call the police.",
    spoken_as_if="In a real alert, you would hear: %(sentence)s",
    spoken_worse="It is worse than before.",
    nobody_in_charge="Nobody is in charge for now.",
    no_relative_in_charge="None of her relatives is in charge.",
    in_charge="%(name)s is in charge.",
    spoken_on_call="On-call line.",
    spoken_accompanied="%(name)s is supported by %(association)s.",
    spoken_keys="To take charge, press 1. To listen again, press 2. If you cannot help, press 9.",
    spoken_17="If she is in danger, hang up and call 17.",
    taken="Noted: you are in charge. Open the link in your message.",
    taken_by="%(name)s is already in charge. Open the link in your message.",
    declined="Noted. Thank you.",
    alert_over="This alert is over. Thank you.",
    reply_click="Got it.",
    reply_click_or_answer="Got it. If you were answering a message, write OK.",
    reply_trial="Got it. It was a test: nothing was sent.",
    reply_taken="Noted by SMS: you are in charge of the alert of %(name)s. Not you? Open the link in your message.",
    reply_taken_by="%(by)s is already in charge of the alert of %(name)s. Open the link in your message to help.",
    reply_declined="Noted by SMS: you cannot help %(name)s. If that is wrong, write OK.",
    reply_over="The alert of %(name)s is over. If in doubt, call 17.",
    reply_drill_over="The drill of %(name)s is over. Thank you.",
    mail_needs="Alert given at %(time)s (her time).",
    mail_where="Where: %(place)s",
    mail_open="Open your personal link to see where she is and to say who does what:",
    mail_button="Open my link",
    mail_address="If the button does nothing, open this address:",
    mail_own="Her message: %(text)s",
    mail_personal="This link is yours: do not pass it on. It stops working when the alert ends.",
    code_word="Code word: %(word)s.",
    invitation="%(name)s asks you to be one of the people she trusts:",
    invitation_advice=("Read it, then say yes or no. Nothing urgent.", "Nothing urgent.", ""),
    invitation_subject="%(name)s asks you to be one of the people she trusts",
    invitation_open="Read what that means, then answer:",
    invitation_button="Read and answer",
    invitation_personal="Nothing urgent. This link is yours: do not pass it on. Keep it: it also lets you change your "
    "mind, at any time.",
)

WORDINGS: Mapping[str, Wording] = {"fr": FR, "en": EN}


def of(language: str) -> Wording:
    """The wording of a contact's language; French where there is none."""
    return WORDINGS.get(language.split("-", maxsplit=1)[0].lower(), FR)


def language_of(said: Wording) -> str:
    """The language of a wording."""
    return next(language for language, words in WORDINGS.items() if words is said)
