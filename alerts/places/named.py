"""French names of places and the small words before them."""

from dataclasses import dataclass
from enum import IntEnum


class Article(IntEnum):
    """How a name begins: INSEE's « type de nom en clair » (TNCC)."""

    NONE = 0
    VOWEL = 1
    LE = 2
    LA = 3
    LES = 4
    L = 5
    AUX = 6
    LAS = 7
    LOS = 8


_WRITTEN = {
    Article.LE: "Le ",
    Article.LA: "La ",
    Article.LES: "Les ",
    Article.L: "L'",
    Article.AUX: "Aux ",
    Article.LAS: "Las ",
    Article.LOS: "Los ",
}
# au Havre, aux Sables-d'Olonne, but à La Rochelle, à L'Haÿ-les-Roses.
_AT = {Article.LE: ("Le ", "au "), Article.LES: ("Les ", "aux ")}
_OF = {Article.LE: ("Le ", "du "), Article.LES: ("Les ", "des "), Article.VOWEL: ("", "d'"), Article.AUX: ("", "d'")}
_THE = {Article.LE: "le ", Article.LA: "la ", Article.LES: "les ", Article.L: "l'"}
_ISLANDS = frozenset({"974", "976"})  # à La Réunion, à Mayotte
_OVERSEAS = "97"


@dataclass(frozen=True, slots=True)
class Departement:
    """A département: its code (60, 2A, 974) and its name without an article (Oise)."""

    code: str
    name: str
    article: Article


def written(name: str, article: Article) -> str:
    """A name as it stands on a map: Le Havre."""
    return _WRITTEN.get(article, "") + name


def at(name: str, article: Article) -> str:
    """Where somebody is, from a name as written: à Compiègne, au Havre, aux Sables-d'Olonne, à La Rochelle."""
    start, becomes = _AT.get(article, ("", "à "))
    return becomes + name.removeprefix(start)


def of(name: str, article: Article) -> str:
    """What somebody is near to, from a name as written: de Compiègne, d'Orléans, du Havre, des Sables-d'Olonne."""
    start, becomes = _OF.get(article, ("", "de "))
    return becomes + name.removeprefix(start)


def within(departement: Departement) -> str:
    """In which département: dans l'Oise, dans les Landes, en Ille-et-Vilaine, en Guadeloupe, à Paris, à Mayotte."""
    the = _THE.get(departement.article)
    if departement.code == "75" or departement.code in _ISLANDS:
        return f"à {departement.name}"
    if the is None or departement.code.startswith(_OVERSEAS):
        return f"en {departement.name}"
    return f"dans {the}{departement.name}"


def the(departement: Departement) -> str:
    """A département with its article in a sentence: l'Oise, le Gard, les Landes, Paris."""
    return _THE.get(departement.article, "") + departement.name


def of_the(departement: Departement) -> str:
    """A département after « limite » or « près »: de l'Oise, du Gard, des Landes, d'Ille-et-Vilaine, de Paris."""
    spoken = the(departement)
    for article, becomes in (("le ", "du "), ("les ", "des ")):
        if spoken.startswith(article):
            return becomes + spoken.removeprefix(article)
    return f"d'{spoken}" if departement.article is Article.VOWEL else f"de {spoken}"
