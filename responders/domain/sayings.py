"""The sentences for 17 and for 114, in the active language: the same parts and lines in each.

What is not known is left out, or said to be unknown where the operator asks for it; nothing is invented.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from alerts.domain.messages.gsm import to_gsm
from alerts.domain.sheets import PROTECTION_NAMES
from alerts.places import Place
from responders.domain import home, spoken, wording
from responders.domain.home import Home

State = Mapping[str, Any]


class Nearness(StrEnum):
    """How the caller stands to her, which decides what to say first: 17 is routed by where the CALLER is."""

    UNKNOWN = "unknown"  # the caller does not say where she or he is, or it is not known where she is
    BESIDE = "beside"
    SAME = "same"  # the same département: the right room answers
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing to say. `means` is the same in the reader's language, or nothing. `key` names what the page renews."""

    says: str
    means: str = ""
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What belongs to one question of the operator; `hint` is for the reader's eyes."""

    title: str
    lines: tuple[Line, ...]
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known at this moment."""

    name: str
    kind: str
    opened: str  # 21:04
    duress: bool
    phone_allowed: bool
    home: Home
    her_number: str
    own_number: str
    position: State | None
    fixed: str  # 21:04, of the newest fix
    place: Place | None
    nearness: Nearness
    own_place: Place | None


def opening(facts: Facts) -> str:
    """The first sentence, before any question."""
    if facts.position is None:
        return _("« Une personne est en danger. Elle n'est pas avec moi et je n'ai pas sa position. »")
    if facts.place is None:
        if facts.nearness is Nearness.BESIDE:
            return _("« Une personne est en danger. Je suis à côté. »")
        return _("« La personne en danger n'est pas avec moi. Je vous donne sa position. »")
    sentences = {
        Nearness.UNKNOWN: _("« La personne en danger n'est pas avec moi : elle est %(where)s. »"),
        Nearness.BESIDE: _("« Une personne est en danger %(where)s. Je suis à côté. »"),
        Nearness.SAME: _("« Une personne est en danger %(where)s. Elle n'est pas avec moi. »"),
        Nearness.ELSEWHERE: _(
            "« La personne en danger n'est pas avec moi : elle est %(where)s. Moi, je suis %(own)s. "
            "Pouvez-vous me transférer ? »"
        ),
    }
    own = spoken.commune(facts.own_place) if facts.own_place else ""
    return sentences[facts.nearness] % {"where": spoken.commune(facts.place), "own": own}


def hint(near: Nearness) -> str:
    """What the reader must know of how 17 is routed, in the active language."""
    routed = _(
        "Le 17 répond pour l'endroit d'où vous appelez : si elle est ailleurs, demandez à être transféré et restez "
        "en ligne."
    )
    same = _("Vous êtes dans son département : le 17 qui répond est sans doute le bon.")
    far = _("Le 17 qui vous répond n'est pas celui de son département : demandez à être transféré et restez en ligne.")
    hints = {
        Nearness.UNKNOWN: routed,
        Nearness.BESIDE: _("Restez à distance, à l'abri."),
        Nearness.SAME: same,
        Nearness.ELSEWHERE: far,
    }
    return hints[near]


def parts(facts: Facts) -> Iterator[Part]:
    """In the operator's order; where nothing is known, the question that will come."""
    yield Part(title=_("Où"), lines=(*_where(facts),))
    yield from _home(facts.home)
    yield Part(title=_("Ce qui se passe"), lines=(*_what(facts),), hint=_("Est-ce que cela continue ?"))
    yield from _people(facts)
    yield _call_back(facts)
    stay = _("Répondez aux questions. Si vous ne savez pas, dites-le. Ne raccrochez pas le premier.")
    yield Part(title=_("Restez en ligne"), lines=(), hint=stay)


def hers(facts: Facts) -> Iterator[Part]:
    """The parts that hold what she wrote, as she is shown them before she stores them."""
    yield from _home(facts.home)
    yield from _people(facts)


def _home(sheet: Home) -> Iterator[Part]:
    if any((sheet.address, sheet.building, sheet.floor, sheet.code, sheet.residents)):
        yield Part(title=_("Son domicile, si elle y est"), lines=(*_at_home(sheet), *_residents(sheet)))


