"""Where somebody is, said in words: on the page, in messages, in the timeline.

One answer in the length that each place has room for: `brief` for a text, `full` for a page, `sentence` for what is
read aloud; `beside` is what else the police should know. The commune and the département come from `alerts.places`;
where that knows nothing, coordinates stand alone.
"""

from alerts import places
from alerts.places import Departement, Place, named

_NEAR = "~"
_PARIS = "75"
_FAR = 2_000  # metres: from here on "near" needs a number
_ARRONDISSEMENT = " arrondissement"
_LANGUAGES = ("fr", "en")


def facts(latitude: float, longitude: float) -> dict[str, object]:
    """What the pages are told of where a position lies; `where` and `beside` are words, by language."""
    place = places.find(latitude, longitude)
    if place is None:
        return unknown()
    return {
        "commune": place.commune,
        "insee": place.insee,
        "departement": _coded(place.departement),
        "near": place.near,
        "neighbour": _coded(place.neighbour) if place.neighbour else None,
        "where": {language: full(place, language) for language in _LANGUAGES},
        "beside": {language: beside(place, language) for language in _LANGUAGES},
    }


def unknown() -> dict[str, object]:
    """The same keys where nothing is known."""
    return {
        "commune": None,
        "insee": None,
        "departement": None,
        "near": False,
        "neighbour": None,
        "where": None,
        "beside": None,
    }


def brief(place: Place, language: str) -> str:
    """Compiègne (60), près du Havre (76), Paris 12e (75)."""
    return f"{_name(place, language, _short(place))} ({place.departement.code})"


def full(place: Place, language: str) -> str:
    """Compiègne, Oise (60); près du Havre, Seine-Maritime (76); Paris 12e arrondissement (75)."""
    return f"{_name(place, language, place.commune)}{_departement(place.departement)}"


def beside(place: Place, language: str) -> str:
    """How far the nearest commune is, and a département so close that its police may be the right one; or nothing."""
    return ", ".join(part for part in (_distance(place, language), _neighbour(place, language)) if part)


def sentence(place: Place, language: str) -> str:
    """What a voice says: à Compiègne, dans l'Oise; in Compiègne, Oise."""
    name = _short(place)
    is_paris = place.departement.code == _PARIS
    if _is_english(language):
        within = "" if is_paris else f", {place.departement.name}"
        return f"{'near' if place.near else 'in'} {name}{within}"
    within = "" if is_paris else f", {named.within(place.departement)}"
    return f"{_at(place, name)}{within}"


def note(latitude: float, longitude: float) -> str:
    """A place as a line of the timeline keeps it: the INSEE code, with ~ before it for near; empty if unknown."""
    place = places.find(latitude, longitude)
    if place is None:
        return ""
    return f"{_NEAR if place.near else ''}{place.insee}"


def noted(kept: str, language: str) -> str:
    """A note in words: à Compiègne (60), près du Havre (76); empty if there is none, or if the code is no more."""
    place = places.commune(kept.removeprefix(_NEAR)) if kept else None
    if place is None:
        return ""
    is_near, name = kept.startswith(_NEAR), _short(place)
    if _is_english(language):
        words = f"{'near' if is_near else 'in'} {name}"
    else:
        words = f"près {named.of(name, place.article)}" if is_near else named.at(name, place.article)
    return f"{words} ({place.departement.code})"


def _is_english(language: str) -> bool:
    return language.lower().startswith("en")


def _coded(departement: Departement) -> dict[str, str]:
    return {"code": departement.code, "name": departement.name}


def _short(place: Place) -> str:
    return place.commune.removesuffix(_ARRONDISSEMENT)


def _name(place: Place, language: str, name: str) -> str:
    if not place.near:
        return name
    return f"near {name}" if _is_english(language) else f"près {named.of(name, place.article)}"


def _at(place: Place, name: str) -> str:
    return f"près {named.of(name, place.article)}" if place.near else named.at(name, place.article)


def _departement(departement: Departement) -> str:
    """, Oise (60); after Paris itself the code alone."""
    return f" ({departement.code})" if departement.code == _PARIS else f", {departement.name} ({departement.code})"


def _distance(place: Place, language: str) -> str:
    """How far "near" is, once it is more than a walk."""
    if place.metres < _FAR:
        return ""
    kilometres = round(place.metres / 1_000)
    return f"{kilometres} km away" if _is_english(language) else f"à {kilometres} km"


def _neighbour(place: Place, language: str) -> str:
    other = place.neighbour
    if other is None:
        return ""
    if _is_english(language):
        words = f"near {other.name} too" if place.near else f"less than 1 km from {other.name}"
    else:
        of_the = named.of_the(other)
        words = f"près aussi {of_the}" if place.near else f"à moins de 1 km {of_the}"
    return f"{words} ({other.code})"