def _people(facts: Facts) -> Iterator[Part]:
    sheet = facts.home
    age = "" if sheet.person else _("Son âge, enceinte, un handicap ?")
    yield Part(title=_("Qui est en danger"), lines=(*_who(facts),), hint=age)
    yield _asked(_("Des enfants"), [sheet.children], hint=_("Avec elle ? Combien, quel âge ?"))
    yield _aggressor(sheet)
    protection = _("Ordonnance de protection, téléphone grave danger, bracelet ?")
    decided = [str(PROTECTION_NAMES[one]) for one in sheet.protections]
    yield _asked(_("Protection"), [*decided, sheet.order], hint=protection)


def _aggressor(sheet: Home) -> Part:
    """Who it is, then each with its word in front: a plate alone says nothing to who hears it."""
    told = [Line(says=text) for text in home.lines(sheet.aggressor)]
    if sheet.weapons:
        told.append(Line(says=_("Armes : %s") % _one_line(sheet.weapons)))
    if sheet.vehicle:
        told.append(Line(says=_("Véhicule : %s") % _one_line(sheet.vehicle)))
    return Part(title=_("L'agresseur"), lines=(*told,), hint="" if told else _("Nom, lien, armes, alcool, voiture ?"))


def _residents(sheet: Home) -> Iterator[Line]:
    if sheet.residents:
        yield Line(says=_("Y vivent : %s") % _one_line(sheet.residents))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _where(facts: Facts) -> Iterator[Line]:
    position = facts.position
    if position is None:
        yield Line(says=_("Je ne connais pas sa position."))
        return
    if street := (position["street"] or {}).get(get_language()):
        yield Line(says=spoken.capital(street))
    if facts.place:
        yield Line(says=spoken.capital(spoken.commune(facts.place)))
        if neighbour := facts.place.neighbour:
            border = _("Tout près d'un autre département : %(name)s (%(code)s).")
            yield Line(says=border % {"name": neighbour.name, "code": neighbour.code})
    yield Line(says=wording.coordinates(position["latitude"], position["longitude"]), key="where")
    yield Line(says=spoken.fix(position, facts.fixed), key="fix")


def _at_home(sheet: Home) -> Iterator[Line]:
    for text in (*home.lines(sheet.address), *home.lines(sheet.building)):
        yield Line(says=text)
    if sheet.floor is not None:
        yield Line(says=_("Étage : %s") % sheet.floor if sheet.floor else _("Étage : pas connu."))
    if sheet.code is not None:
        yield Line(says=_("Code de la porte : %s") % sheet.code if sheet.code else _("Code de la porte : pas connu."))


def _what(facts: Facts) -> Iterator[Line]:
    sentences = {
        "prevention": _("%(name)s a prévenu ses proches avec son bouton d'alerte à %(time)s."),
        "rescue": _("%(name)s a demandé du secours avec son bouton d'alerte à %(time)s."),
        "alarm": _("%(name)s a donné l'alarme avec son bouton d'alerte à %(time)s."),
    }
    yield Line(says=sentences[facts.kind] % {"name": facts.name, "time": facts.opened})
    yield Line(says=_("Personne menacée de violences conjugales."))
    if facts.duress:
        yield Line(says=_("Elle a été forcée d'arrêter l'alerte."))


def _who(facts: Facts) -> Iterator[Line]:
    yield Line(says=facts.name)
    for text in home.lines(facts.home.person):
        yield Line(says=text)
    if facts.her_number:
        yield Line(says=_("Son numéro : %s") % facts.her_number)
        if not facts.phone_allowed:
            yield Line(says=_("L'appeler peut la mettre en danger."))


def _asked(title: str, texts: list[str | None], *, hint: str) -> Part:
    """What she wrote; the hint where she wrote nothing."""
    told = tuple(Line(says=line) for text in texts for line in home.lines(text))
    return Part(title=title, lines=told, hint="" if told else hint)


def _call_back(facts: Facts) -> Part:
    title = _("Rappel")
    if not facts.own_number:
        return Part(title=title, lines=(), hint=_("Donnez votre numéro."))
    return Part(title=title, lines=(Line(says=_("Mon numéro : %s") % facts.own_number),))


def text_114(facts: Facts) -> str:
    """114 asks for the place in the first message; the page renews {time} and {place}, which come before her words."""
    parts = [
        _("DANGER, besoin de la police. Lieu, par son téléphone à {time} : {place}.")
        if facts.position
        else _("DANGER, besoin de la police. Sa position n'est pas connue.")
    ]
    known = replace(facts.home, floor=facts.home.floor or None, code=facts.home.code or None)
    if told := [line.says for line in _at_home(known)]:
        parts.append(_("Domicile : %s.") % ", ".join(told))
    parts += [line.says for line in _what(facts)]
    return to_gsm(" ".join(parts))
